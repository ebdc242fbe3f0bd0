"""Limits as the standard writes them, and the calendars that they run through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from changtong.kernel.errors import Refused


Unit = Literal["minute", "hour", "today", "day", "working_day", "month"]
Hours = tuple[tuple[int, int], ...]
MonthDay = tuple[int, int]

MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7
_DAYS_OF_A_LEAP_YEAR = tuple(date(2000, 1, 1) + timedelta(days=count) for count in range(366))
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
_CUT_OFF = re.compile(r"(?P<before>\w+) before (?P<time>[0-9]{2}:[0-9]{2}) else (?P<after>\w+)")
_TODAY = "today"


@dataclass(frozen=True, slots=True)
class Within:
    """
    A limit in the unit in which its clause is written, because the law counts each differently.

    Minutes and hours run through open time; days, working days and months end with a day; `today`
    ends with the day on which it starts. With a cut-off it holds for what starts before that time
    of day, and another limit for what starts at it or later.

    :raises Refused: if the value is not positive or the unit is unknown
    """

    value: int
    unit: Unit
    cut_off: CutOff | None = None

    def __post_init__(self) -> None:
        if (
            self.value < 1
            or self.unit not in get_args(Unit)
            or (self.unit == _TODAY and self.value != 1)
        ):
            raise Refused("within.unreadable", value=self.value, unit=self.unit)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `30min`, `48h`, `today`, `15d`, `5wd`, `5mo` or `today before 16:00 else 24h`.

        :raises Refused: if the text is anything else
        """
        if cut := _CUT_OFF.fullmatch(text):
            before = cls.parse(cut["before"])
            cut_off = CutOff(parse_time(cut["time"]), cls.parse(cut["after"]))
            return cls(before.value, before.unit, cut_off)
        if text == _TODAY:
            return cls(1, "today")
        found = _WITHIN.fullmatch(text)
        if found is None or found["suffix"] not in _SUFFIXES:
            raise Refused("within.unreadable", text=text)
        return cls(int(found["value"]), _SUFFIXES[found["suffix"]])

    def __str__(self) -> str:
        text = _TODAY if self.unit == "today" else f"{self.value}{_SUFFIX_OF[self.unit]}"
        return text if self.cut_off is None else f"{text} before {self.cut_off}"

    @property
    def ends_with_a_day(self) -> bool:
        """Say whether the limit is counted in days or months (民法典 §201 first paragraph)."""
        return self.unit in ("today", "day", "working_day", "month")

    @property
    def before_cut_off(self) -> Within:
        """Return the limit for what starts before the cut-off, or the limit itself."""
        return self if self.cut_off is None else Within(self.value, self.unit)

    def applying(self, started_at: datetime) -> Within:
        """Return the limit that holds for what starts at this reading of the local clock."""
        if self.cut_off is None:
            return self
        minute = started_at.hour * 60 + started_at.minute
        return self.before_cut_off if minute < self.cut_off.minute else self.cut_off.otherwise


@dataclass(frozen=True, slots=True)
class CutOff:
    """
    The time of day, in minutes from local midnight, from which another limit holds.

    :raises Refused: if nothing starts before it, or the other limit has a cut-off of its own
    """

    minute: int
    otherwise: Within

    def __post_init__(self) -> None:
        if not 0 < self.minute < MINUTES_A_DAY or self.otherwise.cut_off is not None:
            raise Refused("within.unreadable", minute=self.minute, otherwise=str(self.otherwise))

    def __str__(self) -> str:
        return f"{self.time} else {self.otherwise}"

    @property
    def time(self) -> str:
        """Return the time of day as it is written: 16:00."""
        return "{:02}:{:02}".format(*divmod(self.minute, 60))


@dataclass(frozen=True, slots=True)
class Season:
    """
    Other hours for a part of each year: from one day to another, both included.

    It may reach over the new year. Days are pairs of month and day.
    """

    first: MonthDay
    last: MonthDay
    weekly: tuple[Hours, ...]
    makeup_hours: Hours = ()

    def __contains__(self, day: date) -> bool:
        today = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last


