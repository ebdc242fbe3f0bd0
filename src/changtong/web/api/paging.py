"""Keyset pages: stable under change, as fast on page 1,000 as on page 1."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from changtong.kernel.errors import Refused


Row = TypeVar("Row", bound=Model)

LIMIT_AT_MOST = 100


def page(
    rows: QuerySet[Row], *, field: str, descending: bool, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """
    Return one page ordered by (field, id) and the cursor of the next, if there is one.

    :raises Refused: ``cursor.invalid``
    """
    if cursor:
        column = rows.model._meta.get_field(field)  # noqa: SLF001 - the public way to it
        rows = rows.filter(_beyond(field, *_decoded(cursor, column), descending=descending))
    found = list(rows[: min(limit, LIMIT_AT_MOST) + 1])
    if len(found) <= min(limit, LIMIT_AT_MOST):
        return found, None
    found.pop()
    last = found[-1]
    return found, _encoded(getattr(last, field), last.pk)


def _beyond(field: str, value: Any, pk: int, *, descending: bool) -> Q:
    side = "lt" if descending else "gt"
    if value is None:
        # Nulls come last, so only nulls with a later id are left.
        return Q(**{field: None, f"id__{side}": pk})
    beyond = Q(**{f"{field}__{side}": value}) | Q(**{field: value, f"id__{side}": pk})
    return beyond if descending else beyond | Q(**{field: None})


def _encoded(value: datetime | str | None, pk: int) -> str:
    body = json.dumps([value.isoformat() if isinstance(value, datetime) else value, pk])
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _decoded(cursor: str, column: Any) -> tuple[Any, int]:
    try:
        raw: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value, pk = raw
        found, serial = column.to_python(value), int(pk)
    except (ValueError, TypeError, OverflowError, ValidationError) as error:
        raise Refused("cursor.invalid") from error
    if isinstance(found, str) and not found.isprintable():
        raise Refused("cursor.invalid")
    return found, serial
