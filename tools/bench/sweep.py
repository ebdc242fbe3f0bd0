"""
Declare so many simultaneous breaches, and see what it costs and whom it slows.

Run as a program it sweeps the database of `DATABASE_URL` and prints how long that took.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench import acceptance
from bench.clients import closed_loop
from bench.system import System


CLIENTS = 4
CREATED = 201
DUE = "2026-11-01 00:00+00"
AT = datetime(2026, 11, 2, tzinfo=UTC)
PATIENCE_S = 600
INSERT = """
INSERT INTO clocks_clock (subject, metric, basis, clause, edition_id, calendar, within, pausable,
  warn_shares, starts_on, stops_on, started_at, applies_from, due_at, is_provisional, warned,
  state, stopped_at, stopped_by, voided_by, void_reason, void_evidence)
SELECT %(prefix)s::text || n, 'restoration', 'promise', '5.3.1',
  (SELECT max(id) FROM standard_edition),
  '24x7', '24h', true, '{}', 'ticket.accepted', 'ticket.resolved',
  %(due)s::timestamptz - interval '1 day', %(due)s::timestamptz - interval '1 day',
  %(due)s::timestamptz, false, 0, %(state)s::text, CASE WHEN %(state)s::text = 'stopped' THEN
  %(due)s::timestamptz END, '', '', '', '' FROM generate_series(1, %(count)s) n
"""


def measure(
    system: System, database: str, token: str, *, breaches: int, closed: int, seconds: float
) -> dict[str, Any]:
    """Measure the sweep alone, beside closed cases, and beside an intake that goes on."""
    with psycopg.connect(system.url(database)) as connection:
        acceptance.prepare(connection)
        fill(connection, "bench:few:", "running", breaches // 10)
    few = sweep(system, database)
    with psycopg.connect(system.url(database)) as connection:
        fill(connection, "bench:closed:", "stopped", closed)
        fill(connection, "bench:many:", "running", breaches // 10)
    beside_closed = sweep(system, database)
    with psycopg.connect(system.url(database)) as connection:
        fill(connection, "bench:all:", "running", breaches)
    system.settle()
    alone = sweep(system, database)
    with psycopg.connect(system.url(database)) as connection:
        fill(connection, "bench:busy:", "running", breaches)
    system.settle()
    return {
        "breaches": breaches,
        "sweep_s": alone["took_s"],
        "sweep_cpu_s": alone["cpu_s"],
        "closed": closed,
        "a_tenth_without_closed_s": few["took_s"],
        "a_tenth_beside_closed_s": beside_closed["took_s"],
        **_beside_intake(system, database, token, seconds=seconds),
    }


def fill(connection: psycopg.Connection, prefix: str, state: str, count: int) -> None:
    """Write clocks that are all due at one instant."""
    values = {"prefix": prefix, "state": state, "count": count, "due": DUE}
    connection.execute(INSERT, values)
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE clocks_clock")


def sweep(system: System, database: str) -> dict[str, Any]:
    """Declare what is overdue, in a process of its own; tell what it and the database computed."""
    before = system.cpu_seconds()
    told = _ended(_begun(system, database))
    return {**told, "cpu_s": round(told["cpu_s"] + system.cpu_seconds() - before, 2)}


def _beside_intake(system: System, database: str, token: str, *, seconds: float) -> dict[str, Any]:
    make = acceptance.requests(token)

    def accepted_per_s(lasting: float) -> float:
        outcome = closed_loop(make, port=system.port, clients=CLIENTS, seconds=lasting)
        return outcome.rate(CREATED)

    with system.running("web", database=database):
        accepted_per_s(3)
        before = accepted_per_s(seconds)
        sweeping = _begun(system, database)
        during = []
        while sweeping.poll() is None and len(during) < PATIENCE_S:
            during.append(accepted_per_s(1))
        after = accepted_per_s(seconds)
    usual = (before + after) / 2
    # The first second is the start of the sweeping program, the last one is not full of it.
    slowed = during[1:-1] or during
    return {
        "intake_per_s": round(usual, 1),
        "intake_during_sweep_per_s": round(sum(slowed) / len(slowed), 1),
        "intake_slowed_by": round(1 - sum(slowed) / len(slowed) / usual, 3),
        "sweep_beside_intake_s": _ended(sweeping)["took_s"],
    }


def _begun(system: System, database: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.sweep"],
        cwd=Path(__file__).resolve().parents[1],
        env=system.environment(database),
        stdout=subprocess.PIPE,
        text=True,
    )


def _ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    told, _ = process.communicate(timeout=PATIENCE_S)
    if process.returncode != 0:
        raise RuntimeError(f"the sweep ended with {process.returncode}")
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


def main() -> None:
    """Sweep once, as the job of every minute does."""
    import django

    django.setup()
    from changtong.clocks import jobs
    from changtong.clocks.models import Clock

    overdue = Clock.objects.overdue(AT).count()
    began, computing = time.perf_counter(), time.process_time()
    jobs.sweep.func(int(AT.timestamp()))
    told = {
        "declared": overdue - Clock.objects.overdue(AT).count(),
        "took_s": round(time.perf_counter() - began, 2),
        "cpu_s": round(time.process_time() - computing, 2),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
