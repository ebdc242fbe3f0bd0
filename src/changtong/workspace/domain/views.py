"""Saved views: conditions as data from a closed list, so that no view can ask for more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from changtong.kernel.errors import Refused


Sort = Literal["code", "branch", "who", "moment", "text", "exact", "count"]

# What a condition may speak of, and how it compares.
FIELDS: Mapping[str, Sort] = {
    "kind": "code",
    "state": "code",
    "priority": "code",
    "channel": "code",
    "family": "code",
    "tier": "code",
    "impact": "code",
    "urgency": "code",
    "region_type": "code",
    "category": "branch",
    "region_path": "branch",
    "team_id": "who",
    "assignee_id": "who",
    "opened_at": "moment",
    "due_at": "moment",
    "accepted_at": "moment",
    "assigned_at": "moment",
    "responded_at": "moment",
    "resolved_at": "moment",
    "told_at": "moment",
    "closed_at": "moment",
    "title": "text",
    "contact_name": "text",
    "address": "text",
    "special_needs": "text",
    "contact_phone": "exact",
    "line__number": "exact",
    "customer__number": "exact",
    "reopened_count": "count",
}
# Relative to now, so that a view stays true tomorrow: `-24h` since then, `+2h` until then.
MOMENTS = (
    "past",
    "today",
    "+1h",
    "+2h",
    "+8h",
    "+24h",
    "-1h",
    "-8h",
    "-24h",
    "-3d",
    "-7d",
    "-30d",
    "none",
    "some",
)
WHO = ("me", "mine", "nobody")
COLUMNS = ("matter", "due", "priority", "state", "customer", "region", "holder", "opened")
ORDERS = ("due_at", "-opened_at", "opened_at")
SPANS = ("open", "every")

CONDITIONS_AT_MOST = 20
VALUES_AT_MOST = 60
VALUE_AT_MOST = 64
NAME_AT_MOST = 24


@dataclass(frozen=True, slots=True)
class Condition:
    """One field has one of these values."""

    field: str
    values: tuple[str, ...]

    @property
    def sort(self) -> Sort:
        """Return how the field compares."""
        return FIELDS[self.field]


@dataclass(frozen=True, slots=True)
class View:
    """What a view shows and how."""

    conditions: tuple[Condition, ...] = ()
    columns: tuple[str, ...] = COLUMNS
    order: str = "due_at"
    # Only what is not done yet, or everything.
    span: str = "open"

    def kept(self) -> dict[str, Any]:
        """Return the view as it is stored."""
        return {
            "conditions": {one.field: list(one.values) for one in self.conditions},
            "columns": list(self.columns),
            "order": self.order,
            "span": self.span,
        }


def name(given: str) -> str:
    """
    Return a name for something of a person's own.

    :raises Refused: ``view.name_missing``
    """
    words = " ".join(given.split())[:NAME_AT_MOST]
    if not words:
        raise Refused("view.name_missing")
    return words


def read(kept: Mapping[str, Any]) -> View:
    """
    Return a view from data, wherever it comes from.

    :raises Refused: ``view.not_understood``
    """
    given = kept.get("conditions", {})
    columns, order, span = (
        kept.get("columns", COLUMNS),
        kept.get("order", "due_at"),
        kept.get("span", "open"),
    )
    _require(isinstance(given, Mapping) and len(given) <= CONDITIONS_AT_MOST, "conditions")
    _require(order in ORDERS, "order")
    _require(span in SPANS, "span")
    listed = isinstance(columns, list | tuple) and all(one in COLUMNS for one in columns)
    _require(listed, "columns")
    conditions = tuple(_condition(field, values) for field, values in given.items())
    chosen = tuple(code for code in COLUMNS if code in columns)
    return View(conditions, chosen or COLUMNS, order, span)


def _condition(field: object, values: object) -> Condition:
    _require(isinstance(field, str) and field in FIELDS, str(field))
    _require(isinstance(values, list) and 0 < len(values) <= VALUES_AT_MOST, str(field))
    assert isinstance(field, str)  # noqa: S101 - seen to above
    assert isinstance(values, list)  # noqa: S101 - seen to above
    found = tuple(str(value).strip() for value in values)
    _require(all(0 < len(value) <= VALUE_AT_MOST for value in found), field)
    _require(all(_fits(FIELDS[field], value) for value in found), field)
    return Condition(field, found)


def _fits(sort: Sort, value: str) -> bool:
    if sort == "moment":
        return value in MOMENTS
    if sort == "who":
        return value in WHO or (value.isascii() and value.isdecimal())
    if sort == "count":
        return value.isascii() and value.isdecimal() and len(value) <= 3  # noqa: PLR2004 - a thousand reopenings are enough
    return True


def _require(holds: object, about: str) -> None:
    if not holds:
        raise Refused("view.not_understood", about=about)


def searches_text(conditions: Iterable[Condition]) -> bool:
    """Say whether something must be read word by word, which is too dear to count beside."""
    return any(one.sort == "text" for one in conditions)
