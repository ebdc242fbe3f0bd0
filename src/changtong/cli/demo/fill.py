"""``changtong demo fill``: as many tickets as wanted, written with COPY by all cores."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_char, c_int64
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkProcess
from typing import Annotated, Any

import psycopg
import typer
from django.db import connection as django_connection
from django.db import connections, transaction
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from changtong.cli import search
from changtong.cli.demo.filling import staffing, stretch
from changtong.cli.demo.filling.copying import copied, ids, taken
from changtong.cli.demo.filling.country import Population
from changtong.cli.demo.filling.setting import (
    First,
    Setting,
    customer_tables,
    write_customers,
)
from changtong.cli.demo.filling.stretch import Tickets
from changtong.infra.clock import now
from changtong.infra.cluster import Unusable
from changtong.infra.db import Lock
from changtong.infra.processes import ProgramFailed
from changtong.journal import domain as sealing
from changtong.journal import operations as journal
from changtong.search.queries.sources import CUSTOMER, LINE, TICKET
from changtong.standard import queries as standard


SEED = 20261122
YEARS = 2
TICKETS_A_CUSTOMER = 4
CHUNK = 4_000
FORK = multiprocessing.get_context("fork")
console = Console()


def fill(
    tickets: Annotated[int, typer.Option(min=1, help="How many")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same tickets")] = SEED,
    processes: Annotated[int, typer.Option(min=1, help="By default one for each core")] = len(
        os.sched_getaffinity(0)
    ),
) -> None:
    """
    Fill the database with tickets of the last two years and all that belongs to them.

    For trying out and measuring; nobody else may write meanwhile, since the journal is locked.
    """
    begun = time.monotonic()
    with _connected() as connection:
        setting = prepared(connection, tickets=tickets, seed=seed, at=now())
    connections.close_all()
    shared = Shared()
    chunks = -(-tickets // CHUNK)
    workers = [
        FORK.Process(target=_work, args=(setting, shared, start, processes, chunks), daemon=True)
        for start in range(min(processes, chunks))
    ]
    with _journal_locked() as lock:
        shared.begin(lock, entries=tickets * stretch.ENTRIES)
        for worker in workers:
            worker.start()
        _watch(workers, shared, tickets)
    _finish(setting)
    _make_findable(setting, processes)
    took = time.monotonic() - begun
    console.print(f"{tickets:,} tickets in {took:.0f} s ({tickets / took:,.0f}/s), seed {seed}")


def prepared(
    connection: psycopg.Connection[Any], *, tickets: int, seed: int, at: datetime
) -> Setting:
    """Write what tickets need first, and take their identifiers."""
    edition_id = standard.edition_in_force(at=at).pk
    edition = standard.read(edition_id)
    customers = max(1, tickets // TICKETS_A_CUSTOMER)
    serials = connection.execute(
        "SELECT coalesce(max(substr(number, 2)::bigint), 0) FROM parties_customer"
        " WHERE number ~ '^K[0-9]{8,}$'"
    ).fetchone()
    assert serials is not None  # noqa: S101 - for the type checker
    population = Population(seed=seed, first_serial=serials[0] + 1)
    staffing.settle(connection, population.places)
    skills = {
        mode: tuple(sorted({one.skill for one in edition.categories if one.mode == mode}))
        for mode in ("desk", "remote", "field")
    }
    staffing.employ(
        connection,
        population.places,
        tickets=tickets,
        skills=skills,
        names=population.names,
        seed=seed,
        at=at,
    )
    return Setting(
        edition=edition,
        edition_id=edition_id,
        population=population,
        customers=customers,
        regions=staffing.regions(connection),
        services=staffing.services(connection),
        crews=staffing.Crews(connection),
        first=First(
            customer=ids(connection, "parties_customer", customers),
            line=ids(connection, "parties_line", 2 * customers),
            ticket=ids(connection, "tickets_ticket", tickets),
            number=taken(connection, "ticket_number", tickets),
            work_order_number=taken(connection, "work_order_number", tickets),
            clock=ids(connection, "clocks_clock", tickets * stretch.CLOCKS),
            evaluation=ids(connection, "feedback_evaluation", tickets),
        ),
        since=int(at.timestamp()) - YEARS * 365 * 86_400,
        until=int(at.timestamp()),
        tickets=tickets,
        seed=seed,
    )


def _connected() -> psycopg.Connection[Any]:
    given = django_connection.get_connection_params()
    wanted = ("host", "port", "dbname", "user", "password")
    return psycopg.connect(**{name: given[name] for name in wanted if given.get(name)})


@contextmanager
def _journal_locked() -> Iterator[psycopg.Connection[Any]]:
    """
    Keep every other writer of the journal away, with all that happened before sealed.

    :raises Unusable: if somebody goes on writing
    """
    with _connected() as connection:
        connection.autocommit = True
        for _ in range(10):
            journal.seal_pending(at=now())
            connection.execute("SELECT pg_advisory_lock(%s)", [int(Lock.JOURNAL)])
            left = connection.execute("SELECT 1 FROM journal_entry WHERE seal IS NULL LIMIT 1")
            if left.fetchone() is None:
                break
            connection.execute("SELECT pg_advisory_unlock(%s)", [int(Lock.JOURNAL)])
        else:
            raise Unusable(
                "Somebody goes on writing in the journal. Stop the system and fill again."
            )
        # The processes that are about to be made must not share our connection.
        connections.close_all()
        yield connection


class Shared:
    """What the processes pass on to each other: whose turn it is, and the last seals."""

    def __init__(self) -> None:
        self.turned = FORK.Condition()
        self.chained: Any = FORK.Value(c_int64, 0, lock=False)
        self.committed: Any = FORK.Value(c_int64, 0, lock=False)
        self.customers_ready: Any = FORK.Value(c_int64, 0, lock=False)
        self.written: Any = FORK.Value(c_int64, 0, lock=False)
        self.first_entry: Any = FORK.Value(c_int64, 0, lock=False)
        self.seal: Any = FORK.Array(c_char, 64, lock=False)
        self.batch_seal: Any = FORK.Array(c_char, 64, lock=False)

    def begin(self, connection: psycopg.Connection[Any], *, entries: int) -> None:
        """Read where the chain of seals stands, and take identifiers for what follows."""
        last = connection.execute(
            "SELECT b.seal, e.seal FROM journal_batch b JOIN journal_entry e ON e.id = b.last_id"
            " ORDER BY b.last_id DESC LIMIT 1"
        ).fetchone()
        batch, entry = last or (sealing.GENESIS, sealing.GENESIS)
        self.batch_seal.raw, self.seal.raw = batch.encode(), entry.encode()
        self.first_entry.value = ids(connection, "journal_entry", entries)

    @contextmanager
    def turn(self, counter: Any, mine: int) -> Iterator[None]:
        """Wait for one's turn, and pass it on."""
        with self.turned:
            self.turned.wait_for(lambda: counter.value == mine)
        yield
        with self.turned:
            counter.value = mine + 1
            self.turned.notify_all()


