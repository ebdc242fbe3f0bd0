"""
When a limit ends and how much of it has passed: exact, in UTC, on half-open intervals.

The law counts in two ways, and a limit is counted as its clause is written:

* minutes and hours run from the moment itself (民法典 §201 second paragraph), through the open
  time of the calendar;
* days, working days and months do not count the starting day (§201 first paragraph) and end at
  24:00 of the last one (§203 second paragraph). A month ends on the corresponding day, or on the
  last day of the month if there is none (§202). A working day is a local day on which the
  calendar opens; it counts as a whole, because the exception of §203 for business hours concerns
  acts that need the other side's counter to be open, and an operator's answer does not.

"The same day" (当日) counts like hours, around the clock from the moment itself, until 24:00 of
the starting day. A limit with a cut-off is the one or the other by the local time of its start.

If the last day is a holiday, §203 moves the end to the day after it. That favors whoever owes
the answer, so no deadline relies on it: `due_at` is the earlier end, `end_after_holiday` the
other one, to be shown.

Pauses extend a limit by the counted time that they cover. Which clocks may pause is decided in
`pausing`.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from changtong.clocks.domain import open_time
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period, require_aware
from changtong.standard.domain.calendars import Calendar, Unit, Within


ZERO = timedelta()
_DAY_UNITS = frozenset({"today", "day", "working_day", "month"})
_MONTHS_A_YEAR = 12


def due_at(
    *, started_at: datetime, within: Within, calendar: Calendar, pauses: Sequence[Period] = ()
) -> datetime:
    """
    Return the last instant at which the limit is still kept.

    :raises Refused: if a pause that began before that instant has no end yet
    """
    start = _utc(started_at)
    within = applying(start, within, calendar)
    if within.unit == "hour":
        allowed_time = timedelta(hours=within.value)
    elif within.unit == "minute":
        allowed_time = timedelta(minutes=within.value)
    else:
        end = _end_of_last_day(start, within, calendar)
        if not pauses:
            return end
        start, calendar = _counting(start, within.unit, calendar)
        allowed_time = open_time.between(calendar, start, end)
    if not pauses:
        return open_time.moment_after(calendar, start, allowed_time)
    return _moment_after(start, allowed_time, calendar, pauses)


def share_at(
    *,
    started_at: datetime,
    within: Within,
    share: float,
    calendar: Calendar,
    pauses: Sequence[Period] = (),
) -> datetime:
    """
    Return the instant at which a share of the limit has passed.

    :raises Refused: if a pause that began before that instant has no end yet
    """
    start = _utc(started_at)
    within = applying(start, within, calendar)
    allowed_time = allowed(started_at=start, within=within, calendar=calendar) * share
    start, counting = _counting(start, within.unit, calendar)
    return _moment_after(start, allowed_time, counting, pauses)


def elapsed(
    *,
    started_at: datetime,
    until: datetime,
    calendar: Calendar,
    pauses: Sequence[Period] = (),
    unit: Unit = "hour",
) -> timedelta:
    """Return the counted time between start and `until`, for a limit of this unit."""
    start, counting = _counting(_utc(started_at), unit, calendar)
    end = _utc(until)
    return sum(
        (
            open_time.between(counting, begin, stop)
            for begin, stop in _unpaused(start, end, pauses)
        ),
        ZERO,
    )


def allowed(*, started_at: datetime, within: Within, calendar: Calendar) -> timedelta:
    """Return the limit as counted time: what `elapsed` reaches when the limit ends."""
    start = _utc(started_at)
    within = applying(start, within, calendar)
    if within.unit == "hour":
        return timedelta(hours=within.value)
    if within.unit == "minute":
        return timedelta(minutes=within.value)
    end = _end_of_last_day(start, within, calendar)
    start, counting = _counting(start, within.unit, calendar)
    return open_time.between(counting, start, end)


def applying(started_at: datetime, within: Within, calendar: Calendar) -> Within:
    """Return the limit that holds for this start: a cut-off is read from the local clock."""
    if within.cut_off is None:
        return within
    return within.applying(started_at.astimezone(calendar.tz))


def counted(
    *,
    started_at: datetime,
    until: datetime,
    calendar: Calendar,
    pauses: Sequence[Period] = (),
    unit: Unit = "hour",
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the intervals that `elapsed` adds up, in order."""
    start, counting = _counting(_utc(started_at), unit, calendar)
    for begin, stop in _unpaused(start, _utc(until), pauses):
        yield from open_time.intervals(counting, begin, stop)


