"""
A whole life of clocks, minute by minute, with nothing shared with the engine.

Time is an array with one cell for each minute of UTC from `FIRST` to `LAST`. Whether a cell counts
is read off the local wall clock of that minute, in a table of 1440 readings for each local day.
A minute in which something begins or ends is cut at the microsecond. Instants are microseconds
since `FIRST`. Only names of fields are taken from calendars and targets: no method of theirs.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np


FIRST, LAST = datetime(2025, 11, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC)
MINUTE = 60_000_000
DAY = timedelta(days=1)
MINUTES = int((LAST - FIRST).total_seconds()) // 60
BEYOND = MINUTES * MINUTE
NEVER = 10**18
# One local day more on either side, since zones reach into the days around.
FIRST_DAY = FIRST.date() - DAY
DAYS = (LAST - FIRST).days + 3


def instant(at: datetime) -> int:
    return (at - FIRST) // timedelta(microseconds=1)


@cache
def wall(zone: str) -> np.ndarray:
    """Return for each minute of UTC how many minutes of the wall clock lie since the first day."""
    tz = ZoneInfo(zone)
    found = np.empty(MINUTES, dtype=np.int32)
    midnight = datetime.combine(FIRST_DAY, datetime.min.time())
    # Every quarter of an hour is asked for; no zone changes its clock in between.
    for quarter in range(0, MINUTES, 15):
        local = (FIRST + timedelta(minutes=quarter)).astimezone(tz).replace(tzinfo=None)
        reading = (local - midnight) // timedelta(minutes=1)
        found[quarter : quarter + 15] = np.arange(reading, reading + 15)
    return found


def hours(calendar: Any, day: date) -> tuple[tuple[int, int], ...]:
    if day in calendar.holidays:
        return ()
    weekly, makeup = calendar.weekly, calendar.makeup_hours
    today = day.month * 100 + day.day
    for season in calendar.seasons:
        first = season.first[0] * 100 + season.first[1]
        last = season.last[0] * 100 + season.last[1]
        inside = first <= today <= last if first <= last else today >= first or today <= last
        if inside:
            weekly = season.weekly
            makeup = season.makeup_hours or makeup
    return makeup if day in calendar.workdays else weekly[day.weekday()]


class Timeline:
    """What each minute is in one calendar."""

    def __init__(self, calendar: Any) -> None:
        readings = np.zeros((DAYS + 2, 1440), dtype=bool)
        opens = np.zeros(DAYS, dtype=bool)
        for number in range(-1, DAYS):
            for start, end in hours(calendar, FIRST_DAY + number * DAY):
                if number >= 0:
                    opens[number] = True
                    readings[number, start : min(end, 1440)] = True
                if end > 1440:
                    readings[number + 1, : end - 1440] = True
        self.calendar = calendar
        self.wall = wall(calendar.timezone)
        self.open = readings.ravel()[self.wall]
        self.working = np.repeat(opens, 1440)[self.wall]

    def day(self, at: int) -> int:
        return int(self.wall[at // MINUTE]) // 1440

    def reading(self, at: int) -> int:
        return int(self.wall[at // MINUTE]) % 1440

    def date(self, day: int) -> date:
        return FIRST_DAY + day * DAY

    def first_minute_after(self, day: int, since: int) -> int:
        """Return the first minute that is no longer of this local day or an earlier one."""
        begin = since // MINUTE
        size = (day - self.day(since) + 2) * 1440 + 240
        later = self.wall[begin : begin + size] >= (day + 1) * 1440
        return begin + int(np.argmax(later)) if later.any() else MINUTES

    def is_working(self, day: int) -> bool:
        return hours(self.calendar, self.date(day)) != ()


@dataclass
class Hold:
    reason: str
    start: int
    cap: int
    end: int | None = None
    how: str = ""
    copied: bool = False
    # When it was approved, if that was after it began.
    approved: int | None = None

    @property
    def until(self) -> int:
        return self.cap if self.end is None else self.end


@dataclass
class Clock:
    target: Any
    edition: int
    timeline: Timeline
    start: int
    applies: int
    holds: list[Hold] = field(default_factory=list)
    state: str = "open"
    end: int | None = None
    reopened: int = 0
    was_stopped: list[tuple[int, int]] = field(default_factory=list)

    def held(self, at: int) -> Hold | None:
        """Return the hold that is on at an instant: begun, not ended, its cap not reached."""
        return next((h for h in self.holds if h.end is None and h.start <= at < h.cap), None)

    @property
    def pausable(self) -> bool:
        return self.target.basis == "promise" and self.target.pausable


class Subject:
    """Everything that happens to one subject, in the order in which it happens."""

    def __init__(self, timelines: dict[int, dict[str, Timeline]]) -> None:
        self.timelines = timelines
        self.clocks: list[Clock] = []

    def open(self, metrics: Any = None) -> list[Clock]:
        return [
            c for c in self.clocks if c.state == "open" and (not metrics or c.target.metric in metrics)
        ]  # fmt: skip

    def start(self, edition: int, targets: Any, at: int) -> None:
        for target in targets:
            timeline = self.timelines[edition][target.calendar]
            self.clocks.append(Clock(target, edition, timeline, at, at))

    def finish(self, how: str, metrics: Any, at: int) -> None:
        for clock in self.open(metrics):
            hold = clock.held(at)
            if hold:
                hold.end, hold.how = at, how
            clock.state, clock.end = how, at

    def renew(self, metrics: Any, at: int) -> None:
        for clock in self.open(metrics):
            hold = clock.held(at)
            again = Clock(clock.target, clock.edition, clock.timeline, at, at)
            if hold:
                again.holds.append(Hold(hold.reason, hold.start, hold.cap, copied=True))
                hold.end, hold.how = at, "stopped"
            clock.state, clock.end = "stopped", at
            self.clocks.append(again)

    def pause(self, reason: str, at_most: int, at: int, since: int | None = None) -> bool:
        running = [c for c in self.open() if c.pausable and not c.held(at)]
        used = sum(
            min(max(h.until for h in same), at) - same[0].start
            for same in self.holds()
            if same[0].reason == reason
        )
        if running and used >= at_most:
            return False
        for clock in running:
            start = at if since is None else since
            late = None if since is None else at
            clock.holds.append(Hold(reason, start, start + at_most - used, approved=late))
        return True

    def resume(self, at: int) -> None:
        for clock in self.open():
            hold = clock.held(at)
            if hold:
                hold.end, hold.how = at, "resumed"

    def holds(self) -> list[list[Hold]]:
        """Return all holds, those that are one and the same together."""
        same: dict[tuple[str, int], list[Hold]] = {}
        for clock in self.clocks:
            for hold in clock.holds:
                same.setdefault((hold.reason, hold.start), []).append(hold)
        return sorted(same.values(), key=lambda holds: holds[0].start)

    def wanted(self, targets: Any) -> list[tuple[Any, int]]:
        """Return the limits that are in play, with when each began."""
        found = []
        for target in targets:
            valid = [c for c in self.clocks if c.state != "void"]
            of_it = [
                c for c in valid if (c.target.metric, c.target.basis) == (target.metric, target.basis)
            ]  # fmt: skip
            running = [c.start for c in of_it if c.state == "open"]
            begun = [c.start for c in valid if c.target.starts_on == target.starts_on]
            if running:
                found.append((target, max(running)))
            elif not of_it and begun:
                found.append((target, min(begun)))
        return found

    def regrade(self, edition: int, targets: Any, at: int) -> None:
        def alike(clock: Clock, target: Any) -> bool:
            names = ("metric", "basis", "clause", "calendar", "within")
            return clock.edition == edition and all(
                getattr(clock.target, name) == getattr(target, name) for name in names
            )

        was_open, wanted = self.open(), self.wanted(targets)
        kept = [c for c in was_open if any(alike(c, target) for target, _ in wanted)]
        longest = [max(same, key=lambda h: (h.until, h.end is None)) for same in self.holds()]
        on = [h for h in longest if h.end is None and h.cap > at]
        stays = max(on, key=lambda h: h.cap) if on else None
        for target, since in wanted:
            if any(alike(c, target) for c in kept):
                continue
            clock = Clock(
                target, edition, self.timelines[edition][target.calendar], since, max(at, since)
            )
            for hold in longest if clock.pausable else ():
                copy = Hold(hold.reason, hold.start, hold.cap, hold.end, copied=True)
                if hold in on and hold is not stays:
                    copy.end = at
                clock.holds.append(copy)
            self.clocks.append(clock)
        for clock in was_open:
            if clock not in kept:
                hold = clock.held(at)
                if hold:
                    hold.end, hold.how = at, "void"
                clock.state, clock.end = "void", at

    def reopen(self, metrics: Any, at: int) -> None:
        stopped = [c for c in self.clocks if c.state == "stopped" and c.target.metric in metrics]
        taken = {self.key(c) for c in self.open()}
        # Of each limit the one that was stopped last, and of those the one made last.
        last: dict[Any, Clock] = {}
        for clock in stopped:
            known = last.get(self.key(clock))
            if known is None or (clock.end or 0) >= (known.end or 0):
                last[self.key(clock)] = clock
        for key, clock in last.items():
            if key in taken or clock.end is None:
                continue
            if clock.pausable and clock.end < at:
                clock.holds.append(Hold("reopened", clock.end, at, at, "resumed"))
            clock.was_stopped.append((clock.end, at))
            clock.state, clock.end = "open", None

    @staticmethod
    def key(clock: Clock) -> Any:
        return clock.target.metric, clock.target.basis, clock.target.clause


# -----------------------------------------------------------------------------------------
# Counting
# -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What the counting found of one clock, to be compared with what the engine says."""

    due: int
    allowed: int
    elapsed: int
    breached: int | None
    warnings: tuple[tuple[int, float], ...]


