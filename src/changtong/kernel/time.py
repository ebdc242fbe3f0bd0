"""Instants and half-open periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def require_aware(at: datetime) -> datetime:
    """
    Return the instant in UTC.

    :raises ValueError: if the datetime has no time zone
    """
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at.isoformat()}")
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """
    A stretch of time that includes its start and excludes its end; no end means still open.

    :raises ValueError: if it ends before it starts
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(self.start)
        if self.end is not None and self.end < self.start:
            raise ValueError(f"{self.end.isoformat()} is before {self.start.isoformat()}")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def overlaps(self, other: Period) -> bool:
        """Say whether the two share any instant."""
        return (other.end is None or self.start < other.end) and (
            self.end is None or other.start < self.end
        )

    def length(self, *, until: datetime) -> timedelta:
        """Return how long it lasted, counting an open period up to `until`."""
        end = until if self.end is None else min(self.end, until)
        return max(end - self.start, timedelta())
