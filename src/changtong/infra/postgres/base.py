from __future__ import annotations

import select
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from time import monotonic
from typing import Any

import orjson
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.pq import TransactionStatus

from changtong.infra.postgres.channel import BEGIN, COMMIT, Asked, Channel, Part, Row


# However much one transaction writes, no statement grows without end.
GATHERED_AT_MOST = 1_000


class DatabaseWrapper(base.DatabaseWrapper):
    """
    A connection that looks whether it lives without a round trip, and saves round trips.

    What is only to be written, and answers nothing, waits for the next statement or the commit
    and travels with it, all of it as one statement.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._channel: Channel | None = None
        self._gathered: dict[Part, list[Mapping[str, object]]] = {}
        self._gathered_rows = 0
        self._expected: list[Asked] = []
        self._answered: list[tuple[Asked, list[Row]]] = []

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, and read instants quickly."""
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader("timestamptz", _InstantLoader)
        return connection

    def is_usable(self) -> bool:
        """
        Say whether the server is still there.

        When it goes, even by a crash, its system closes the connection, and that can be read
        from the socket. Only if there is something to read is the server asked.
        """
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0) or super().is_usable()

    # -------------------------------------------------------------------------------------
    # Prepared statements
    # -------------------------------------------------------------------------------------

    def ask(self, *asked: Asked) -> list[list[Row]]:
        """Ask statements that PostgreSQL prepares once; return the rows of each."""
        self.close_if_health_check_failed()
        return self._ask(*asked) if asked or self._gathered else []

    def _ask(self, *asked: Asked) -> list[list[Row]]:
        self.validate_thread_sharing()
        self.ensure_connection()
        self.validate_no_broken_transaction()
        for one, known in self._answered:
            if asked == (one,):
                self._answered.clear()
                return [known]
        expected = [one for one in self._expected if one not in asked]
        first = [*self._opening(), *self._taken(), *expected]
        # Whatever is asked next may change what was answered before.
        self._forget()
        channel = self._channel
        if channel is None or channel.connection is not self.connection:
            channel = self._channel = Channel(self.connection)
        began = monotonic()
        with self.wrap_database_errors:
            rows = channel.ask([*first, *asked])
        if self.queries_logged:
            took = f"{monotonic() - began:.3f}"
            for statement, _ in [*first, *asked]:
                if statement not in {BEGIN[0], COMMIT[0]}:
                    self.queries_log.append({"sql": statement, "time": took})
        own = len(first)
        self._answered = list(zip(expected, rows[own - len(expected) : own], strict=True))
        return rows[own:]

    def expect(self, one: Asked) -> None:
        """
        Have a question answered on the way of the next one, for whoever asks it right after.

        It is a round trip less where two answers do not depend on each other. An expectation
        that nobody meets costs its statement, and is forgotten with the transaction.
        """
        if self.in_atomic_block:
            self._expected.append(one)

    def _forget(self) -> None:
        self._expected, self._answered = [], []

    def _opening(self) -> list[Asked]:
        idle = self.connection.pgconn.transaction_status == TransactionStatus.IDLE
        return [BEGIN] if idle and not self.autocommit else []

    # -------------------------------------------------------------------------------------
    # Writing later
    # -------------------------------------------------------------------------------------

    def gather(self, part: Part, rows: Sequence[Mapping[str, object]]) -> None:
        """Have rows written before anything else is asked, at the latest by the commit."""
        self._gathered.setdefault(part, []).extend(rows)
        self._gathered_rows += len(rows)
        self._answered = []
        if not self.in_atomic_block or self._gathered_rows >= GATHERED_AT_MOST:
            self.ask()

    def _taken(self) -> list[Asked]:
        """Take what was gathered as one statement, if there is anything."""
        if not self._gathered:
            return []
        gathered, self._gathered, self._gathered_rows = self._gathered, {}, 0
        return [(_together(tuple(gathered)), [encoded(rows) for rows in gathered.values()])]

    def _cursor(self, name: str | None = None) -> Any:
        if self._gathered:
            self._ask()
        self._answered = []
        return super()._cursor(name)  # type: ignore[misc]

    def _commit(self) -> None:
        self._forget()
        if self._gathered:
            # What psycopg is asked for next finds that it has been done.
            self._ask(COMMIT)
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        self._forget()
        self._gathered, self._gathered_rows = {}, 0
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        # Setting the savepoint wrote what came before it.
        self._forget()
        self._gathered, self._gathered_rows = {}, 0
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _close(self) -> None:
        self._forget()
        self._gathered, self._gathered_rows = {}, 0
        super()._close()  # type: ignore[misc]


class _InstantLoader(BaseTzLoader):  # type: ignore[misc]  # Django has no types for it
    """Reads an instant as Python does, in a tenth of the time that the driver takes."""

    timezone = UTC

    def load(self, data: Any) -> Any:
        try:
            return datetime.fromisoformat(str(data, "ascii")).astimezone(UTC)
        except ValueError:
            # Not one that Python can hold; the driver says why.
            return super().load(data)


@lru_cache(maxsize=256)
def _together(parts: tuple[Part, ...]) -> str:
    return f"WITH {', '.join(part.writes for part in parts)} SELECT"


def encoded(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as the one JSON value that a part reads."""
    return orjson.dumps(rows, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: object) -> str:
    if hasattr(value, "resolve_expression"):
        raise TypeError(f"not a value: {value!r}")
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