def verdict(clock: Clock, now: int) -> Verdict:
    until = now if clock.end is None else clock.end
    limit = clock.target.within
    line = clock.timeline
    if limit.cut_off is not None and line.reading(clock.start) >= limit.cut_off.minute:
        limit = limit.cut_off.otherwise
    cells, begin, allowed = countable(line, clock.start, limit.unit, limit.value)
    counter = Counter(cells, begin, clock.start, [(h.start, h.until) for h in clock.holds])
    if allowed is None:
        allowed = Counter(cells, begin, clock.start, []).until(
            line.first_minute_after(last_day(line, clock.start, limit), clock.start) * MINUTE
        )
    due = counter.reaches(allowed)
    return Verdict(
        due=due,
        allowed=allowed,
        elapsed=counter.until(until),
        breached=max(due, clock.applies) if is_late(clock, due, until) else None,
        warnings=tuple(warnings(clock, counter, allowed, due, until)),
    )


def countable(
    line: Timeline, start: int, unit: str, value: int
) -> tuple[np.ndarray | None, int, int | None]:
    """Return which minutes count, from when on, and how much is allowed if that is fixed."""
    if unit in ("minute", "hour"):
        return line.open, start, value * (60 if unit == "hour" else 1) * MINUTE
    if unit == "today":
        return None, start, None
    tomorrow = line.first_minute_after(line.day(start), start) * MINUTE
    return (line.working if unit == "working_day" else None), tomorrow, None


