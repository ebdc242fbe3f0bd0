"""Limits as the standard writes them, and the calendars that they run through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from changtong.kernel.errors import Refused


Unit = Literal["minute", "hour", "day", "working_day", "month"]
Hours = tuple[tuple[int, int], ...]

MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7
ROUND_THE_CLOCK: Hours = ((0, MINUTES_A_DAY),)

_SUFFIXES: dict[str, Unit] = {
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wd": "working_day",
    "mo": "month",
}
_SUFFIX_OF: dict[Unit, str] = {unit: suffix for suffix, unit in _SUFFIXES.items()}
_WITHIN = re.compile(r"(?P<value>[0-9]{1,6})(?P<suffix>[a-z]+)")


@dataclass(frozen=True, slots=True)
class Within:
    """
    A limit in the unit in which its clause is written, because the law counts each differently.

    Minutes and hours run through open time; days, working days and months end with a day.

    :raises Refused: if the value is not positive or the unit is unknown
    """

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.value < 1 or self.unit not in get_args(Unit):
            raise Refused("within.unreadable", value=self.value, unit=self.unit)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `30min`, `48h`, `15d`, `5wd` or `5mo`.

        :raises Refused: if the text is anything else
        """
        found = _WITHIN.fullmatch(text)
        if found is None or found["suffix"] not in _SUFFIXES:
            raise Refused("within.unreadable", text=text)
        return cls(int(found["value"]), _SUFFIXES[found["suffix"]])

    def __str__(self) -> str:
        return f"{self.value}{_SUFFIX_OF[self.unit]}"

    @property
    def ends_with_a_day(self) -> bool:
        """Say whether the limit is counted in days or months (民法典 §201 first paragraph)."""
        return self.unit in ("day", "working_day", "month")


@dataclass(frozen=True)
class Calendar:
    """
    When time counts: weekly hours, statutory holidays and make-up working days (调休).

    Hours are minutes from local midnight, Monday first. An interval belongs to the day on which
    it starts and may end after 1440, on the next day; a moment is open if the reading of a local
    wall clock lies in an interval of its own day or in what the day before left over.

    `years` are the years whose holidays are known. Empty means that holidays do not matter.

    :raises Refused: if the calendar contradicts itself or could stay closed for ever
    """

    code: str
    timezone: str
    weekly: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    makeup_hours: Hours = ()
    years: frozenset[int] = frozenset()
    name: str = field(default="", compare=False)
    name_en: str = field(default="", compare=False)
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            self._refuse("unknown_timezone", timezone=self.timezone)
        if len(self.weekly) != DAYS_A_WEEK:
            self._refuse("not_a_week", days=len(self.weekly))
        for hours in (*self.weekly, self.makeup_hours):
            self._check(hours)
        # A week with an opening guarantees that every deadline is reached.
        if not any(self.weekly):
            self._refuse("never_open")
        if self.workdays and not self.makeup_hours:
            self._refuse("makeup_hours_missing")
        if both := self.holidays & self.workdays:
            self._refuse("holiday_and_workday", day=min(both))
        if self.years and (
            unknown := {day.year for day in self.holidays | self.workdays} - self.years
        ):
            self._refuse("year_not_declared", year=min(unknown))

    def __hash__(self) -> int:
        # The engine looks its tables up by calendar for every deadline; hashing all the
        # holidays anew each time would cost more than the deadline itself.
        if self._hash == 0:
            known = (self.code, self.timezone, self.weekly, self.holidays, self.workdays)
            object.__setattr__(self, "_hash", hash((*known, self.makeup_hours, self.years)) or 1)
        return self._hash

    @cached_property
    def tz(self) -> ZoneInfo:
        """Return the time zone whose wall clock the hours are read from."""
        return ZoneInfo(self.timezone)

    @cached_property
    def is_always_open(self) -> bool:
        """Say whether no moment is ever closed."""
        return (
            all(hours == ROUND_THE_CLOCK for hours in self.weekly)
            and not self.holidays
            and (not self.workdays or self.makeup_hours == ROUND_THE_CLOCK)
        )

    @cached_property
    def whole_days(self) -> Calendar:
        """Return the calendar in which each working day counts from 0:00 to 24:00."""
        return Calendar(
            code=f"{self.code}:whole-days",
            timezone=self.timezone,
            weekly=tuple(ROUND_THE_CLOCK if hours else () for hours in self.weekly),
            holidays=self.holidays,
            workdays=self.workdays,
            makeup_hours=ROUND_THE_CLOCK,
            years=self.years,
        )

    @cached_property
    def all_days(self) -> Calendar:
        """Return the calendar of the same place in which every day counts from 0:00 to 24:00."""
        return Calendar(
            code=f"{self.code}:all-days",
            timezone=self.timezone,
            weekly=(ROUND_THE_CLOCK,) * DAYS_A_WEEK,
        )

    def hours_of(self, day: date) -> Hours:
        """Return the open intervals that start on a local day."""
        if day in self.workdays:
            return self.makeup_hours
        if day in self.holidays:
            return ()
        return self.weekly[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        """Say whether anything opens on a local day."""
        return bool(self.hours_of(day))

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Say whether the stretch touches a year whose holidays are not known yet."""
        if not self.years:
            return False
        first = start.astimezone(self.tz).year
        last = end.astimezone(self.tz).year
        return any(year not in self.years for year in range(first, last + 1))

    def _check(self, hours: Hours) -> None:
        reached = 0
        for start, end in hours:
            if not reached <= start < MINUTES_A_DAY or not start < end <= start + MINUTES_A_DAY:
                self._refuse("hours_unordered", start=start, end=end)
            reached = end

    def _refuse(self, reason: str, **facts: str | int | date) -> None:
        raise Refused(f"calendar.{reason}", clause=None, calendar=self.code, **facts)


def round_the_clock(code: str = "24x7", *, timezone: str = "Asia/Shanghai") -> Calendar:
    """Return the calendar that is always open and knows no holiday."""
    return Calendar(code=code, timezone=timezone, weekly=(ROUND_THE_CLOCK,) * DAYS_A_WEEK)


def parse_hours(intervals: Sequence[str]) -> Hours:
    """
    Read `08:30-12:00`; an end at or before its start lies on the next day.

    :raises Refused: if an interval is anything else
    """
    return tuple(_parse_interval(text) for text in intervals)


_INTERVAL = re.compile(r"(\d{2}):([0-5]\d)-(\d{2}):([0-5]\d)")


def _parse_interval(text: str) -> tuple[int, int]:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        raise Refused("calendar.hours_unreadable", text=text)
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    start = from_hour * 60 + from_minute
    end = to_hour * 60 + to_minute
    if start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise Refused("calendar.hours_unreadable", text=text)
    return (start, end) if end > start else (start, end + MINUTES_A_DAY)
