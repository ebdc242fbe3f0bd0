"""Open time: how much of it lies between two instants, and when a given amount has passed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import Calendar


ZERO = timedelta()
ONE_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
# A limit of 999,999 hours is 114 years of a calendar that never closes; whoever needs more
# years than this has a calendar that is hardly ever open, and made a mistake.
YEARS_AT_MOST = 400
# A local day can begin 14 h before and end 12 h after the same day in UTC, and an overnight
# interval reaches another day further.
_DAYS_AROUND = 3


@dataclass(frozen=True, slots=True)
class OpenYear:
    """
    The open intervals of one year of UTC, with the open time up to the end of each.

    Both questions are one bisection, whatever the number of holidays and intervals.
    """

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    through: tuple[timedelta, ...]
    total: timedelta

    def before(self, at: datetime) -> timedelta:
        """Return the open time from the beginning of the year until `at`."""
        found = bisect_right(self.starts, at)
        if found == 0:
            return ZERO
        end = self.ends[found - 1]
        through = self.through[found - 1]
        return through if at >= end else through - (end - at)

    def moment_after(self, amount: timedelta) -> datetime:
        """Return the first instant of the year by which `amount` of open time has passed."""
        found = bisect_left(self.through, amount)
        return self.ends[found] - (self.through[found] - amount)


def between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return the open time in the half-open interval between two instants of UTC."""
    if end <= start:
        return ZERO
    if calendar.is_always_open:
        return end - start
    amount = of_year(calendar, end.year).before(end) - of_year(calendar, start.year).before(start)
    for year in range(start.year, end.year):
        amount += of_year(calendar, year).total
    return amount


def opening(calendar: Calendar, at: datetime) -> datetime:
    """Return an instant that is open, or else when it opens again."""
    return moment_after(calendar, at, _INSTANT) - _INSTANT


def moment_after(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """
    Return the first instant of UTC by which `amount` of open time has passed since `start`.

    :raises Refused: if the calendar is open so rarely that the instant is centuries away
    """
    if amount <= ZERO:
        return start
    if calendar.is_always_open:
        return start + amount
    year = start.year
    opening = of_year(calendar, year)
    amount += opening.before(start)
    while amount > opening.total:
        amount -= opening.total
        year += 1
        if year - start.year > YEARS_AT_MOST:
            raise Refused("calendar.hardly_ever_open", calendar=calendar.code)
        opening = of_year(calendar, year)
    return opening.moment_after(amount)


def intervals(
    calendar: Calendar, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open intervals between two instants of UTC, in order, cut at both."""
    for year in range(start.year, end.year + 1):
        opening = of_year(calendar, year)
        first = max(bisect_right(opening.starts, start) - 1, 0)
        for opens, closes in zip(opening.starts[first:], opening.ends[first:], strict=True):
            if opens >= end:
                return
            if closes > start:
                yield max(opens, start), min(closes, end)


@lru_cache(maxsize=1024)
def of_year(calendar: Calendar, year: int) -> OpenYear:
    """Return the table of one year; computed once for each calendar."""
    begin = datetime(year, 1, 1, tzinfo=UTC)
    end = datetime(year + 1, 1, 1, tzinfo=UTC)
    local = list(_local_intervals(calendar, begin.date(), end.date()))
    starts: list[datetime] = []
    ends: list[datetime] = []
    for piece_begin, piece_end, offset in _constant_offsets(calendar.tz, begin, end):
        for local_start, local_end in local:
            opens = max(local_start - offset, piece_begin)
            closes = min(local_end - offset, piece_end)
            if opens >= closes:
                continue
            if ends and opens <= ends[-1]:
                ends[-1] = max(ends[-1], closes)
            else:
                starts.append(opens)
                ends.append(closes)
    through: list[timedelta] = []
    total = ZERO
    for opens, closes in zip(starts, ends, strict=True):
        total += closes - opens
        through.append(total)
    return OpenYear(tuple(starts), tuple(ends), tuple(through), total)


@lru_cache(maxsize=1024)
def working_days(calendar: Calendar, year: int) -> tuple[date, ...]:
    """Return the local days of one year on which anything opens."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if calendar.is_working_day(day))


def midnight_after(calendar: Calendar, day: date) -> datetime:
    """Return 24:00 of a local day as an instant of UTC."""
    return datetime.combine(day + ONE_DAY, time(), tzinfo=calendar.tz).astimezone(UTC)


def _local_intervals(
    calendar: Calendar, begin: date, end: date
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the openings around two days in order, as wall clock readings marked UTC."""
    day = begin - timedelta(days=_DAYS_AROUND)
    while day <= end + timedelta(days=_DAYS_AROUND):
        midnight = datetime.combine(day, time(), tzinfo=UTC)
        for start, close in calendar.hours_of(day):
            yield midnight + timedelta(minutes=start), midnight + timedelta(minutes=close)
        day += ONE_DAY


def _constant_offsets(
    tz: ZoneInfo, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Split a stretch of UTC where the local clock is put forward or back."""
    piece = begin
    cursor = begin
    while cursor < end:
        following = min(cursor + ONE_DAY, end)
        offset = _offset(tz, cursor)
        if _offset(tz, following) != offset:
            change = _first_change(tz, cursor, following)
            yield piece, change, offset
            piece = change
        cursor = following
    if piece < end:
        yield piece, end, _offset(tz, piece)


def _first_change(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _offset(tz, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(tz, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(tz: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(tz).utcoffset() or ZERO
