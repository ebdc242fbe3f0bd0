"""Automatic decisions as they are kept on the ticket and shown on its page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


def decision(
    *, about: str, value: str, clause: str, at: datetime, why: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return a decision as JSON: what was decided, by which clause, when and why."""
    return {
        "about": about,
        "value": value,
        "clause": clause,
        "at": at.isoformat(),
        "why": dict(why or {}),
    }
