"""
The law counted on the fingers: minute by minute, with nothing shared with the engine.

A minute of UTC is open if the reading of the local wall clock at its start lies in an interval of
its own local day or in what an overnight interval of the day before left over.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar, Within


MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def hours(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    if day in calendar.holidays:
        return ()
    if day in calendar.workdays:
        return calendar.makeup_hours
    return calendar.weekly[day.weekday()]


def is_open(calendar: Calendar, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(calendar.timezone))
    reading = local.hour * 60 + local.minute
    today = hours(calendar, local.date())
    yesterday = hours(calendar, local.date() - DAY)
    return any(a <= reading < b for a, b in today) or any(
        a <= reading + 1440 < b for a, b in yesterday
    )


def counts(calendar: Calendar, unit: str, started_at: datetime, at: datetime) -> bool:
    if unit in ("hour", "minute"):
        return is_open(calendar, at)
    zone = ZoneInfo(calendar.timezone)
    day = at.astimezone(zone).date()
    if day <= started_at.astimezone(zone).date():
        return False
    return unit != "working_day" or hours(calendar, day) != ()


def minutes(start: datetime) -> Iterator[datetime]:
    while True:
        yield start
        start += MINUTE


def paused(pauses: Sequence[Period], at: datetime) -> bool:
    return any(p.start <= at and (p.end is None or at < p.end) for p in pauses)


def elapsed(
    started_at: datetime, until: datetime, calendar: Calendar, pauses: Sequence[Period], unit: str
) -> timedelta:
    total = timedelta()
    for at in minutes(started_at.astimezone(UTC)):
        if at >= until:
            return total
        if counts(calendar, unit, started_at, at) and not paused(pauses, at):
            total += MINUTE
    raise AssertionError


def limit_in_minutes(started_at: datetime, within: Within, calendar: Calendar) -> int:
    if within.unit == "hour":
        return within.value * 60
    if within.unit == "minute":
        return within.value
    last = last_day(started_at, within, calendar)
    zone = ZoneInfo(calendar.timezone)
    found = 0
    for at in minutes(started_at.astimezone(UTC)):
        if at.astimezone(zone).date() > last:
            return found
        found += counts(calendar, within.unit, started_at, at)
    raise AssertionError


def last_day(started_at: datetime, within: Within, calendar: Calendar) -> date:
    day = started_at.astimezone(ZoneInfo(calendar.timezone)).date()
    if within.unit == "month":
        for _ in range(within.value):
            # One month at a time, but always from the day of the month it began with.
            first = day.replace(day=1) + timedelta(days=32)
            day = first.replace(day=1)
        start = started_at.astimezone(ZoneInfo(calendar.timezone)).date()
        return day.replace(day=min(start.day, monthrange(day.year, day.month)[1]))
    left = within.value
    while left:
        day += DAY
        if within.unit == "day" or hours(calendar, day) != ():
            left -= 1
    return day


def due_at(
    started_at: datetime, within: Within, calendar: Calendar, pauses: Sequence[Period]
) -> datetime:
    left = limit_in_minutes(started_at, within, calendar)
    for at in minutes(started_at.astimezone(UTC)):
        if counts(calendar, within.unit, started_at, at) and not paused(pauses, at):
            left -= 1
            if left == 0:
                return at + MINUTE
    raise AssertionError
