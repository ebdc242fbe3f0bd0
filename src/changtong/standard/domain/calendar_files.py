"""
Read the calendars of an edition from their files.

A calendar with a `base` is an overlay: it takes from the base what it does not say itself, and its
holidays and make-up days come on top of the base's. So a province's extra holiday, or a place
with other hours, is a file of a few lines.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import (
    DAYS_A_WEEK,
    Calendar,
    Hours,
    MonthDay,
    Season,
    parse_hours,
    parse_month_day,
    round_the_clock,
    unordered,
)
from changtong.standard.domain.parsing import Section


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEVER: tuple[Hours, ...] = ((),) * DAYS_A_WEEK


@dataclass(frozen=True, slots=True)
class _Days:
    """The holidays and make-up days that a file lists, and the years it speaks about."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()


def calendars(files: Iterable[Section]) -> Mapping[str, Calendar]:
    """Return the calendars by code; mistakes are noted in the sections."""
    sections: dict[str, Section] = {}
    for file in files:
        code = file.text("code")
        if code in sections:
            file.note("code.repeated", "code", code=code)
        sections[code] = file
    found: dict[str, Calendar | None] = {}
    for code in sections:
        _read(code, sections, found, ())
    return MappingProxyType({code: found[code] or round_the_clock(code) for code in sections})


def _read(
    code: str,
    sections: Mapping[str, Section],
    found: dict[str, Calendar | None],
    above: tuple[str, ...],
) -> Calendar | None:
    """Return a calendar after those that it rests on, or nothing if it cannot be read."""
    if code in found:
        return found[code]
    file = sections[code]
    base = file.optional("base")
    under: Calendar | None = None
    if base is not None:
        if base not in sections:
            file.note("calendar.base_unknown", "base", base=base)
        elif base in (*above, code):
            file.note("calendar.base_circular", "base", base=base)
        else:
            under = _read(base, sections, found, (*above, code))
    try:
        found[code] = _calendar(code, file, under, is_overlay=base is not None)
    except Refused as refused:
        file.note("calendar.unsound", "", reason=refused.code, **refused.facts)
        found[code] = None
    return found[code]


def _calendar(
    code: str, file: Section, under: Calendar | None, *, is_overlay: bool
) -> Calendar | None:
    name, name_en = file.text("name"), file.text("name_en")
    file.text("clause", "")
    file.texts("drawn_from", ())
    # What cannot be read is noted; nothing that follows from it needs noting too.
    before = len(file.problems)
    timezone = file.text("timezone", under.timezone if under else "" if is_overlay else None)
    weekly = None if is_overlay and "weekly" not in file else _week(file)
    makeup = _hours(file, "makeup_hours")
    seasons = tuple(map(_season, file.tables("season"))) if "season" in file else None
    days = _days(file)
    if len(file.problems) > before or (is_overlay and under is None):
        return None
    if under is None:
        return Calendar(
            code=code,
            timezone=timezone,
            weekly=weekly or NEVER,
            holidays=days.holidays,
            workdays=days.workdays,
            makeup_hours=makeup,
            years=days.years,
            seasons=seasons or (),
            name=name,
            name_en=name_en,
        )
    return replace(
        under,
        code=code,
        timezone=timezone,
        weekly=under.weekly if weekly is None else weekly,
        holidays=(under.holidays - days.workdays) | days.holidays,
        workdays=(under.workdays - days.holidays) | days.workdays,
        makeup_hours=makeup or under.makeup_hours,
        # A year in which only the base knows its days is not known here.
        years=under.years & days.years if days.years and under.years else under.years | days.years,
        seasons=under.seasons if seasons is None else seasons,
        name=name,
        name_en=name_en,
    )


def _week(section: Section) -> tuple[Hours, ...]:
    table = section.table("weekly")
    return tuple(_hours(table, day) for day in WEEKDAYS)


def _hours(section: Section, key: str) -> Hours:
    try:
        hours = parse_hours(section.texts(key, ()))
    except Refused as refused:
        section.note(refused.code, key, **refused.facts)
        return ()
    if unordered(hours):
        section.note("calendar.hours_unordered", key)
        return ()
    return hours


def _season(section: Section) -> Season:
    section.text("name", "")
    section.text("name_en", "")
    return Season(
        first=_month_day(section, "from"),
        last=_month_day(section, "to"),
        weekly=_week(section),
        makeup_hours=_hours(section, "makeup_hours"),
    )


def _month_day(section: Section, key: str) -> MonthDay:
    text = section.text(key)
    try:
        return parse_month_day(text)
    except Refused as refused:
        if text:
            section.note(refused.code, key, **refused.facts)
        return (1, 1)


def _days(file: Section) -> _Days:
    found = _Days()
    for section in file.tables("year") if "year" in file else ():
        section.text("notice", "")
        year = section.whole("year")
        if year in found.years:
            section.note("calendar.year_repeated", "year", year=year)
        for key in ("holidays", "workdays"):
            for day in sorted(section.days(key)):
                if day.year != year:
                    section.note("calendar.day_of_another_year", key, day=day.isoformat())
        found = _Days(
            found.holidays | section.days("holidays"),
            found.workdays | section.days("workdays"),
            found.years | {year},
        )
    if both := found.holidays & found.workdays:
        file.note("calendar.holiday_and_workday", "year", day=min(both).isoformat())
    return found
