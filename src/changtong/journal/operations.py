from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection, transaction

from changtong.infra import hot
from changtong.infra.db import Lock, attempt, exclusive, one_transaction
from changtong.infra.hot import Compiled, Slot
from changtong.infra.postgres.channel import Part
from changtong.journal import domain, subscriptions
from changtong.journal.models import Batch, Entry
from changtong.kernel.time import require_aware


SEAL_WAIT_MS = 200
# A proof needs the leaves of its whole batch, so a batch is not too long.
BATCH_AT_MOST = 4_096
LONGEST_LINES = 1_024

_reactions_deferred: ContextVar[bool] = ContextVar("reactions_deferred", default=True)
_gathering: ContextVar[list[Mapping[str, object]] | None] = ContextVar("gathering", default=None)

# The shared lock is taken before an identifier is drawn, so the sealer, who takes it exclusively,
# never meets a lower identifier that is still in flight. Jobs are inserted as Procrastinate's
# function for it does, whose own statement would cost as much as all else here.
_RECORD = Part(
    f"""
sealer_away AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({int(Lock.JOURNAL)})),
happened AS MATERIALIZED (
    SELECT * FROM ROWS FROM (
        json_to_recordset(%s::json)
        AS (tag text, subject text, actor text, facts jsonb, happened_at timestamptz, causes json)
    ) WITH ORDINALITY AS happened (tag, subject, actor, facts, happened_at, causes, position)
),
entry AS (
    INSERT INTO journal_entry (tag, subject, actor, facts, happened_at)
    SELECT tag, subject, actor, facts, happened_at
    FROM sealer_away, happened ORDER BY position
    RETURNING id
),
job AS (
    INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    SELECT '{subscriptions.QUEUE}', reaction, jsonb_build_object('entry', entry.id)
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM entry) AS entry
    JOIN happened USING (position)
    CROSS JOIN json_array_elements_text(causes) WITH ORDINALITY AS caused (reaction, turn)
    ORDER BY entry.id, turn
)
""",  # noqa: S608 - a number and a word of our own
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that is about to be written down."""

    tag: str
    subject: str
    actor: str
    at: datetime
    facts: Mapping[str, object]


def record(*, tag: str, subject: str, actor: str, at: datetime, **facts: object) -> None:
    """
    Write down what just happened and defer the reactions to it, in the caller's transaction.

    :raises RuntimeError: outside a transaction, where the entry could outlive a failed change
    """
    record_all([Happening(tag=tag, subject=subject, actor=actor, at=at, facts=facts)])


def record_all(happenings: Sequence[Happening]) -> None:
    """
    Write down several things, in their order, before the next statement or the commit.

    Inside `gathered` they are written after its end.

    :raises RuntimeError: outside a transaction, where an entry could outlive a failed change
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an entry belongs to the transaction of its change")
    reacting = _reactions_deferred.get()
    entries: list[Mapping[str, object]] = [
        {
            "tag": one.tag,
            "subject": one.subject,
            "actor": one.actor,
            "facts": one.facts,
            "happened_at": require_aware(one.at),
            "causes": subscriptions.names_for(one.tag) if reacting else (),
        }
        for one in happenings
    ]
    gathering = _gathering.get()
    if gathering is None:
        hot.gather(_RECORD, entries)
    else:
        gathering += entries


@contextmanager
def gathered() -> Iterator[None]:
    """
    Write down what happens in the block after its end, in its order, in one statement.

    For a transaction of many operations. A part of it that may be undone by itself is a block
    of its own in this one: what is undone was never told.

    :raises RuntimeError: outside a transaction, where an entry could outlive a failed change
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an entry belongs to the transaction of its change")
    around = _gathering.get()
    entries: list[Mapping[str, object]] = []
    token = _gathering.set(entries)
    try:
        yield
    finally:
        _gathering.reset(token)
    if around is not None:
        around += entries
    elif entries:
        hot.gather(_RECORD, entries)


@contextmanager
def as_one() -> Iterator[None]:
    """
    Run many operations on one case as one: all of it or nothing.

    What is asked for `hot.once`, its ticket, is read and written once, and its entries are
    written together, at the end; so nothing else in the block may read or change that ticket
    by a statement of its own once it was changed.
    """
    with attempt(), one_transaction(), gathered(), hot.kept():
        yield


@contextmanager
def without_reactions() -> Iterator[None]:
    """
    Record without causing reactions, for replaying history.

    A log of last year must not send last year's messages today; whoever replays performs the
    consequences itself, at their own times.
    """
    token = _reactions_deferred.set(False)
    try:
        yield
    finally:
        _reactions_deferred.reset(token)


def seal_pending(*, at: datetime) -> int:
    """
    Chain and seal all entries that have none yet; return how many there were.

    Does nothing, to be tried again soon, while a slow writer holds the journal. The seals are
    published once the transaction around all this has been committed, if there is one.
    """
    sealed = 0
    while batch := _seal_batch(at=at):
        sealed += batch.count
        if batch.count < BATCH_AT_MOST:
            break
    transaction.on_commit(publish_seals)
    return sealed


def _seal_batch(*, at: datetime) -> Batch | None:
    with exclusive(Lock.JOURNAL, wait_ms=SEAL_WAIT_MS) as alone:
        if not alone:
            return None
        last = Batch.objects.order_by("-last_id").first()
        # What is unsealed below the last seal was smuggled in; verification will name it.
        entries = _unsealed(after=last.last_id if last else 0)
        if not entries:
            return None
        leaves = [entry.line().leaf() for entry in entries]
        _store_seals(entries, leaves, after=last)
        return _chain(entries=entries, leaves=leaves, last=last, at=at)


_unsealed = Compiled(
    lambda: Entry.objects.filter(seal__isnull=True, pk__gt=Slot("after")).order_by("pk")[
        :BATCH_AT_MOST
    ]
)


def _store_seals(entries: list[Entry], leaves: list[str], *, after: Batch | None) -> None:
    seal = str(Entry.objects.get(pk=after.last_id).seal) if after else domain.GENESIS
    seals = []
    for leaf in leaves:
        seal = domain.chained(seal, leaf)
        seals.append(seal)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_entry AS e SET seal = s.seal"
            " FROM unnest(%s::bigint[], %s::text[]) AS s (id, seal) WHERE e.id = s.id",
            [[entry.pk for entry in entries], seals],
        )


def _chain(*, entries: list[Entry], leaves: list[str], last: Batch | None, at: datetime) -> Batch:
    batch = Batch(
        first_id=entries[0].pk,
        last_id=entries[-1].pk,
        count=len(entries),
        root=domain.merkle_root(leaves),
        previous=last.seal if last else domain.GENESIS,
        # Nothing was sealed before it was recorded, whatever the caller's clock says.
        sealed_at=max(at, *(entry.recorded_at for entry in entries)),
    )
    batch.seal = batch.expected_seal(root=batch.root)
    batch.save(force_insert=True)
    return batch


def publish_seals() -> int:
    """
    Write the seals that are not yet there into the published file; return how many.

    It lies outside the database and is only appended to: whoever rewrites the tables cannot
    rewrite this as well without access to another disk or machine that the operator puts it on.
    """
    path = Path(settings.SEALS_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        published = _last_published(file)
        lines = [
            batch.published_line().encode("ascii")
            for batch in Batch.objects.filter(last_id__gt=published).order_by("last_id")
        ]
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def _last_published(file: IO[bytes]) -> int:
    """Return the last entry whose seal is in the file, after removing a torn last line."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - LONGEST_LINES))
    tail = file.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail):
        # A power cut in the middle of a line: nobody has been told of that seal yet.
        file.truncate(end - len(tail) + len(whole))
    lines = whole.splitlines()
    return int(lines[-1].split(b" ")[1]) if lines else 0
