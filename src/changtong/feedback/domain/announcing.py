"""Whom an announcement concerns, and whether it can be made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from changtong.kernel.errors import Refused


TEXT_AT_MOST = 500


class AnnouncementKind(StrEnum):
    """What everybody in some places is told: what has failed, or what we are going to do."""

    OUTAGE = "outage"
    WORKS = "works"


def concerns(
    *, region_paths: Sequence[str], families: Sequence[str], region_path: str, family: str
) -> bool:
    """Say whether a line at a place is meant; without families every service is."""
    here = any(region_path.startswith(path) for path in region_paths)
    return here and (not families or family in families)


def shown(*, kind: str, ends_at: datetime, at: datetime) -> bool:
    """Say whether it is still told; an outage is over when somebody says so, not by the clock."""
    return kind == AnnouncementKind.OUTAGE or at < ends_at


def require_sound(
    *,
    text: str,
    region_paths: Sequence[str],
    within: str,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
) -> None:
    """
    Refuse what would tell nobody anything, or people elsewhere.

    :param within: the path of the region of whoever announces
    :raises Refused: ``announcement.empty``, ``announcement.too_long``,
        ``announcement.nowhere``, ``announcement.elsewhere``, ``announcement.ends_early``
    """
    if not text.strip():
        raise Refused("announcement.empty")
    if len(text) > TEXT_AT_MOST:
        raise Refused("announcement.too_long", at_most=TEXT_AT_MOST)
    if not region_paths:
        raise Refused("announcement.nowhere")
    if not all(path.startswith(within) for path in region_paths):
        raise Refused("announcement.elsewhere")
    if ends_at <= starts_at or ends_at <= at:
        raise Refused("announcement.ends_early", ends_at=ends_at)
