"""How far a program may page, and from where."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from changtong.web.ui import paging
from changtong.web.ui.paging import Order


Row = TypeVar("Row", bound=Model)

LIMIT_AT_MOST = 100


def page(
    rows: QuerySet[Any, Row], *, field: str, descending: bool, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """
    Return one page ordered by (field, id) and the cursor of the next, if there is one.

    :raises Refused: ``cursor.invalid``
    """
    nullable = bool(rows.model._meta.get_field(field).null)  # noqa: SLF001
    order = Order(field, descending=descending, nullable=nullable)
    found = paging.cut(rows, order, size=min(limit, LIMIT_AT_MOST), after=cursor or "")
    return found.rows, found.after
