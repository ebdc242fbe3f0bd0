"""
Lists that stay fast: allow-listed sorting and keyset pages over a queryset.

A view asks a context for a queryset, and this module cuts one page from it::

    columns = (
        Column(_("单号"), sort="number"),
        Column(_("登记时间"), sort="opened_at"),
        Column(_("客户")),
    )
    listing = page_of(request, tickets.visible_to(staff), columns=columns, sort="-opened_at")

People may sort by a column only if its values are never null and an index serves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from changtong.kernel.errors import Refused
from changtong.web.ui import paging
from changtong.web.ui.paging import Order


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
    nullable: bool = False,
    size: int = 50,
) -> Listing:
    """
    Cut the page that the request asks for; unknown sorts and broken cursors mean the first page.

    :param sort: the default order, ``field`` or ``-field``
    :param nullable: rows may have no value in it, and then come last
    """
    order = _wanted_order(request, columns, default=sort)
    by = Order(order.lstrip("-"), descending=order.startswith("-"), nullable=nullable)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = paging.cut(rows, by, size=size, after=after, before=before)
    except Refused:
        page = paging.cut(rows, by, size=size)
    return Listing(
        rows=page.rows,
        headings=[_heading(request, column, order) for column in columns],
        next_url=_url(request, after=page.after) if page.after else None,
        previous_url=_url(request, before=page.before) if page.before else None,
        url=request.get_full_path(),
    )


def bounded(count: int, at_most: int) -> str:
    """Word a count that stopped at a limit: 99+."""
    return f"{at_most - 1}+" if count >= at_most else str(count)


def _wanted_order(request: HttpRequest, columns: Sequence[Column], *, default: str) -> str:
    wanted = request.GET.get("sort", default)
    allowed = {column.sort for column in columns if column.sort}
    return wanted if wanted.lstrip("-") in allowed else default


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


def _url(request: HttpRequest, **changes: str) -> str:
    kept = {
        name: values
        for name, values in request.GET.lists()
        if name not in {"after", "before", *changes}
    }
    return f"{request.path}?{urlencode({**kept, **changes}, doseq=True)}"
