"""The only place that reads the system clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place
