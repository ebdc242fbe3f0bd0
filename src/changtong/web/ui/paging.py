"""Keyset pages, in both directions: stable under change, as fast on page 1,000 as on page 1."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet

from changtong.kernel.errors import Refused


Row = TypeVar("Row")
Place = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """What rows are ordered by, before their key; empty values come last."""

    field: str
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of one page, and the cursors of its neighbors if it has any."""

    rows: list[Row]
    after: str | None
    before: str | None


def cut(
    rows: QuerySet[Any, Row], order: Order, *, size: int, after: str = "", before: str = ""
) -> Page[Row]:
    """
    Cut the first page, or the one after or before a cursor.

    :raises Refused: ``cursor.invalid``
    """
    place = _place(before or after, rows, order.field)
    backwards = bool(before)
    found: list[Row] = []
    for part in _parts(rows, order, place, backwards=backwards):
        found += part[: size + 1 - len(found)]
        if len(found) > size:
            break
    more = len(found) > size
    shown = found[:size]
    if backwards:
        shown.reverse()
    return Page(
        rows=shown,
        after=_encoded(shown[-1], order) if shown and (more or backwards) else None,
        before=_encoded(shown[0], order)
        if shown and (more if backwards else place is not None)
        else None,
    )


def _parts(
    rows: QuerySet[Any, Row], order: Order, place: Place | None, *, backwards: bool
) -> Iterator[QuerySet[Any, Row]]:
    """Yield the rows beyond a place; with and without a value apart, so that an index serves."""
    field = order.field
    smaller = order.descending != backwards
    sign = "-" if smaller else ""
    by_value = (f"{sign}{field}", f"{sign}pk")
    if not order.nullable:
        beyond = _beyond(field, place, smaller=smaller) if place else Q()
        yield rows.filter(beyond).order_by(*by_value)
    elif place is None:
        way = F(field).desc(nulls_last=True) if smaller else F(field).asc(nulls_last=True)
        yield rows.order_by(way, f"{sign}pk")
    else:
        value, key = place
        if value is not None:
            with_value = rows.exclude(**{field: None})
            yield with_value.filter(_beyond(field, place, smaller=smaller)).order_by(*by_value)
        if value is None or not backwards:
            empty = rows.filter(**{field: None}).order_by(f"{sign}pk")
            side = "lt" if smaller else "gt"
            yield empty.filter(**{f"pk__{side}": key}) if value is None else empty
        if value is None and backwards:
            yield rows.exclude(**{field: None}).order_by(*by_value)


def _beyond(field: str, place: Place, *, smaller: bool) -> Q:
    # The plain bound on the sorted field is redundant, and is what lets an index find the page.
    strict, loose = ("lt", "lte") if smaller else ("gt", "gte")
    value, key = place
    return Q(**{f"{field}__{loose}": value}) & (
        Q(**{f"{field}__{strict}": value}) | Q(**{f"pk__{strict}": key})
    )


def _encoded(row: Any, order: Order) -> str:
    value = row
    for part in order.field.split("__"):
        value = getattr(value, part)
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    written = json.dumps([value, row.pk], default=str, ensure_ascii=False)
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _place(cursor: str, rows: QuerySet[Any, Any], field: str) -> Place | None:
    """
    Read a cursor as values of the columns that it is about.

    :raises Refused: ``cursor.invalid``
    """
    if not cursor:
        return None
    try:
        written = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value, key = written
        options: Any = rows.model._meta  # noqa: SLF001 - the public way to the columns
        *path, last = field.split("__")
        column = options
        for part in path:
            column = column.get_field(part).related_model._meta  # noqa: SLF001
        place = column.get_field(last).to_python(value), options.pk.to_python(key)
    except (ValueError, TypeError, OverflowError, ValidationError) as error:
        raise Refused("cursor.invalid") from error
    if key is None or any(isinstance(one, str) and not one.isprintable() for one in place):
        raise Refused("cursor.invalid")
    return place
