"""
What another edition would have made of a recorded case: its limits, due times and breaches.

What happened stays as it is written: when each limit began and ended, when the case was graded
anew, when it was on hold. Only what the standard decides is decided anew: which limits there
are, how long, by which calendar, and how much of a pause is allowed. Whatever has a limit under
both editions is compared; a limit that only one of them knows is added or removed. What is owed
again and again, or after closing, is not added: when it would have been done nobody wrote down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from changtong.clocks.domain import pausing, timer
from changtong.clocks.domain.pausing import REOPENED
from changtong.kernel.time import Period
from changtong.standard.domain import words
from changtong.standard.domain.calendars import Calendar
from changtong.standard.domain.rules import PauseReason, Target


REGRADED = "regraded"
_OPEN = frozenset({"running", "paused"})

Limited: TypeAlias = tuple[str, str, str]
"""Metric, basis and the moment that starts it: what limits of two editions have in common."""


class Recorded(NamedTuple):
    """A clock as it ran, in plain values; a million cases have eight million of them."""

    pk: int
    subject: str
    metric: str
    basis: str
    clause: str
    within: str
    pausable: bool
    starts_on: str
    stops_on: str
    started_at: datetime
    applies_from: datetime
    due_at: datetime
    state: str
    breached_at: datetime | None
    stopped_at: datetime | None
    voided_at: datetime | None
    void_reason: str


class Paused(NamedTuple):
    """A stretch in which a clock was on hold, until its end or its cap."""

    clock: int
    reason: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Terms:
    """What an edition grants a case of one grade."""

    by_limit: Mapping[Limited, tuple[Target, ...]]
    calendars: Mapping[str, Calendar]
    allowances: Mapping[str, timedelta]

    @classmethod
    def of(
        cls,
        targets: Sequence[Target],
        calendars: Mapping[str, Calendar],
        reasons: Sequence[PauseReason],
    ) -> Terms:
        """Return the terms with the limits in the order in which they are looked for."""
        by_limit: dict[Limited, list[Target]] = defaultdict(list)
        for target in targets:
            by_limit[target.metric, target.basis, target.starts_on].append(target)
        return cls(
            {limited: tuple(found) for limited, found in by_limit.items()},
            calendars,
            {reason.code: reason.at_most for reason in reasons},
        )


@dataclass(slots=True)
class History:
    """
    What is recorded of one case.

    :param grades: the other edition's terms, each with the instant from which they hold
    :param moments: moments of the standard that the case is known to have reached
    :param seen_at: when open clocks are looked at
    :param over_at: when the case was over, if it is
    """

    clocks: Sequence[Recorded]
    pauses: Sequence[Paused]
    grades: Sequence[tuple[datetime, Terms]]
    moments: Mapping[str, datetime]
    seen_at: datetime
    over_at: datetime | None = None
    _allowed: dict[tuple[str, datetime], datetime] | None = field(init=False, default=None)

    @property
    def closes_at(self) -> datetime:
        return self.over_at or self.seen_at

    def moment(self, name: str) -> datetime | None:
        """Return when the case reached a moment; what its clocks tell comes first."""
        for clock in self.clocks:
            if clock.starts_on == name:
                return clock.started_at
            if clock.stops_on == name and clock.stopped_at is not None:
                return clock.stopped_at
        return self.moments.get(name)

    def holds(
        self, clocks: Sequence[Recorded], allowances: Mapping[str, timedelta]
    ) -> list[Period]:
        """Return how long each pause would have lasted, for a limit that these clocks measured."""
        if not self.pauses:
            return []
        if self._allowed is None:
            self._allowed = _allowed(self.pauses, allowances)
        # A limit that never paused takes the pauses of the clocks beside it.
        own = {clock.pk for clock in clocks if clock.pausable}
        ends: dict[tuple[str, datetime], datetime] = {}
        for paused in self.pauses:
            key = paused.reason, paused.started_at
            allowed = self._allowed.get(key)
            if allowed is None or (own and paused.clock not in own):
                continue
            ends[key] = max(ends.get(key, paused.started_at), min(paused.ended_at, allowed))
        return [Period(start, end) for (_reason, start), end in ends.items()]


class Difference(NamedTuple):
    """One limit of a case under both editions; a side that has no such limit has no due time."""

    metric: str
    basis: str
    clause: str
    recorded_clause: str
    within: str
    recorded_within: str
    calendar: str
    started_at: datetime
    ended_at: datetime
    due_at: datetime | None
    recorded_due_at: datetime | None
    is_breached: bool
    was_breached: bool


def differences(history: History) -> Iterator[Difference]:
    """Yield every limit of a case as it was recorded and as the other edition would have it."""
    recorded: dict[Limited, list[Recorded]] = {}
    for clock in history.clocks:
        limited = clock.metric, clock.basis, clock.starts_on
        known = recorded.get(limited)
        if known is None:
            recorded[limited] = [clock]
        else:
            known.append(clock)
    terms = history.grades[0][1]
    is_plain = len(history.grades) == 1
    for limited, clocks in recorded.items():
        targets = terms.by_limit.get(limited, ())
        if is_plain and len(clocks) == 1 and len(targets) == 1 and _is_ordinary(clocks[0]):
            yield _measured(history, clocks[0], targets[0], terms)
        else:
            yield from _traced(history, clocks, limited)
    seen: set[Limited] = set()
    for _since, granted in history.grades:
        for limited in granted.by_limit:
            if limited in recorded or limited in seen:
                continue
            seen.add(limited)
            if any(_was_unwatched(target) for target in granted.by_limit[limited]):
                continue
            started_at = history.moment(limited[2])
            if started_at is not None:
                yield from _compared(history, (), limited, started_at)


def _was_unwatched(target: Target) -> bool:
    """Say whether nobody wrote down when this would have been done, so that nothing is known."""
    return bool(target.again_until) or target.stops_on in words.AFTER_CLOSING


def _is_ordinary(clock: Recorded) -> bool:
    return clock.void_reason != REGRADED


def _measured(history: History, clock: Recorded, target: Target, terms: Terms) -> Difference:
    """Compare one clock with the one limit that would have been in its place throughout."""
    calendar = terms.calendars[target.calendar]
    pauses = (
        history.holds((clock,), terms.allowances)
        if history.pauses and pausing.may_pause(target)
        else ()
    )
    due_at = timer.due_at(
        started_at=clock.started_at, within=target.within, calendar=calendar, pauses=pauses
    )
    ended_at = _end(history, clock)
    other_end = ended_at
    if target.stops_on != clock.stops_on:
        other_end = _stop(history, target.stops_on, clock.started_at)
    return Difference(
        target.metric,
        target.basis,
        target.clause,
        clock.clause,
        str(target.within),
        clock.within,
        target.calendar,
        clock.started_at,
        other_end,
        due_at,
        clock.due_at,
        due_at < other_end,
        _was_breached(history, clock),
    )


def _traced(
    history: History, clocks: Sequence[Recorded], limited: Limited
) -> Iterator[Difference]:
    """Compare clocks that took each other's place, ran side by side, or ran more than once."""
    by_start: dict[datetime, list[Recorded]] = defaultdict(list)
    for clock in clocks:
        by_start[clock.started_at].append(clock)
    for started_at, runs in by_start.items():
        runs.sort(key=lambda clock: (clock.applies_from, clock.pk))
        yield from _compared(history, runs, limited, started_at)


