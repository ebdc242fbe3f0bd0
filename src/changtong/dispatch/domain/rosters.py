"""What is left of a duty when a part of it goes, and where nobody is on duty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from changtong.kernel.time import Period


class LeaveReason(StrEnum):
    """Why somebody is away."""

    ANNUAL = "annual"
    SICK = "sick"
    PERSONAL = "personal"
    TRAINING = "training"
    OTHER = "other"


def without(duty: Period, gone: Period) -> list[Period]:
    """Return the parts of a duty that lie before and after what goes."""
    if not duty.overlaps(gone):
        return [duty]
    left = []
    if duty.start < gone.start:
        left.append(Period(duty.start, gone.start))
    if gone.end is not None and (duty.end is None or gone.end < duty.end):
        left.append(Period(gone.end, duty.end))
    return left


def uncovered(hours: Iterable[Period], duties: Iterable[Period]) -> list[Period]:
    """Return the parts of these hours in which nobody is on duty, the first first."""
    left = list(hours)
    for duty in duties:
        left = [part for one in left for part in without(one, duty)]
    return sorted(left, key=lambda one: one.start)


def usual(duties: Iterable[Period], zone: ZoneInfo, *, at_most: int) -> list[tuple[time, time]]:
    """Return the wall-clock hours that people are on duty most often, by their beginning."""
    counted = Counter(
        (_wall(one.start, zone), _wall(one.end, zone)) for one in duties if one.end is not None
    )
    return sorted(hours for hours, _times in counted.most_common(at_most))


def _wall(at: datetime, zone: ZoneInfo) -> time:
    return at.astimezone(zone).time().replace(second=0, microsecond=0)
