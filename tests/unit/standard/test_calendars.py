"""Limits and calendars read what they should and refuse what contradicts itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import (
    ROUND_THE_CLOCK,
    Calendar,
    Within,
    parse_hours,
    round_the_clock,
)


OFFICE = parse_hours(["08:30-12:00", "13:30-17:30"])
WEEK = (OFFICE,) * 5 + ((), ())
SPRING_FESTIVAL = frozenset(date(2026, 2, day) for day in range(15, 24))
MAKEUP_SATURDAY = date(2026, 2, 28)


def office(**changes) -> Calendar:
    return Calendar(
        **{
            "code": "office",
            "timezone": "Asia/Shanghai",
            "weekly": WEEK,
            "holidays": SPRING_FESTIVAL,
            "workdays": frozenset({date(2026, 2, 14), MAKEUP_SATURDAY}),
            "makeup_hours": OFFICE,
            "years": frozenset({2026}),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("30min", 30, "minute"),
        ("48h", 48, "hour"),
        ("15d", 15, "day"),
        ("5wd", 5, "working_day"),
        ("5mo", 5, "month"),
    ],
)
def test_a_limit_reads_and_prints_as_it_is_written(text, value, unit):
    assert Within.parse(text) == Within(value, unit)
    assert str(Within(value, unit)) == text


@pytest.mark.parametrize("text", ["", "48", "h", "0h", "-1h", "1.5h", "48 h", "2w", "48H"])
def test_a_limit_that_is_not_one_is_refused(text):
    with pytest.raises(Refused, match=r"within\.unreadable"):
        Within.parse(text)


def test_only_day_and_month_limits_end_with_a_day():
    ends = [Within.parse(text).ends_with_a_day for text in ("1min", "1h", "1d", "1wd", "1mo")]
    assert ends == [False, False, True, True, True]


def test_hours_may_reach_into_the_next_day():
    assert parse_hours(["22:00-06:00", "08:00-24:00"]) == ((1320, 1800), (480, 1440))


@pytest.mark.parametrize("text", ["8:00-12:00", "08:00", "24:00-25:00", "08:60-09:00", ""])
def test_hours_that_are_none_are_refused(text):
    with pytest.raises(Refused, match=r"calendar\.hours_unreadable"):
        parse_hours([text])


def test_a_make_up_saturday_opens_and_a_holiday_monday_does_not():
    calendar = office()
    assert calendar.hours_of(MAKEUP_SATURDAY) == OFFICE
    assert calendar.hours_of(date(2026, 2, 16)) == ()
    assert calendar.hours_of(date(2026, 2, 24)) == OFFICE
    assert calendar.hours_of(date(2026, 3, 1)) == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timezone": "Asia/Nowhere"}, "unknown_timezone"),
        ({"timezone": "../etc/passwd"}, "unknown_timezone"),
        ({"weekly": (OFFICE,) * 5}, "not_a_week"),
        ({"weekly": ((),) * 7}, "never_open"),
        ({"weekly": (((540, 480),),) * 7}, "hours_unordered"),
        ({"weekly": (((480, 720), (700, 800)),) * 7}, "hours_unordered"),
        ({"weekly": (((1440, 1500),),) * 7}, "hours_unordered"),
        ({"weekly": (((600, 2041),),) * 7}, "hours_unordered"),
        ({"makeup_hours": ()}, "makeup_hours_missing"),
        ({"holidays": frozenset({MAKEUP_SATURDAY})}, "holiday_and_workday"),
        ({"years": frozenset({2025})}, "year_not_declared"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(changes, reason):
    with pytest.raises(Refused) as refused:
        office(**changes)
    assert refused.value.code == f"calendar.{reason}"


def test_a_year_without_holiday_data_is_provisional_by_the_local_clock():
    calendar = office()
    last_moment = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    new_year_in_shanghai = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    start = datetime(2026, 12, 1, tzinfo=UTC)
    assert not calendar.is_provisional(start, last_moment)
    assert calendar.is_provisional(start, new_year_in_shanghai)


def test_where_holidays_do_not_matter_nothing_is_provisional():
    assert not round_the_clock().is_provisional(
        datetime(1999, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    )


def test_equal_calendars_are_one_key():
    assert office() == office()
    assert len({office(), office(), office(code="other")}) == 2


def test_whole_days_are_the_working_days_from_midnight_to_midnight():
    whole = office().whole_days
    assert whole.hours_of(MAKEUP_SATURDAY) == ROUND_THE_CLOCK
    assert whole.hours_of(date(2026, 2, 16)) == ()
    assert not whole.is_always_open
    assert office().all_days.is_always_open
