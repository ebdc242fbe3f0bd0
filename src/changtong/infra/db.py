"""Locks and helpers that PostgreSQL offers beyond the ORM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import OperationalError, connection, transaction


class Lock(IntEnum):
    """Advisory locks of the whole system; one number, one meaning."""

    JOURNAL = 7_001
    RESCUE = 7_002
    PUBLISH = 7_003
    # Together with a second number, for one line, customer or telephone at a time.
    MATTER = 7_004
    # Together with a second number, for one document of the search at a time.
    DOCUMENT = 7_010


@contextmanager
def exclusive(lock: Lock, *, wait_ms: int) -> Iterator[bool]:
    """
    Run a transaction alone under the lock; yield False, having done nothing, if it is busy.

    The wait is short on purpose: whoever waits for an exclusive lock makes every new sharer
    queue behind it, so one slow writer would otherwise stop all writers.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{wait_ms}ms"])
        try:
            with transaction.atomic():
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(lock)])
        except OperationalError:
            yield False
        else:
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
            yield True


@contextmanager
def one_transaction() -> Iterator[None]:
    """
    Run operations as one transaction in which the first refusal undoes everything.

    An operation inside another transaction sets a savepoint, which is two more statements, so
    that its refusal undoes nothing but itself. Whoever gives up at the first refusal anyway
    does not need them; where a refusal is expected, `attempt` sets one. Within a transaction it
    is part of that one, which then cannot go on after a refusal either.
    """
    with _savepoints(set_=False), transaction.atomic():
        yield


@contextmanager
def attempt() -> Iterator[None]:
    """Run a part of `one_transaction` whose refusal undoes nothing but itself."""
    around = connection.features.uses_savepoints
    # Only one savepoint: what happens in it gives up at the first refusal again.
    with _savepoints(set_=True), transaction.atomic(), _savepoints(set_=around):
        yield


@contextmanager
def _savepoints(*, set_: bool) -> Iterator[None]:
    before = connection.features.uses_savepoints
    connection.features.uses_savepoints = set_
    try:
        yield
    finally:
        connection.features.uses_savepoints = before


def give_up_durability() -> None:
    """
    Let this connection's commits return before they are on disk.

    Only for work that can be repeated from its source: a power cut loses the last second of it,
    whole transactions in their order, and nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