def last_day(line: Timeline, start: int, limit: Any) -> int:
    day = line.day(start)
    if limit.unit == "today":
        return day
    if limit.unit == "month":
        begun = line.date(day)
        month = begun.replace(day=1)
        for _ in range(limit.value):
            month = (month + 32 * DAY).replace(day=1)
        days = monthrange(month.year, month.month)[1]
        return (month.replace(day=min(begun.day, days)) - FIRST_DAY).days
    left = limit.value
    while left:
        day += 1
        left -= limit.unit == "day" or line.is_working(day)
    return day


class Counter:
    """Count the minutes that are marked, from an instant on, outside of the holds."""

    def __init__(
        self, cells: np.ndarray | None, begin: int, start: int, holds: list[tuple[int, int]]
    ) -> None:
        self.cells = cells
        self.begin = begin
        self.start = start
        self.holds = [(max(a, begin), b) for a, b in holds if b > a and b > begin]
        self.minute = begin // MINUTE
        self.sums = np.zeros(0, dtype=np.int64)
        self._grow(8 * 1440)

    def _grow(self, size: int) -> None:
        """Weigh each minute of a window with the microseconds of it that count, and add up."""
        first, last = self.minute, min(self.minute + size, MINUTES)
        if self.cells is None:
            weights = np.full(last - first, MINUTE, dtype=np.int64)
        else:
            weights = self.cells[first:last] * np.int64(MINUTE)
        cut = {self.begin // MINUTE}
        for a, b in self.holds:
            weights[max(a // MINUTE - first, 0) : max(b // MINUTE - first, 0)] = 0
            cut |= {a // MINUTE, b // MINUTE}
        for minute in cut:
            if first <= minute < last:
                weights[minute - first] = sum(b - a for a, b in self._pieces(minute))
        self.sums = np.cumsum(weights)

    def _pieces(self, minute: int) -> list[tuple[int, int]]:
        """Return the pieces of one minute that count."""
        begin, end = minute * MINUTE, (minute + 1) * MINUTE
        if self.cells is not None and not self.cells[minute]:
            return []
        marks = {begin, end, self.begin, *(mark for hold in self.holds for mark in hold)}
        inside = sorted(mark for mark in marks if begin <= mark <= end)
        return [
            (a, b)
            for a, b in pairwise(inside)
            if a >= self.begin and not any(h <= a < e for h, e in self.holds)
        ]

    def reaches(self, amount: int) -> int:
        """Return the first instant by which so much has been counted."""
        if amount <= 0:
            return self.begin
        while self.sums[-1] < amount:
            if self.minute + len(self.sums) >= MINUTES:
                return NEVER
            self._grow(len(self.sums) * 3)
        found = int(np.argmax(self.sums >= amount))
        left = amount - (int(self.sums[found - 1]) if found else 0)
        for a, b in self._pieces(self.minute + found):
            if left <= b - a:
                return a + left
            left -= b - a
        raise AssertionError

    def until(self, end: int) -> int:
        """Return how much has been counted by an instant."""
        if end <= self.begin:
            return 0
        minute = end // MINUTE
        while minute - self.minute >= len(self.sums) and self.minute + len(self.sums) < MINUTES:
            self._grow(len(self.sums) * 3)
        before = minute - self.minute - 1
        total = int(self.sums[min(before, len(self.sums) - 1)]) if before >= 0 else 0
        if minute >= MINUTES:
            return total
        return total + sum(min(b, end) - a for a, b in self._pieces(minute) if a < end)


# -----------------------------------------------------------------------------------------
# Judging
# -----------------------------------------------------------------------------------------


def is_late(clock: Clock, due: int, until: int) -> bool:
    """Say whether the clock ever ran after its due instant."""
    # Only a hold that begins at that very instant can keep it from going on.
    covering = [h for h in clock.holds if h.start <= due < h.until]
    if due >= until or not covering:
        return due < until
    hold = max(covering, key=lambda h: h.until)
    if hold.how == "stopped":
        # It ended on hold; it goes on only if it was opened again.
        return hold.until in dict(clock.was_stopped)
    still_on = hold.end is None and hold.cap > until
    return not still_on and hold.how != "void"


def warnings(
    clock: Clock, counter: Counter, allowed: int, due: int, until: int
) -> list[tuple[int, float]]:
    """Return what was told, by what was known when it was told."""
    told: list[tuple[int, float]] = []
    since = clock.applies
    for at in sorted({h.approved for h in clock.holds if h.approved is not None}):
        if not clock.applies <= at <= until:
            continue
        known = [h for h in clock.holds if h.approved is None or h.approved < at]
        then = Counter(
            counter.cells, counter.begin, counter.start, [(h.start, h.until) for h in known]
        )
        of_then = replace(clock, holds=known)
        told += _told(of_then, then, allowed, then.reaches(allowed), (since, at), told)
        since = at
    return told + _told(clock, counter, allowed, due, (since, until), told)


def _told(
    clock: Clock,
    counter: Counter,
    allowed: int,
    due: int,
    watched: tuple[int, int],
    already: list[tuple[int, float]],
) -> list[tuple[int, float]]:
    told: list[tuple[int, float]] = []
    shares = clock.target.warn_at
    steps = []
    for share in shares:
        exact = Fraction(allowed) * Fraction(share)
        steps.append((counter.reaches(round(exact)), share))
    # A clock set back in time skips all that have passed but the last.
    if already:
        steps = steps[shares.index(already[-1][1]) + 1 :]
    elif clock.start < clock.applies:
        passed = bisect_right([at for at, _ in steps], clock.applies)
        steps = steps[max(passed - 1, 0) :]
    for at, share in steps:
        seen = seen_at(clock, max(at, watched[0]), watched[1])
        if seen is None or seen > watched[1] or due < seen:
            break
        told.append((max(at, clock.applies), share))
    return told


def seen_at(clock: Clock, at: int, until: int) -> int | None:
    """Return when somebody watches the clock: at an instant, or when it goes on or comes back."""
    again = dict(clock.was_stopped)
    for hold in clock.holds:
        ended = hold.how in ("stopped", "void")
        # A clock that takes the place of one on hold is watched from when it goes on; so is one
        # whose hold was approved later.
        late = hold.copied or hold.approved is not None
        if late and hold.start <= at and (at < hold.until or (ended and at == hold.until)):
            if hold.end is None and hold.cap > until:
                return None
            return again.get(hold.until) if ended else hold.until
    return next((back for stopped, back in clock.was_stopped if stopped < at < back), at)