def _compared(
    history: History, runs: Sequence[Recorded], limited: Limited, started_at: datetime
) -> Iterator[Difference]:
    """Pair what ran with what would have run, by clause where that is possible."""
    lanes = _lanes(history, limited)
    remaining = list(lanes)
    for chain in _chains(runs):
        last = chain[-1]
        fitting = [code for code in remaining if _last(lanes[code]).clause == last.clause]
        lane = next(iter(fitting or remaining), None)
        if lane is None:
            yield _removed(history, chain)
        else:
            remaining.remove(lane)
            yield _other(history, chain, lanes[lane], started_at)
    for code in remaining:
        found = _other(history, (), lanes[code], started_at)
        if found.due_at is not None:
            yield found


_Lane: TypeAlias = list[tuple[datetime, Target | None, Terms]]


def _lanes(history: History, limited: Limited) -> dict[str, _Lane]:
    """Return for each limit of the other edition what it says under each grade of the case."""
    codes = {
        target.limit: None
        for _since, terms in history.grades
        for target in terms.by_limit.get(limited, ())
    }
    return {
        code: [
            (
                since,
                next((one for one in terms.by_limit.get(limited, ()) if one.limit == code), None),
                terms,
            )
            for since, terms in history.grades
        ]
        for code in codes
    }


def _last(lane: _Lane) -> Target:
    return next(target for _since, target, _terms in reversed(lane) if target is not None)


