"""Rows as values that a file can hold, each in one way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol, runtime_checkable

import orjson

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
    """
    Return the one form of a value that people can read, too.

    :raises TypeError: if something in it has no form
    """
    text = orjson.dumps(value, default=plain, option=_READABLE)
    # Of two blanks for each level one is enough. No text holds a bare line end or tabulator.
    text = text.replace(b"\n  ", b"\n\t")
    while b"\t  " in text:
        text = text.replace(b"\t  ", b"\t\t")
    return text.replace(b"\t", b" ")


_READABLE = (
    orjson.OPT_APPEND_NEWLINE
    | orjson.OPT_INDENT_2
    | orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
)