def end_after_holiday(*, started_at: datetime, within: Within, calendar: Calendar) -> datetime:
    """
    Return the end that §203 first paragraph allows if the last day is not a working day.

    For a limit in hours or minutes it is the due time itself: those run over holidays.
    """
    end = due_at(started_at=started_at, within=within, calendar=calendar)
    if not applying(started_at, within, calendar).ends_with_a_day:
        return end
    last = (end - timedelta(microseconds=1)).astimezone(calendar.tz).date()
    if calendar.is_working_day(last):
        return end
    return open_time.midnight_after(calendar, _working_day(calendar, last, 1))


def midnight_after(calendar: Calendar, at: datetime) -> datetime:
    """Return 24:00 of the local day of an instant."""
    return open_time.midnight_after(calendar, at.astimezone(calendar.tz).date())


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else require_aware(at)


def _counting(start: datetime, unit: Unit, calendar: Calendar) -> tuple[datetime, Calendar]:
    """Return where a limit of this unit begins to count, and on which calendar."""
    if unit not in _DAY_UNITS:
        return start, calendar
    if unit == "today":
        return start, calendar.all_days
    begin = midnight_after(calendar, start)
    return begin, calendar.whole_days if unit == "working_day" else calendar.all_days


def _end_of_last_day(start: datetime, within: Within, calendar: Calendar) -> datetime:
    day = start.astimezone(calendar.tz).date()
    if within.unit == "today":
        last = day
    elif within.unit == "day":
        last = day + timedelta(days=within.value)
    elif within.unit == "month":
        last = _corresponding_day(day, within.value)
    else:
        last = _working_day(calendar, day, within.value)
    return open_time.midnight_after(calendar, last)


def _corresponding_day(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, _MONTHS_A_YEAR)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _working_day(calendar: Calendar, day: date, count: int) -> date:
    """Return the `count`-th working day after `day`."""
    year = day.year
    days = open_time.working_days(calendar, year)
    wanted = bisect_right(days, day) + count - 1
    while wanted >= len(days):
        wanted -= len(days)
        year += 1
        if year - day.year > open_time.YEARS_AT_MOST:
            raise Refused("calendar.hardly_ever_open", calendar=calendar.code)
        days = open_time.working_days(calendar, year)
    return days[wanted]


def _moment_after(
    start: datetime, amount: timedelta, calendar: Calendar, pauses: Sequence[Period]
) -> datetime:
    cursor = start
    for pause in sorted(pauses, key=_start) if amount > ZERO else ():
        begin = _utc(pause.start)
        if begin > cursor:
            run = open_time.between(calendar, cursor, begin)
            if run >= amount:
                break
            amount -= run
        if pause.end is None:
            raise Refused("clock.paused", since=begin)
        cursor = max(cursor, _utc(pause.end))
    return open_time.moment_after(calendar, cursor, amount)


def _unpaused(
    start: datetime, end: datetime, pauses: Sequence[Period]
) -> Iterator[tuple[datetime, datetime]]:
    cursor = start
    for pause in sorted(pauses, key=_start):
        begin = min(_utc(pause.start), end)
        if begin > cursor:
            yield cursor, begin
        cursor = max(cursor, end if pause.end is None else min(_utc(pause.end), end))
    if cursor < end:
        yield cursor, end


def _start(pause: Period) -> datetime:
    return pause.start
