"""
Lists that stay fast: allow-listed sorting and keyset pages over a queryset.

A view asks a context for a queryset, and this module cuts one page from it::

    columns = (
        Column(_("单号"), sort="number"),
        Column(_("登记时间"), sort="opened_at"),
        Column(_("客户")),
    )
    listing = page_of(request, tickets.visible_to(staff), columns=columns, sort="-opened_at")

A column may be sorted by only if its values are never null and an index serves them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class Column:
    """A column's heading, and the field to sort by if people may."""

    label: str | Promise
    sort: str | None = None
    align: Literal["start", "end"] = "start"
    # Narrow columns, such as those for row actions, keep their heading for screen readers only.
    quiet: bool = False


@dataclass(frozen=True)
class Heading:
    """A column as the page shows it."""

    column: Column
    url: str | None
    direction: Literal["ascending", "descending"] | None


@dataclass(frozen=True)
class Listing:
    """One page of rows with the addresses of its neighbors."""

    rows: Sequence[Any]
    headings: Sequence[Heading]
    next_url: str | None
    previous_url: str | None
    url: str


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    columns: Sequence[Column],
    sort: str,
    size: int = 50,
) -> Listing:
    """
    Cut the page that the request asks for; unknown sorts and broken cursors mean the first page.

    :param sort: the default order, ``field`` or ``-field``
    """
    order = _wanted_order(request, columns, default=sort)
    field, descending = order.lstrip("-"), order.startswith("-")
    backwards = "before" in request.GET
    cursor = _read_cursor(request.GET.get("before") or request.GET.get("after"))
    reverse = descending != backwards
    if cursor is not None:
        try:
            rows = rows.filter(_beyond(field, *cursor, smaller=reverse))
        except (ValueError, TypeError, ValidationError):
            cursor, backwards, reverse = None, False, descending
    sign = "-" if reverse else ""
    found = list(rows.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1])
    more = len(found) > size
    shown = found[:size]
    if backwards:
        shown.reverse()
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Listing(
        rows=shown,
        headings=[_heading(request, column, order) for column in columns],
        next_url=_page_url(request, "after", shown[-1], field) if shown and has_next else None,
        previous_url=_page_url(request, "before", shown[0], field)
        if shown and has_previous
        else None,
        url=request.get_full_path(),
    )


def _wanted_order(request: HttpRequest, columns: Sequence[Column], *, default: str) -> str:
    wanted = request.GET.get("sort", default)
    allowed = {column.sort for column in columns if column.sort}
    return wanted if wanted.lstrip("-") in allowed else default


def _beyond(field: str, value: Any, key: Any, *, smaller: bool) -> Q:
    # The plain bound on the sorted field is redundant, and is what lets an index find the page.
    strict, loose = ("lt", "lte") if smaller else ("gt", "gte")
    return Q(**{f"{field}__{loose}": value}) & (
        Q(**{f"{field}__{strict}": value}) | Q(**{f"pk__{strict}": key})
    )


def _heading(request: HttpRequest, column: Column, order: str) -> Heading:
    if not column.sort:
        return Heading(column, None, None)
    sorted_by_this = order.lstrip("-") == column.sort
    descending = order.startswith("-")
    following = column.sort if sorted_by_this and descending else f"-{column.sort}"
    direction: Literal["ascending", "descending"] | None = None
    if sorted_by_this:
        direction = "descending" if descending else "ascending"
    return Heading(column, _url(request, sort=following), direction)


def _page_url(request: HttpRequest, name: str, row: Model, field: str) -> str:
    value: Any = row
    for part in field.split("__"):
        value = getattr(value, part)
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    written = json.dumps([value, row.pk], default=str, ensure_ascii=False)
    cursor = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
    return _url(request, **{name: cursor})


def _read_cursor(text: str | None) -> tuple[Any, Any] | None:
    if not text:
        return None
    try:
        value, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, TypeError):
        return None
    return value, key


def _url(request: HttpRequest, **changes: str) -> str:
    kept = {
        name: values
        for name, values in request.GET.lists()
        if name not in {"after", "before", *changes}
    }
    return f"{request.path}?{urlencode({**kept, **changes}, doseq=True)}"
