"""
Which of two limits is the looser one, when one counts hours, another days, a third working days.

`looser_start` decides it for the checks: it tries each day of all the years whose holidays are
known, at those times of day at which the answer can change, and looks whether the promise could
end later than the law. It counts anew, day by day, on the readings of the local clock, and shares
nothing with the engine that runs the clocks.

Between two such times nothing new can happen. While a calendar is open its end moves along with
the start, and while it is closed its end stands still. An end leaps only where it reaches closing
time. So the promise exceeds the law most for what starts as a calendar opens or closes, as a day
begins or ends, at a cut-off, just after the promise's end leaps, or just before the law's does.

`ordinary_minutes` is the rough length, to put limits in order on a screen.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from changtong.standard.domain.calendars import MINUTES_A_DAY, Calendar, Within


MINUTES_A_WEEK = 7 * MINUTES_A_DAY
# No month is longer, so a limit in months is never taken for shorter than it is.
DAYS_A_MONTH = 31
# Where no calendar names years: a leap year and the one after it have every length of a month.
YEARS_WITHOUT_HOLIDAYS = frozenset({2024, 2025})

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Excess:
    """A start, by the local clock, from which a promise ends later than the law."""

    started: datetime
    promise_ends: datetime
    law_ends: datetime


@lru_cache(maxsize=1_000)
def looser_start(
    promise: Within, promise_calendar: Calendar, law: Within, law_calendar: Calendar
) -> Excess | None:
    """Return the start for which a promise most exceeds the law, or nothing if it never does."""
    if promise == law and promise_calendar == law_calendar:
        return None
    if _never_exceeds(promise, promise_calendar, law, law_calendar):
        return None
    worst: Excess | None = None
    for started in _starts(promise, promise_calendar, law, law_calendar):
        promise_ends = _end(promise, promise_calendar, started)
        law_ends = _end(law, law_calendar, started)
        excess = promise_ends - law_ends
        if excess > timedelta() and (
            worst is None or excess > worst.promise_ends - worst.law_ends
        ):
            worst = Excess(started, promise_ends, law_ends)
    return worst


def _never_exceeds(
    promise: Within, promise_calendar: Calendar, law: Within, law_calendar: Calendar
) -> bool:
    """Say so where plain arithmetic is enough: hours round the clock against hours or days."""
    if promise.cut_off or law.cut_off or not promise_calendar.is_always_open:
        return False
    minutes = _minutes(promise)
    if minutes is None:
        return False
    if (allowed := _minutes(law)) is not None:
        # Through open time a limit takes at least as long as round the clock.
        return minutes <= allowed
    # A limit in days leaves at least as many whole days, since the first is not counted.
    return law.unit in ("day", "working_day") and minutes <= law.value * MINUTES_A_DAY


def _starts(
    promise: Within, promise_calendar: Calendar, law: Within, law_calendar: Calendar
) -> Iterator[datetime]:
    cut_offs = {cut.minute for cut in (promise.cut_off, law.cut_off) if cut}
    by_days = promise.ends_with_a_day and law.ends_with_a_day and not cut_offs
    years = promise_calendar.years | law_calendar.years or YEARS_WITHOUT_HOLIDAYS
    for year in sorted(years):
        day = date(year, 1, 1)
        while day.year == year:
            minutes = {0, MINUTES_A_DAY - 1} | cut_offs | {cut - 1 for cut in cut_offs}
            if by_days:
                minutes = {0}
            else:
                minutes |= _edges(promise_calendar, day) | _edges(law_calendar, day)
            for minute in sorted(minutes):
                yield datetime.combine(day, time()) + minute * _MINUTE
            for leap in _leaps(promise, promise_calendar, day):
                yield leap + _MINUTE
            yield from _leaps(law, law_calendar, day)
            day += _DAY


def _edges(calendar: Calendar, day: date) -> set[int]:
    return {edge % MINUTES_A_DAY for hours in calendar.hours_of(day) for edge in hours}


def _leaps(within: Within, calendar: Calendar, day: date) -> Iterator[datetime]:
    """Yield the starts from which a limit in hours ends just as the calendar closes on a day."""
    if calendar.is_always_open:
        return
    limits = (within, within.cut_off.otherwise) if within.cut_off else (within,)
    for minutes in filter(None, map(_minutes, limits)):
        for _, closes in calendar.hours_of(day):
            midnight = datetime.combine(day, time())
            yield _open_minutes_before(calendar, midnight + closes * _MINUTE, minutes)


def _end(within: Within, calendar: Calendar, started: datetime) -> datetime:
    """Return when a limit ends, by the readings of the local clock."""
    within = within.applying(started)
    first = started.date()
    if within.unit == "today":
        return _midnight_after(first)
    if within.unit == "day":
        return _midnight_after(first + within.value * _DAY)
    if within.unit == "month":
        return _midnight_after(_months_later(first, within.value))
    if within.unit == "working_day":
        left, day = within.value, first
        while left:
            day += _DAY
            left -= calendar.is_working_day(day)
        return _midnight_after(day)
    minutes = _minutes(within) or 0
    if calendar.is_always_open:
        return started + minutes * _MINUTE
    return _after_open_minutes(calendar, started, minutes)


def _after_open_minutes(calendar: Calendar, started: datetime, minutes: int) -> datetime:
    # The day before may have left something open past midnight.
    day = started.date() - _DAY
    reached = started
    while True:
        for opens, closes in calendar.hours_of(day):
            midnight = datetime.combine(day, time())
            begin = max(midnight + opens * _MINUTE, reached)
            end = midnight + closes * _MINUTE
            if end <= begin:
                continue
            there = (end - begin) // _MINUTE
            if minutes <= there:
                return begin + minutes * _MINUTE
            minutes -= there
            reached = end
        day += _DAY


def _open_minutes_before(calendar: Calendar, ends: datetime, minutes: int) -> datetime:
    day = ends.date()
    reached = ends
    while True:
        midnight = datetime.combine(day, time())
        for opens, closes in reversed(calendar.hours_of(day)):
            begin = midnight + opens * _MINUTE
            end = min(midnight + closes * _MINUTE, reached)
            if end <= begin:
                continue
            there = (end - begin) // _MINUTE
            if minutes <= there:
                return end - minutes * _MINUTE
            minutes -= there
            reached = begin
        day -= _DAY


def _minutes(within: Within) -> int | None:
    if within.unit == "minute":
        return within.value
    return within.value * 60 if within.unit == "hour" else None


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + _DAY, time())


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 + months, _MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ordinary_minutes(within: Within, calendar: Calendar) -> float:
    """
    Return how long a limit takes by the clock on the wall, in a week without holidays.

    Of several seasons the slowest counts, and so does the longer limit of the two at a cut-off.
    """
    if within.cut_off is not None:
        limits = (within.before_cut_off, within.cut_off.otherwise)
        return max(ordinary_minutes(limit, calendar) for limit in limits)
    if within.unit == "month":
        return within.value * DAYS_A_MONTH * MINUTES_A_DAY
    if within.unit in ("day", "today"):
        return within.value * MINUTES_A_DAY
    weeks = [week for week in calendar.weeks if any(week)]
    if within.unit == "working_day":
        days = min(sum(1 for hours in week if hours) for week in weeks)
        return within.value * MINUTES_A_WEEK / days
    minutes = within.value * (60 if within.unit == "hour" else 1)
    open_minutes = min(
        sum(end - start for hours in week for start, end in hours) for week in weeks
    )
    return minutes * MINUTES_A_WEEK / open_minutes
