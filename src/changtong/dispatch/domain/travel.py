"""The way between two visits."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from changtong.kernel.geo import distance_km
from changtong.kernel.time import Period
from changtong.standard.domain.rules import VisitRule


Place = tuple[float, float]


def takes(from_: Place, to: Place, *, rule: VisitRule) -> timedelta:
    """Return how long the way takes: the straight line with the detour of roads, whole minutes."""
    km = distance_km(from_, to) * rule.detour_percent / 100
    return timedelta(minutes=ceil(round(km / rule.speed_kmh * 60, 6)))


def ways(
    stay: Period, *, there: Place | None, here: Place | None, rule: VisitRule
) -> list[Period]:
    """Return when a person with a visit there is on the way to it from here, and back."""
    if there is None or here is None or stay.end is None:
        return []
    length = takes(here, there, rule=rule)
    if not length:
        return []
    return [Period(stay.start - length, stay.start), Period(stay.end, stay.end + length)]