def _work(setting: Setting, shared: Shared, start: int, step: int, chunks: int) -> None:
    """Write every so many-th chunk."""
    with _connected() as connection:
        # A crash of the machine loses what was filled last, and the filling with it.
        connection.execute("SET synchronous_commit = off")
        _write_customers(setting, connection, start, step, chunks)
        with shared.turned:
            shared.customers_ready.value += 1
            shared.turned.notify_all()
            shared.turned.wait_for(lambda: shared.customers_ready.value == min(step, chunks))
        for chunk in range(start, chunks, step):
            _write_chunk(setting, shared, connection, chunk)


def _write_customers(
    setting: Setting, connection: psycopg.Connection[Any], start: int, step: int, chunks: int
) -> None:
    tables = customer_tables()
    size = -(-setting.customers // chunks)
    for chunk in range(start, chunks, step):
        first, end = chunk * size, min((chunk + 1) * size, setting.customers)
        write_customers(setting, tables, first, end)
        copied(tables, connection)
        connection.commit()


def _write_chunk(
    setting: Setting, shared: Shared, connection: psycopg.Connection[Any], chunk: int
) -> None:
    first, end = chunk * CHUNK, min((chunk + 1) * CHUNK, setting.tickets)
    copy_tickets(setting, shared, connection, chunk=chunk, first=first, end=end)
    # In order, so that what an interrupted run leaves behind is one unbroken chain.
    with shared.turn(shared.committed, chunk):
        connection.commit()
        shared.written.value += end - first


def copy_tickets(
    setting: Setting,
    shared: Shared,
    connection: psycopg.Connection[Any],
    *,
    chunk: int,
    first: int,
    end: int,
) -> None:
    """Write tickets with all that belongs to them, sealed, in the connection's transaction."""
    tickets = Tickets(setting, first=first, end=end, first_entry=shared.first_entry.value)
    tickets.write()
    batches = _batched(tickets.entries)
    with shared.turn(shared.chained, chunk):
        rows, batch_rows = _chained(shared, batches, at=setting.until)
    copied(tickets.tables, connection)
    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY journal_entry"
            " (id, tag, subject, actor, facts, happened_at, recorded_at, seal) FROM STDIN"
        ) as copy:
            copy.write("".join(rows))
        with cursor.copy(
            "COPY journal_batch"
            " (first_id, last_id, count, root, previous, seal, sealed_at) FROM STDIN"
        ) as copy:
            copy.write("".join(batch_rows))