def _chains(runs: Sequence[Recorded]) -> list[list[Recorded]]:
    """Join each clock with those whose place it took."""
    chains = [[clock] for clock in runs if _is_ordinary(clock)]
    replaced = [clock for clock in runs if not _is_ordinary(clock)]
    if not chains:
        return [replaced] if replaced else []
    for clock in reversed(replaced):
        same = next((chain for chain in chains if chain[-1].clause == clock.clause), chains[0])
        same.insert(0, clock)
    return chains


def _other(
    history: History, chain: Sequence[Recorded], lane: _Lane, started_at: datetime
) -> Difference:
    """Follow a limit of the other edition through the grades of the case."""
    stops_on = _last(lane).stops_on
    last = chain[-1] if chain else None
    if last is not None and _is_ordinary(last) and last.stops_on == stops_on:
        ended_at = _end(history, last)
    else:
        ended_at = _stop(history, stops_on, started_at)
    governing: Target | None = None
    due_at: datetime | None = None
    is_breached = False
    for step, (since, target, terms) in enumerate(lane):
        # What is graded and ended at once was graded first, as at acceptance.
        if step and since > ended_at:
            break
        until = lane[step + 1][0] if step + 1 < len(lane) else ended_at
        if until <= started_at and step + 1 < len(lane):
            continue
        if target is None:
            governing, due_at = None, None
            continue
        if governing is None or _measure(governing) != _measure(target):
            governing = target
            pauses = history.holds(chain, terms.allowances) if pausing.may_pause(target) else ()
            due_at = timer.due_at(
                started_at=started_at,
                within=target.within,
                calendar=terms.calendars[target.calendar],
                pauses=pauses,
            )
        if due_at is not None and due_at < min(until, ended_at):
            is_breached = True
    shown = governing or _last(lane)
    return Difference(
        shown.metric,
        shown.basis,
        shown.clause if due_at or is_breached else "",
        last.clause if last else "",
        str(shown.within) if due_at else "",
        last.within if last else "",
        shown.calendar,
        started_at,
        ended_at,
        due_at,
        _recorded_due(last) if last else None,
        is_breached,
        any(_was_breached(history, clock) for clock in chain),
    )


def _removed(history: History, chain: Sequence[Recorded]) -> Difference:
    last = chain[-1]
    return Difference(
        last.metric,
        last.basis,
        "",
        last.clause,
        "",
        last.within,
        "",
        last.started_at,
        _end(history, last),
        None,
        _recorded_due(last),
        False,
        any(_was_breached(history, clock) for clock in chain),
    )


def _measure(target: Target) -> tuple[str, str, str]:
    return target.clause, target.calendar, str(target.within)


def _recorded_due(last: Recorded) -> datetime | None:
    # What a new grade took away without putting anything in its place was no limit any more.
    return last.due_at if _is_ordinary(last) else None


def _end(history: History, clock: Recorded) -> datetime:
    return clock.stopped_at or clock.voided_at or history.seen_at


def _stop(history: History, stops_on: str, started_at: datetime) -> datetime:
    """Return when a limit that did not run then would have ended."""
    found = history.moment(stops_on)
    return found if found is not None and found >= started_at else history.closes_at


def _was_breached(history: History, clock: Recorded) -> bool:
    # A breach is true at its due time, whether the sweep has come by since or not.
    return clock.breached_at is not None or (
        clock.state in _OPEN and clock.due_at < history.seen_at
    )


def _allowed(
    pauses: Sequence[Paused], allowances: Mapping[str, timedelta]
) -> dict[tuple[str, datetime], datetime]:
    """Return until when each pause is allowed; earlier ones for its reason use it up."""
    longest: dict[tuple[str, datetime], datetime] = {}
    for paused in pauses:
        key = paused.reason, paused.started_at
        longest[key] = max(longest.get(key, paused.ended_at), paused.ended_at)
    used: dict[str, timedelta] = defaultdict(timedelta)
    allowed: dict[tuple[str, datetime], datetime] = {}
    for (reason, started_at), ended_at in sorted(longest.items(), key=lambda item: item[0][1]):
        if reason == REOPENED:
            allowed[reason, started_at] = ended_at
            continue
        left = allowances.get(reason, timedelta()) - used[reason]
        if left <= timedelta():
            continue
        end = min(ended_at, started_at + left)
        used[reason] += end - started_at
        allowed[reason, started_at] = end
    return allowed
