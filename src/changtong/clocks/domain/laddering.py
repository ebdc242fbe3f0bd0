"""
When somebody is told of a limit that runs out, and whom it goes up to if nobody answers.

Nothing is counted on from the last time: what is due next follows from the clock as it is now,
the steps that were taken and the answers that were given. So a pause, a new grade or a reopening
needs no repair here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from changtong.clocks.domain import open_time, timer
from changtong.clocks.domain.planning import Limit
from changtong.standard.domain.calendars import Calendar
from changtong.standard.domain.ladders import Ladder, Rung


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that somebody was told of: the first time, or again after nobody answered."""

    rung: int
    round: int
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told next, and when."""

    rung: Rung
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Climb:
    """
    The ladder of one clock.

    :param moments: when each step comes by itself, in order
    :param due_at: when the limit ends
    :param applies_from: from when on the limit holds; a new grade's limit is set back in time
    :param told_in: in whose open time notices go out; none for any hour
    """

    ladder: Ladder
    moments: tuple[datetime, ...]
    due_at: datetime
    applies_from: datetime
    told_in: Calendar | None = None

    def next(self, taken: Sequence[Taken], answered: Sequence[datetime]) -> Due | None:
        """Return what comes next after these steps and these answers; None at the end."""
        last = max(taken, key=lambda one: (one.rung, one.round), default=None)
        coming = self._coming(last, answered)
        again = self._again(last, answered) if last is not None else None
        if again is not None and (coming is None or again.at < coming.at):
            return again
        return coming

    def opening(self, at: datetime) -> datetime:
        """Return when something due at an instant may be told: at once, or when quiet ends."""
        if self.told_in is None:
            return at
        return open_time.opening(self.told_in, at)

    def _coming(self, last: Taken | None, answered: Sequence[datetime]) -> Due | None:
        for rung in self.ladder.rungs[last.rung if last else self._passed() :]:
            if self._is_answered(rung, answered):
                continue
            at = max(self.moments[rung.number - 1], self.applies_from)
            if last is not None and self._is_above(rung, last):
                at = min(at, last.told_at + self.ladder.answer_within)
            # Whoever is told second is told second, also when both waited for the morning.
            if last is not None:
                at = max(at, last.told_at)
            return Due(rung, 0, self.opening(at))
        return None

    def _again(self, last: Taken, answered: Sequence[datetime]) -> Due | None:
        rung = self.ladder.rungs[last.rung - 1]
        if rung.repeat_every is None or last.round >= rung.repeat_at_most:
            return None
        if self._is_answered(rung, answered):
            return None
        return Due(rung, last.round + 1, self.opening(last.told_at + rung.repeat_every))

    def _passed(self) -> int:
        """
        Return how many steps a limit set back in time leaves out, so that the last still comes.

        A case regraded in the afternoon would otherwise tell the morning's steps all at once.
        """
        before = [number for number, at in enumerate(self.moments) if at < self.applies_from]
        return before[-1] if before else 0

    def _is_above(self, rung: Rung, last: Taken) -> bool:
        """Say whether a step is reached early because nobody answered the one below."""
        below = self.ladder.rungs[last.rung - 1]
        # The step for a broken limit waits until it is broken.
        return rung.height > below.height and rung.is_after_the_end == below.is_after_the_end

    def _is_answered(self, rung: Rung, answered: Sequence[datetime]) -> bool:
        """
        Say whether an answer leaves a step out.

        Who takes a warning in hand is left in peace until the limit ends; then it begins anew.
        """
        return any((at >= self.due_at) == rung.is_after_the_end for at in answered)


def climb(
    ladder: Ladder,
    limit: Limit,
    *,
    due_at: datetime,
    applies_from: datetime,
    told_in: Calendar | None,
) -> Climb:
    """Return the ladder of a limit as it runs now."""
    moments: list[datetime] = []
    for rung in ladder.rungs:
        at = _moment(rung, limit, due_at)
        # A lead time longer than the limit, or than the share before it, moves nothing ahead.
        moments.append(max(at, moments[-1] if moments else limit.started_at))
    return Climb(ladder, tuple(moments), due_at, applies_from, told_in)


def _moment(rung: Rung, limit: Limit, due_at: datetime) -> datetime:
    if rung.after is not None:
        return due_at + rung.after
    if rung.before is not None:
        return due_at - rung.before
    if rung.share is None or rung.share == 1:
        return due_at
    return timer.share_at(
        started_at=limit.started_at,
        within=limit.within,
        share=rung.share,
        calendar=limit.calendar,
        pauses=limit.pauses,
    )
