"""What carries over when new limits take the place of open ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from changtong.kernel.time import Period
from changtong.standard.domain.rules import Target


Measure: TypeAlias = tuple[str, str, str, str, str, int]
"""Metric, basis, clause, calendar, limit and edition: what makes two clocks run alike."""


class Begun(NamedTuple):
    """A valid clock, as far as it says when limits began."""

    metric: str
    basis: str
    starts_on: str
    started_at: datetime
    is_open: bool


class Stretch(Protocol):
    """A stretch in which a clock was on hold; without an end it ends at its cap."""

    reason: str
    started_at: datetime
    ends_latest_at: datetime
    ended_at: datetime | None

    @property
    def period(self) -> Period:
        """Return the stretch that does not count."""


Held = TypeVar("Held", bound=Stretch)


def measure(target: Target, edition: int) -> Measure:
    """Return what a target's clock would have in common with every clock that runs alike."""
    within = str(target.within)
    return target.metric, target.basis, target.clause, target.calendar, within, edition


def origins(begun: Iterable[Begun], targets: Sequence[Target]) -> dict[Target, datetime]:
    """
    Return when each limit in play began.

    A limit whose start has not happened is not in play, nor is one that has been stopped.

    :param begun: in the order of their start
    """
    running: dict[tuple[str, str], datetime] = {}
    ended: set[tuple[str, str]] = set()
    moments: dict[str, datetime] = {}
    for one in begun:
        moments.setdefault(one.starts_on, one.started_at)
        if one.is_open:
            running[one.metric, one.basis] = one.started_at
        else:
            ended.add((one.metric, one.basis))
    found: dict[Target, datetime] = {}
    for target in targets:
        limited = (target.metric, target.basis)
        if limited in running:
            found[target] = running[limited]
        elif limited not in ended and target.starts_on in moments:
            found[target] = moments[target.starts_on]
    return found


def each_once(stretches: Iterable[Held]) -> list[Held]:
    """Return the longest of those that are one and the same stretch of several clocks."""
    longest: dict[tuple[str, datetime], Held] = {}
    for stretch in stretches:
        # Clocks that were stopped or replaced during a pause know only a part of it.
        key = (stretch.reason, stretch.started_at)
        known = longest.get(key)
        if known is None or _end(stretch) >= _end(known):
            longest[key] = stretch
    return list(longest.values())


def leave_longest_open(stretches: Iterable[Held], *, at: datetime) -> None:
    """End all that are open but the one whose cap is latest: a clock is on hold for one reason."""
    still_open = [found for found in stretches if found.ended_at is None]
    for found in sorted(still_open, key=lambda found: found.ends_latest_at)[:-1]:
        found.ended_at = at


def _end(stretch: Stretch) -> datetime:
    return stretch.ended_at or stretch.ends_latest_at
