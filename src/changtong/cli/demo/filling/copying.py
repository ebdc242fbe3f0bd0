"""Rows as PostgreSQL's COPY reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import overload

import psycopg
from psycopg import sql


NULL = "\\N"
A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the columns that are filled."""

    name: str
    columns: tuple[str, ...]
    rows: list[str] = field(default_factory=list)

    def add(self, *values: object) -> None:
        """Add a row; None is NULL, and texts hold nothing that COPY would read as its own."""
        self.rows.append("\t".join(NULL if one is None else str(one) for one in values))

    def copy(self, connection: psycopg.Connection) -> int:
        """Write the rows; return how many there were."""
        count = len(self.rows)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(self.name), sql.SQL(", ").join(map(sql.Identifier, self.columns))
        )
        if count:
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write("\n".join(self.rows) + "\n")
            self.rows.clear()
        return count


def table(name: str, columns: str) -> Table:
    return Table(name, tuple(columns.split()))


@overload
def instant(seconds: float) -> str: ...
@overload
def instant(seconds: None) -> None: ...
def instant(seconds: float | None) -> str | None:
    """Return an instant in the form in which the journal hashes it, which PostgreSQL reads too."""
    if seconds is None:
        return None
    day, second = divmod(int(seconds), A_DAY)
    return _date(day) + _times()[second]


@cache
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * A_DAY, UTC).date().isoformat()


@cache
def _times() -> list[str]:
    """Return each second of a day; tickets have dozens of instants, and days only so many."""
    return [f"T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}.000000Z" for at in range(A_DAY)]


def taken(connection: psycopg.Connection, sequence: str, count: int) -> int:
    """Take numbers from a sequence at once; return the first."""
    row = connection.execute(
        "SELECT setval(%(name)s::regclass, nextval(%(name)s::regclass) + %(more)s) - %(more)s",
        {"name": sequence, "more": max(0, count - 1)},
    ).fetchone()
    assert row is not None  # noqa: S101 - for the type checker
    return int(row[0])


def ids(connection: psycopg.Connection, table_name: str, count: int) -> int:
    """Take identifiers of a table; return the first."""
    row = connection.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table_name]).fetchone()
    assert row is not None  # noqa: S101 - for the type checker
    return taken(connection, row[0], count)


def copied(tables: Iterable[Table], connection: psycopg.Connection) -> int:
    """Write all tables in their order; return the number of rows."""
    return sum(one.copy(connection) for one in tables)


def iso(seconds: int) -> str:
    """Return an instant as facts and decisions hold it."""
    return f"{instant(seconds)[:19]}+00:00"


def plain(value: object) -> str:
    """Return a value as canonical JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
