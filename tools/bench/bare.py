"""
What PostgreSQL alone needs for the same rows.

The rows that one accepted ticket leaves behind are found by looking which rows are new, kept in
tables of their own, and inserted again and again by pgbench: one statement for each table, with
prepared statements, in one transaction, in the same database with all its indexes, foreign keys
and triggers. Nothing is decided, read or locked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from bench.system import System


# Rows that triggers write by themselves when the others are inserted.
BY_TRIGGERS = frozenset({"procrastinate_events"})
# Each of these must be another one in each transaction, or a constraint refuses the row.
FRESH = {
    ("tickets_ticket", "number"): "'GD' || :n::bigint::text",
    ("clocks_clock", "subject"): "'GD' || :n::bigint::text",
    ("journal_entry", "subject"): "'GD' || :n::bigint::text",
    ("infra_operationkey", "key"): "'k' || :n::bigint::text",
    ("intake_contact", "ticket_id"): "currval('tickets_ticket_id_seq')",
}
ORDER = ("tickets_ticket",)


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of which table one acceptance writes."""

    rows: dict[str, int]


def highest(connection: psycopg.Connection) -> dict[str, int]:
    """Return the highest identifier in every table that has one."""
    names = connection.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'id'"
        " AND data_type IN ('bigint', 'integer') ORDER BY table_name"
    ).fetchall()
    found = {}
    for (name,) in names:
        query = sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(name))
        row = connection.execute(query).fetchone()
        found[name] = row[0] if row else 0
    return found


def capture(connection: psycopg.Connection, before: dict[str, int]) -> Written:
    """Keep the rows that are new since then in tables that pgbench can read."""
    rows = {}
    connection.execute("CREATE SCHEMA bench")
    for name, last in before.items():
        if name in BY_TRIGGERS:
            continue
        count = connection.execute(
            sql.SQL("CREATE TABLE bench.{} AS SELECT * FROM public.{} WHERE id > {}").format(
                sql.Identifier(name), sql.Identifier(name), sql.Literal(last)
            )
        ).rowcount
        if count:
            rows[name] = count
        else:
            connection.execute(sql.SQL("DROP TABLE bench.{}").format(sql.Identifier(name)))
    connection.execute("ANALYZE")
    return Written(rows)


def script(connection: psycopg.Connection, written: Written) -> str:
    """Return the pgbench script that inserts those rows."""
    # Eighteen digits fit where a ticket's number stands, and do not meet by chance.
    lines = ["\\set n random(100000000000000000, 999999999999999999)", "BEGIN;"]
    for name in sorted(written.rows, key=lambda name: (name not in ORDER, name)):
        columns = [
            row[0]
            for row in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND table_name = %s AND column_name <> 'id' ORDER BY ordinal_position",
                [name],
            )
        ]
        values = [FRESH.get((name, column), f'"{column}"') for column in columns]
        quoted = ", ".join(f'"{column}"' for column in columns)
        lines.append(
            # Names of our own tables and columns only.
            f"INSERT INTO public.{name} ({quoted})"  # noqa: S608
            f" SELECT {', '.join(values)} FROM bench.{name};"
        )
    return "\n".join([*lines, "END;", ""])


def measure(system: System, database: str, file: Path, *, clients: int, seconds: int) -> float:
    """Return the transactions a second."""
    said = system.tool(
        "pgbench",
        "--no-vacuum",
        f"--client={clients}",
        "--jobs=1",
        "--protocol=prepared",
        f"--time={seconds}",
        f"--file={file}",
        f"--host={system.layout.socket}",
        "--username=changtong",
        database,
        database=database,
    )
    failed = re.search(r"number of failed transactions: (\d+)", said)
    if failed and failed.group(1) != "0":
        raise RuntimeError(said)
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found.group(1))