@dataclass(frozen=True)
class Calendar:
    """
    When time counts: weekly hours, seasons, statutory holidays and make-up working days (调休).

    Hours are minutes from local midnight, Monday first. An interval belongs to the day on which
    it starts and may end after 1440, on the next day; a moment is open if the reading of a local
    wall clock lies in an interval of its own day or in what the day before left over.

    The weekly hours hold outside the seasons. `years` are the years whose holidays are known;
    empty means that holidays do not matter.

    :raises Refused: if the calendar contradicts itself or could stay closed for ever
    """

    code: str
    timezone: str
    weekly: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    makeup_hours: Hours = ()
    years: frozenset[int] = frozenset()
    seasons: tuple[Season, ...] = ()
    name: str = field(default="", compare=False)
    name_en: str = field(default="", compare=False)
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            self._refuse("unknown_timezone", timezone=self.timezone)
        for weekly in self.weeks:
            if len(weekly) != DAYS_A_WEEK:
                self._refuse("not_a_week", days=len(weekly))
            for hours in weekly:
                self._check(hours)
        for hours in (self.makeup_hours, *(season.makeup_hours for season in self.seasons)):
            self._check(hours)
        self._check_year()
        if both := self.holidays & self.workdays:
            self._refuse("holiday_and_workday", day=min(both))
        for day in sorted(self.workdays):
            if not self.hours_of(day):
                self._refuse("makeup_hours_missing", day=day)

    def __hash__(self) -> int:
        # The engine looks its tables up by calendar for every deadline; hashing all the
        # holidays anew each time would cost more than the deadline itself.
        if self._hash == 0:
            known = (self.code, self.timezone, self.weekly, self.seasons, self.makeup_hours)
            days = (self.holidays, self.workdays, self.years)
            object.__setattr__(self, "_hash", hash((*known, *days)) or 1)
        return self._hash

    @cached_property
    def tz(self) -> ZoneInfo:
        """Return the time zone whose wall clock the hours are read from."""
        return ZoneInfo(self.timezone)

    @property
    def weeks(self) -> tuple[tuple[Hours, ...], ...]:
        """Return the hours of every kind of week there is: outside the seasons, and in each."""
        return (self.weekly, *(season.weekly for season in self.seasons))

    @cached_property
    def is_always_open(self) -> bool:
        """Say whether no moment is ever closed."""
        return (
            all(hours == ROUND_THE_CLOCK for weekly in self.weeks for hours in weekly)
            and not self.holidays
            and all(self.hours_of(day) == ROUND_THE_CLOCK for day in self.workdays)
        )

    @cached_property
    def whole_days(self) -> Calendar:
        """Return the calendar in which each working day counts from 0:00 to 24:00."""
        return Calendar(
            code=f"{self.code}:whole-days",
            timezone=self.timezone,
            weekly=_whole(self.weekly),
            holidays=self.holidays,
            workdays=self.workdays,
            makeup_hours=ROUND_THE_CLOCK,
            years=self.years,
            seasons=tuple(
                Season(season.first, season.last, _whole(season.weekly), ROUND_THE_CLOCK)
                for season in self.seasons
            ),
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
        if day in self.holidays:
            return ()
        season = next((season for season in self.seasons if day in season), None)
        if day in self.workdays:
            return (season.makeup_hours if season else ()) or self.makeup_hours
        return (season or self).weekly[day.weekday()]

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
        if wrong := unordered(hours):
            self._refuse("hours_unordered", start=wrong[0], end=wrong[1])

    def _check_year(self) -> None:
        """Walk through one year: seasons must not overlap, and some day of it must open."""
        opens = False
        for day in _DAYS_OF_A_LEAP_YEAR:
            found = [season for season in self.seasons if day in season]
            if len(found) > 1:
                self._refuse("seasons_overlap", month=day.month, day=day.day)
            # A day of the year falls on every day of the week in the course of the years, so
            # that an opening on one of them guarantees that every deadline is reached.
            opens = opens or any((found[0] if found else self).weekly)
        if not opens:
            self._refuse("never_open")

    def _refuse(self, reason: str, **facts: str | int | date) -> None:
        raise Refused(f"calendar.{reason}", clause=None, calendar=self.code, **facts)


def round_the_clock(code: str = "24x7", *, timezone: str = "Asia/Shanghai") -> Calendar:
    """Return the calendar that is always open and knows no holiday."""
    return Calendar(code=code, timezone=timezone, weekly=(ROUND_THE_CLOCK,) * DAYS_A_WEEK)


def _whole(weekly: tuple[Hours, ...]) -> tuple[Hours, ...]:
    return tuple(ROUND_THE_CLOCK if hours else () for hours in weekly)


def unordered(hours: Hours) -> tuple[int, int] | None:
    """Return the first interval that begins before the one before it ends, or is none."""
    reached = 0
    for start, end in hours:
        if not reached <= start < MINUTES_A_DAY or not start < end <= start + MINUTES_A_DAY:
            return start, end
        reached = end
    return None


def parse_hours(intervals: Sequence[str]) -> Hours:
    """
    Read `08:30-12:00`; an end at or before its start lies on the next day.

    :raises Refused: if an interval is anything else
    """
    return tuple(_parse_interval(text) for text in intervals)


def _parse_interval(text: str) -> tuple[int, int]:
    first, _dash, last = text.partition("-")
    try:
        start, end = parse_time(first), parse_time(last)
    except Refused:
        raise Refused("calendar.hours_unreadable", text=text) from None
    if start >= MINUTES_A_DAY:
        raise Refused("calendar.hours_unreadable", text=text)
    return (start, end) if end > start else (start, end + MINUTES_A_DAY)


_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


def parse_time(text: str) -> int:
    """
    Read `16:00` as minutes from midnight; `24:00` is the end of the day.

    :raises Refused: if the text is anything else
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise Refused("within.unreadable", text=text)
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def parse_month_day(text: str) -> MonthDay:
    """
    Read `06-01`; `02-29` stands for the last of February.

    :raises Refused: if there is no such day
    """
    month, _dash, day = text.partition("-")
    try:
        # A leap year, so that 29 February can begin or end a season.
        found = date.fromisoformat(f"2000-{month}-{day}")
    except ValueError:
        raise Refused("calendar.season_unreadable", text=text) from None
    return found.month, found.day
