"""(b) Reports imported from a CSV file a second, against COPY of the rows that this writes."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench import bare
from bench.acceptance import REPORTS, prepare
from bench.system import System


BY_COMMIT = 1_000


def measure(system: System, database: str, *, rows: int) -> dict[str, Any]:
    """Import a file into one copy of the database, and COPY what is new into another."""
    file = system.home / "import.csv"
    _write(file, rows)
    with psycopg.connect(system.url(database)) as connection:
        prepare(connection)
    with system.copy_of(database, named="bench_copy") as other:
        with psycopg.connect(system.url(database), autocommit=True) as connection:
            before = bare.highest(connection)
            system.settle()
            seconds = system.command(
                "import", "csv", str(file), "--source", "bench", database=database
            )
            start_up = system.command("standard", "list", database=database)
            seconds -= start_up
            opened = connection.execute(
                "SELECT count(*) FROM tickets_ticket WHERE id > %s", [before["tickets_ticket"]]
            ).fetchone()
            if opened != (rows,):
                raise RuntimeError(f"{opened} tickets from {rows} rows")
            copied = _read(connection, before)
        system.settle()
        copy_seconds = _copy(system.url(other), copied)
    return {
        "import_per_s": round(rows / seconds, 1),
        "copy_per_s": round(rows / copy_seconds, 1),
        "import_ratio": round(copy_seconds / seconds, 4),
        "import_rows": rows,
    }


def _write(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(
            ("reference", "kind", "title", "description", "name", "phone", "line_number")
        )
        for number in range(1, rows + 1):
            kind, title, description = REPORTS[number % len(REPORTS)]
            writer.writerow(
                (
                    f"R{number}",
                    kind,
                    title,
                    description,
                    f"客户{number}",
                    f"18{900000000 + number}",
                    f"BL{number}",
                )
            )


def _read(connection: psycopg.Connection, before: dict[str, int]) -> dict[str, bytes]:
    """Return the new rows of each table in COPY's form."""
    found = {}
    for name in sorted(before, key=lambda name: (name != "tickets_ticket", name)):
        if name in bare.BY_TRIGGERS:
            continue
        query = sql.SQL("COPY (SELECT * FROM {} WHERE id > {} ORDER BY id) TO STDOUT").format(
            sql.Identifier(name), sql.Literal(before[name])
        )
        with connection.cursor() as cursor, cursor.copy(query) as copy:
            content = b"".join(bytes(part) for part in copy)
        if content:
            found[name] = content
    return found


def _copy(url: str, tables: dict[str, bytes]) -> float:
    with psycopg.connect(url) as connection:
        began = time.monotonic()
        for name, content in tables.items():
            statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(content)
        connection.commit()
        return time.monotonic() - began
