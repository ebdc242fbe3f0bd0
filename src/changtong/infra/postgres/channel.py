"""
Prepared statements over libpq itself, several in one round trip.

A cursor of psycopg takes longer to send a statement and to wait for its answer than PostgreSQL
takes to give it. Here a statement is a name and its values; what is sent together is answered
together (libpq's pipeline mode).
"""

from __future__ import annotations

import re
import select
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any, TypeAlias

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result


# A statement with `%s` where its values go, and the values.
Asked: TypeAlias = tuple[str, Sequence[object]]
Row: TypeAlias = tuple[Any, ...]

ENCODING = "utf-8"
BEGIN: Asked = ("BEGIN", ())
COMMIT: Asked = ("COMMIT", ())
# What the server says when it no longer has, or can no longer use, what was prepared.
UNPREPARED = frozenset({"26000", "0A000"})

_PLACES = re.compile(r"%s|%%")


@dataclass(frozen=True, slots=True)
class Part:
    """
    What is written together with other parts, as one statement.

    :param writes: the part of its ``WITH``, which reads the rows from one JSON value ``%s``
    """

    writes: str


class Channel:
    """One connection's prepared statements, and the way to ask them."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._server = connection.pgconn
        self._answers = Transformer(connection)
        self._names: dict[str, bytes] = {}
        self._serial = count()
        self._readable = select.poll()
        self._readable.register(self._server.socket, select.POLLIN)

    def ask(self, asked: Sequence[Asked]) -> list[list[Row]]:
        """
        Ask the statements in their order, each as of when its turn comes; return their rows.

        After one has failed none of those behind it is executed.

        :raises psycopg.Error: what the first one that failed was refused for
        """
        # Values are made first: what cannot be sent must not leave half a question behind.
        written = [
            (statement, [_written(value) for value in values]) for statement, values in asked
        ]
        try:
            prepared = self._send(written)
            results = list(self._received())
        except BaseException:
            # Nobody can say any more which answer belongs to which question.
            self.connection.close()
            raise
        self._server.exit_pipeline_mode()
        return self._judged(written, prepared, results)

    def _send(self, written: Iterable[tuple[str, list[bytes | None]]]) -> dict[int, bytes]:
        """Send everything; return at which places of the answer a preparation stands."""
        server = self._server
        server.enter_pipeline_mode()
        prepared: dict[int, bytes] = {}
        place = 0
        for statement, values in written:
            name = self._names.get(statement)
            if name is None:
                name = b"hot_%d" % next(self._serial)
                server.send_prepare(name, _native(statement))
                prepared[place] = name
                place += 1
            server.send_query_prepared(name, values)
            place += 1
        server.pipeline_sync()
        while server.flush():
            # The server may be waiting for us to read before it reads on.
            select.select([server.socket], [server.socket], [])
            server.consume_input()
        return prepared

    def _received(self) -> Iterator[pq.abc.PGresult]:
        server = self._server
        between = False
        while True:
            while server.is_busy():
                self._readable.poll()
                server.consume_input()
            result = server.get_result()
            if result is None:
                if between and server.status == pq.ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection was lost")
                between = True
                continue
            between = False
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return
            yield result

    def _judged(
        self,
        written: Iterable[tuple[str, list[bytes | None]]],
        prepared: dict[int, bytes],
        results: Sequence[pq.abc.PGresult],
    ) -> list[list[Row]]:
        rows = []
        place = 0
        for statement, _ in written:
            if place in prepared:
                self._check(results[place])
                self._names[statement] = prepared[place]
                place += 1
            result = results[place]
            self._check(result)
            rows.append(self._rows(result))
            place += 1
        return rows

    def _check(self, result: pq.abc.PGresult) -> None:
        if result.status in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
            return
        error = error_from_result(result, ENCODING)
        if error.sqlstate in UNPREPARED:
            self._names.clear()
        raise error

    def _rows(self, result: pq.abc.PGresult) -> list[Row]:
        count_ = result.ntuples
        if not count_:
            return []
        self._answers.set_pgresult(result)
        return self._answers.load_rows(0, count_, tuple)


def _native(statement: str) -> bytes:
    places = count(1)
    return _PLACES.sub(
        lambda found: "%" if found[0] == "%%" else f"${next(places)}", statement
    ).encode(ENCODING)


def _written(value: object) -> bytes | None:
    """Return a value as text, of which PostgreSQL knows the type from where it stands."""
    if value is None:
        return None
    if isinstance(value, str):
        if "\0" in value:
            raise psycopg.DataError("a text cannot hold the character NUL")
        return value.encode(ENCODING)
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, (int, float)):
        return str(value).encode()
    if isinstance(value, date):
        return value.isoformat().encode()
    if isinstance(value, list):
        return b"{" + b",".join(_element(one) for one in value) + b"}"
    raise TypeError(f"a {type(value).__name__} cannot be sent")


def _element(value: object) -> bytes:
    written = _written(value)
    if written is None:
        return b"NULL"
    return b'"' + written.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