@dataclass(frozen=True, slots=True)
class Batch:
    entries: list[stretch.Entry]
    root: str


def _batched(entries: list[stretch.Entry]) -> list[Batch]:
    """Cut entries into batches and compute their roots, which needs nobody's turn."""
    size = journal.BATCH_AT_MOST
    parts = [entries[start : start + size] for start in range(0, len(entries), size)]
    return [Batch(part, sealing.merkle_root([one.leaf for one in part])) for part in parts]


def _chained(shared: Shared, batches: list[Batch], *, at: int) -> tuple[list[str], list[str]]:
    """Chain the entries and the batches to what was sealed before; return them as rows."""
    seal, previous = shared.seal.raw.decode(), shared.batch_seal.raw.decode()
    sealed_at = datetime.fromtimestamp(at, UTC)
    rows, batch_rows = [], []
    for batch in batches:
        for entry in batch.entries:
            seal = sealing.chained(seal, entry.leaf)
            rows.append(f"{entry.row}\t{seal}\n")
        first, last, count = batch.entries[0].pk, batch.entries[-1].pk, len(batch.entries)
        own = sealing.batch_seal(
            previous=previous,
            root=batch.root,
            first_id=first,
            last_id=last,
            count=count,
            sealed_at=sealed_at,
        )
        batch_rows.append(
            f"{first}\t{last}\t{count}\t{batch.root}\t{previous}\t{own}"
            f"\t{sealing.instant(sealed_at)}\n"
        )
        previous = own
    shared.seal.raw, shared.batch_seal.raw = seal.encode(), previous.encode()
    return rows, batch_rows


def _watch(workers: list[ForkProcess], shared: Shared, tickets: int) -> None:
    """
    Show how far it is until all are done.

    :raises ProgramFailed: if a process dies
    """
    columns = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("工单 · tickets", total=tickets)
        while any(worker.is_alive() for worker in workers):
            if any(worker.exitcode for worker in workers):
                break
            progress.update(bar, completed=shared.written.value)
            time.sleep(0.2)
        progress.update(bar, completed=shared.written.value)
    if shared.written.value != tickets:
        for worker in workers:
            worker.terminate()
        raise ProgramFailed(
            f"A process died after {shared.written.value} tickets; what is written is sound."
        )


def _make_findable(setting: Setting, processes: int) -> None:
    """Let search know what was filled."""
    first = setting.first
    before = {
        TICKET: first.ticket,
        CUSTOMER: first.customer,
        LINE: first.line,
    }
    search.rebuilt(processes=processes, after={kind: key - 1 for kind, key in before.items()})


def _finish(setting: Setting) -> None:
    """Say in the journal what was done, and let the planner know the tables."""
    with console.status("ANALYZE"), transaction.atomic():
        journal.record(
            tag="demo.filled",
            subject="demo:load",
            actor="system:demo",
            at=now(),
            tickets=setting.tickets,
            seed=setting.seed,
        )
    journal.seal_pending(at=now())
    with console.status("VACUUM ANALYZE"), _connected() as connection:
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")
