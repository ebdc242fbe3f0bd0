"""Rows as values that a file can hold, each in one way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol, runtime_checkable

from changtong.journal.domain import instant


@runtime_checkable
class Range(Protocol):
    """A stretch of time as the database has it."""

    @property
    def lower(self) -> datetime | None: ...

    @property
    def upper(self) -> datetime | None: ...


def plain(value: object) -> object:
    """
    Return a value as JSON can hold it: instants in UTC, durations in seconds, money as text.

    :raises TypeError: if there is no form for it yet
    """
    form: object
    match value:
        case None | bool() | int() | float() | str():
            form = value
        case datetime():
            form = instant(value)
        case date():
            form = value.isoformat()
        case Decimal():
            form = str(value)
        case timedelta():
            form = value.total_seconds()
        case Mapping():
            form = {str(key): plain(inner) for key, inner in value.items()}
        case Range():
            form = [plain(value.lower), plain(value.upper)]
        case Iterable():
            form = [plain(inner) for inner in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no form in a case file")
    return form


def readable(value: object) -> bytes:
    """Return the one form of a value that people can read, too."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()
