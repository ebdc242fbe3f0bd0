"""
The sum of a limit as a person would tell it: what of each day counts, and why the rest does not.

Days that are alike are told once; where that is still too much to read, whole weeks, months or
years are. Nothing is left out of the sum: the lines always add up to what the limit allows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from changtong.clocks.domain import timer
from changtong.clocks.domain.planning import Limit
from changtong.kernel.time import Period, require_aware
from changtong.standard.domain.calendars import Calendar


LINES_AT_MOST = 21
# Eleven years; what lies behind them is told as one line.
DAYS_READ_AT_MOST = 4_000
ONE_DAY = timedelta(days=1)
ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A stretch of a local day that counts, or that does not and why.

    `why` is `counted`, `paused` (with the reason of the pause), or how the calendar is closed:
    `break` between two intervals, `closed` before, after or all day.
    """

    start: datetime
    end: datetime
    why: str
    reason: str = ""

    @property
    def counts(self) -> bool:
        return self.why == "counted"

    @property
    def is_whole_day(self) -> bool:
        return self.end - self.start >= ONE_DAY and self.start.time() == time()

    @property
    def hours(self) -> Hashable:
        """Return what two days must share to be told as one."""
        return self.start.time(), self.end.time(), self.end > self.start, self.why, self.reason


@dataclass(frozen=True, slots=True)
class Line:
    """
    One sentence of the sum: a day, days that are alike, a week, a month, a year, or the rest.

    `kind` of a day is that of the calendar, or `start_day` where the law does not count it.
    """

    span: str
    first: date
    last: date
    kind: str
    pieces: tuple[Piece, ...]
    counted: timedelta
    days: int
    days_counted: int


def kind_of(calendar: Calendar, day: date) -> str:
    """Say what a day is in a calendar."""
    if day in calendar.workdays:
        return "makeup_day"
    if day in calendar.holidays:
        return "holiday"
    return "working_day" if calendar.is_working_day(day) else "day_off"


def lines(
    limit: Limit,
    *,
    until: datetime,
    allowed: timedelta,
    reasons: Mapping[Period, str] | None = None,
) -> tuple[Line, ...]:
    """Return the sum from the start to an end, told in as few lines as can be read."""
    found: list[Line] = []
    told = ZERO
    for line in _days(_Reading(limit, _counting(limit), reasons or {}), until=until):
        if len(found) == DAYS_READ_AT_MOST:
            last = until.astimezone(limit.calendar.tz).date()
            rest = Line("rest", line.first, last, "", (), allowed - told, 0, 0)
            return (*_folded(found), rest)
        found.append(line)
        told += line.counted
    return _folded(found)


def _folded(days: Sequence[Line]) -> tuple[Line, ...]:
    folded = _together(days, "run", lambda line: (line.kind, tuple(p.hours for p in line.pieces)))
    for span, key in _WIDER:
        if len(folded) <= LINES_AT_MOST:
            break
        folded = _together(days, span, key)
    return folded


_WIDER: tuple[tuple[str, Callable[[Line], Hashable]], ...] = (
    ("week", lambda line: line.first.isocalendar()[:2]),
    ("month", lambda line: (line.first.year, line.first.month)),
    ("year", lambda line: line.first.year),
)


def _together(
    days: Sequence[Line], span: str, key: Callable[[Line], Hashable]
) -> tuple[Line, ...]:
    """Tell neighbors with the same key as one; a single day stays as it is."""
    groups = [tuple(group) for _, group in groupby(days, key)]
    return tuple(
        group[0]
        if len(group) == 1
        else Line(
            span=span,
            first=group[0].first,
            last=group[-1].last,
            kind=group[0].kind if span == "run" else "",
            pieces=group[0].pieces if span == "run" else (),
            counted=sum((line.counted for line in group), ZERO),
            days=len(group),
            days_counted=sum(line.days_counted for line in group),
        )
        for group in groups
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A limit that is told: by which calendar its time counts, and why it was on hold."""

    limit: Limit
    calendar: Calendar
    reasons: Mapping[Period, str]

    def reason(self, at: datetime) -> str:
        return next((why for period, why in self.reasons.items() if at in period), "")


def _counting(limit: Limit) -> Calendar:
    """Return the calendar whose open time a limit of this unit counts."""
    unit = limit.applying.unit
    if unit == "working_day":
        return limit.calendar.whole_days
    return limit.calendar.all_days if unit in {"today", "day", "month"} else limit.calendar


def _days(reading: _Reading, *, until: datetime) -> Iterator[Line]:
    """Yield a line for every local day from the start to the end."""
    limit = reading.limit
    tz = limit.calendar.tz
    day = limit.started_at.astimezone(tz).date()
    starts = day if limit.applying.unit in {"day", "working_day", "month"} else None
    last = max(day, (until - timedelta(microseconds=1)).astimezone(tz).date())
    while day <= last:
        begin = max(datetime.combine(day, time(), tzinfo=tz), limit.started_at.astimezone(tz))
        midnight = timer.midnight_after(limit.calendar, begin)
        pieces = () if day == starts else tuple(_pieces(reading, begin, min(midnight, until)))
        counted = sum(
            (require_aware(p.end) - require_aware(p.start) for p in pieces if p.counts), ZERO
        )
        yield Line(
            span="day",
            first=day,
            last=day,
            kind="start_day" if day == starts else kind_of(limit.calendar, day),
            pieces=pieces,
            counted=counted,
            days=1,
            days_counted=int(counted > ZERO),
        )
        day += ONE_DAY


def _pieces(reading: _Reading, begin: datetime, end: datetime) -> Iterator[Piece]:
    """Yield what of one day is open, and what lies between."""
    cursor, end = require_aware(begin), require_aware(end)
    for number, (opens, closes) in enumerate(_counted(reading, cursor, end, pauses=())):
        if cursor < opens:
            yield _piece(reading, cursor, opens, "break" if number else "closed")
        yield from _open_pieces(reading, opens, closes)
        cursor = closes
    if cursor < end:
        yield _piece(reading, cursor, end, "closed")


def _open_pieces(reading: _Reading, opens: datetime, closes: datetime) -> Iterator[Piece]:
    """Yield what of an open stretch counts, and what of it was on hold."""
    cursor = opens
    for start, stop in _counted(reading, opens, closes, pauses=reading.limit.pauses):
        if cursor < start:
            yield _piece(reading, cursor, start, "paused")
        yield _piece(reading, start, stop, "counted")
        cursor = stop
    if cursor < closes:
        yield _piece(reading, cursor, closes, "paused")


def _counted(
    reading: _Reading, begin: datetime, end: datetime, *, pauses: Sequence[Period]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what counts between two instants, joined where one stretch touches the next."""
    kept: tuple[datetime, datetime] | None = None
    for start, stop in timer.counted(
        started_at=begin, until=end, calendar=reading.calendar, pauses=pauses
    ):
        if kept is not None and kept[1] == start:
            kept = kept[0], stop
            continue
        if kept is not None:
            yield kept
        kept = start, stop
    if kept is not None:
        yield kept


def _piece(reading: _Reading, start: datetime, end: datetime, why: str) -> Piece:
    tz = reading.limit.calendar.tz
    reason = reading.reason(start) if why == "paused" else ""
    return Piece(start.astimezone(tz), end.astimezone(tz), why, reason)
