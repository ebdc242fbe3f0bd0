"""Write an edition back into files as an author would: the same for the same body, always."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import tomli_w

from changtong.standard.domain.parsing import Body, canonical


# What an author looks for first; other keys follow by name. A database forgets the order of keys.
_FIRST = (
    "schema",
    "number",
    "code",
    "version",
    "parent",
    "kind",
    "kinds",
    "name",
    "name_en",
    "title",
    "title_en",
    "effective_from",
    "replaces",
    "areas",
    "owner",
    "review_on",
    "metric",
    "basis",
    "when",
    "priority",
    "within",
    "figure",
    "calendar",
    "pausable",
    "warn_at",
    "starts_on",
    "stops_on",
    "timezone",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "year",
    "at",
    "given",
    "expect",
    "enforced",
    "rules",
    "evidence",
    "legal_basis",
    "families",
    "clause",
    "text",
    "text_en",
)
_RANK = {key: rank for rank, key in enumerate(_FIRST)}

# Keys whose texts are days, and are written as TOML's dates.
_DAYS = frozenset({"effective_from", "review_on", "holidays", "workdays"})


def texts(body: Body) -> dict[str, str]:
    """Return the text of every file; parsing them gives the body again, with nothing lost."""
    return {name: text(body[name]) for name in sorted(body)}


def text(values: Mapping[str, Any]) -> str:
    """Return one file as TOML with its keys in the order in which authors write them."""
    # The writer turns CR LF inside long texts into LF; then everything is escaped on one line.
    is_plain = "\\r" not in canonical({"": values})
    return tomli_w.dumps(_ordered(values), multiline_strings=is_plain)


def _ordered(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (_RANK.get(name, len(_RANK)), name))
        return {name: _ordered(value[name], name) for name in names}
    if isinstance(value, list):
        return [_ordered(inner, key) for inner in value]
    if isinstance(value, str) and key in _DAYS:
        return _day(value)
    return value


def _day(value: str) -> date | str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return day if day.isoformat() == value else value
