"""The words that places and services share with the standard."""

from __future__ import annotations

from enum import StrEnum


class Family(StrEnum):
    """Families of service, as the standard scopes its clauses."""

    FIXED = "fixed"
    MOBILE = "mobile"
    BROADBAND = "broadband"
    PRIVATE_LINE = "private_line"
    CLOUD = "cloud"
    VALUE_ADDED = "value_added"


class RegionType(StrEnum):
    """Urban and rural places have different limits (电信条例 §32)."""

    URBAN = "urban"
    RURAL = "rural"


def path_below(parent_path: str, code: str) -> str:
    """
    Return the path of a region under its parent, e.g. ``/41/4101/``.

    :raises ValueError: if the code could break the path
    """
    if not code.isalnum():
        raise ValueError(f"region code {code!r} must be letters and digits")
    return f"{parent_path or '/'}{code}/"
