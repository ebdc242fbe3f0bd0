"""Calendars are data: seasons, zones and overlays for regions, with errors that name the key."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from changtong.standard.domain import calendar_files
from changtong.standard.domain.calendars import parse_hours
from changtong.standard.domain.parsing import Section, parse


WORKDAY = """
code = "workday"
name = "工作日"
name_en = "Working days"
timezone = "Asia/Shanghai"
makeup_hours = ["08:30-12:00", "13:30-17:30"]

[weekly]
monday = ["08:30-12:00", "13:30-17:30"]
tuesday = ["08:30-12:00", "13:30-17:30"]
wednesday = ["08:30-12:00", "13:30-17:30"]
thursday = ["08:30-12:00", "13:30-17:30"]
friday = ["08:30-12:00", "13:30-17:30", "20:00-06:00"]

[[season]]
name = "夏季"
name_en = "summer"
from = "07-01"
to = "08-31"
[season.weekly]
monday = ["08:00-13:00"]

[[year]]
year = 2025
holidays = [2025-05-01]
workdays = [2025-04-27]

[[year]]
year = 2026
notice = "国务院办公厅"
holidays = [2026-05-01, 2026-05-04]
workdays = [2026-05-09]
"""
GUANGXI = """
code = "workday-45"
base = "workday"
name = "工作日（广西）"
name_en = "Working days of Guangxi"

[[year]]
year = 2026
holidays = [2026-04-20]
workdays = [2026-05-04]
"""
XINJIANG = """
code = "workday-65"
base = "workday"
name = "工作日（新疆作息）"
name_en = "Working days by the local time of Xinjiang"
timezone = "Asia/Urumqi"
"""
OFFICE = parse_hours(["08:30-12:00", "13:30-17:30"])


def read(*texts):
    problems = []
    files = [
        Section(f"calendars/{number}.toml", parse({"it": text})["it"], problems)
        for number, text in enumerate(texts)
    ]
    found = calendar_files.calendars(files)
    for file in files:
        file.close()
    return found, [(problem.code, problem.key) for problem in problems]


def test_a_calendar_has_all_that_its_file_says():
    found, problems = read(WORKDAY)
    calendar = found["workday"]
    assert problems == []
    assert calendar.hours_of(date(2026, 4, 24)) == (*OFFICE, (1200, 1800))
    assert calendar.hours_of(date(2026, 7, 6)) == ((480, 780),)
    assert calendar.hours_of(date(2026, 5, 4)) == ()
    assert calendar.hours_of(date(2026, 5, 9)) == OFFICE
    assert calendar.years == {2025, 2026}


def test_an_overlay_adds_its_days_to_those_of_its_base():
    for order in ((WORKDAY, GUANGXI), (GUANGXI, WORKDAY)):
        found, problems = read(*order)
        here, there = found["workday-45"], found["workday"]
        assert problems == []
        assert (here.code, here.name_en) == ("workday-45", "Working days of Guangxi")
        assert not here.is_working_day(date(2026, 4, 20))
        assert there.is_working_day(date(2026, 4, 20))
        # What the country has off, and the province works.
        assert here.hours_of(date(2026, 5, 4)) == OFFICE
        assert not here.is_working_day(date(2026, 5, 1))
        assert here.seasons == there.seasons


def test_a_year_that_only_the_base_knows_is_provisional_in_the_overlay():
    found, _problems = read(WORKDAY, GUANGXI)
    day = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 6, 2, tzinfo=UTC)
    assert found["workday-45"].is_provisional(*day)
    assert not found["workday"].is_provisional(*day)
    # What the base does know of it still counts.
    assert not found["workday-45"].is_working_day(date(2025, 5, 1))


def test_an_overlay_without_years_of_its_own_knows_those_of_its_base():
    found, problems = read(WORKDAY, XINJIANG)
    assert problems == []
    assert found["workday-65"].years == {2025, 2026}


def test_a_region_has_the_same_hours_by_its_own_clock():
    found, _problems = read(WORKDAY, XINJIANG)
    assert str(found["workday-65"].tz) == "Asia/Urumqi"
    assert found["workday-65"].weekly == found["workday"].weekly


@pytest.mark.parametrize(
    ("wrong", "right", "problem"),
    [
        ('"Asia/Nowhere"', '"Asia/Shanghai"', ("calendar.unsound", "")),
        ('monday = ["8:30"]', 'monday = ["08:00-13:00"]', ("calendar.hours_unreadable", "season[1].weekly.monday")),
        ('monday = ["08:30-12:00", "11:00-13:00"]', 'monday = ["08:30-12:00", "13:30-17:30"]', ("calendar.hours_unordered", "weekly.monday")),
        ('makeup_hours = ["x"]', 'makeup_hours = ["08:30-12:00", "13:30-17:30"]', ("calendar.hours_unreadable", "makeup_hours")),
        ('from = "07-32"', 'from = "07-01"', ("calendar.season_unreadable", "season[1].from")),
        ("to = 8", 'to = "08-31"', ("value.wrong_type", "season[1].to")),
        ("moonday = []", 'monday = ["08:00-13:00"]', ("key.unused", "season[1].weekly.moonday")),
        ("holidays = [2027-05-01]", "holidays = [2025-05-01]", ("calendar.day_of_another_year", "year[1].holidays")),
        ("workdays = [2026-05-04]", "workdays = [2026-05-09]", ("calendar.holiday_and_workday", "year")),
        ("year = 2025", "year = 2026", ("calendar.year_repeated", "year[2].year")),
        ('base = "none"', 'timezone = "Asia/Shanghai"', ("calendar.base_unknown", "base")),
        ('base = "workday"', 'timezone = "Asia/Shanghai"', ("calendar.base_circular", "base")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_by_key(wrong, right, problem):
    spoilt = WORKDAY.replace(right, wrong, 1)
    assert spoilt != WORKDAY
    _found, problems = read(spoilt)
    assert problem in problems


def test_two_files_cannot_have_one_code():
    _found, problems = read(WORKDAY, WORKDAY)
    assert ("code.repeated", "code") in problems


def test_overlays_that_rest_on_each_other_are_told():
    first = GUANGXI.replace('base = "workday"', 'base = "workday-65"')
    second = XINJIANG.replace('base = "workday"', 'base = "workday-45"')
    _found, problems = read(WORKDAY, first, second)
    assert [code for code, _key in problems] == ["calendar.base_circular"]
