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


def lock_shared(lock: Lock) -> None:
    """Hold the lock together with other sharers until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [int(lock)])


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
