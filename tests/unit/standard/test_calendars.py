"""Limits and calendars read what they should and refuse what contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import (
    ROUND_THE_CLOCK,
    Calendar,
    Season,
    Within,
    parse_hours,
    parse_month_day,
    round_the_clock,
)


MORNINGS = parse_hours(["08:00-13:00"])
OFFICE = parse_hours(["08:30-12:00", "13:30-17:30"])
WEEK = (OFFICE,) * 5 + ((), ())
SPRING_FESTIVAL = frozenset(date(2026, 2, day) for day in range(15, 24))
MAKEUP_SATURDAY = date(2026, 2, 28)
SUMMER = Season((6, 1), (9, 30), (MORNINGS,) * 6 + ((),))


BAD_CUT_OFFS = [
    "today before 00:00 else 24h",
    "today before 24:00 else 24h",
    "today before 16:60 else 24h",
    "today before 4pm else 24h",
    "today before 16:00",
    "before 16:00 else 24h",
    "today before 16:00 else today before 18:00 else 24h",
    "1x before 16:00 else 24h",
]


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
        ("today", 1, "today"),
    ],
)
def test_a_limit_reads_and_prints_as_it_is_written(text, value, unit):
    assert Within.parse(text) == Within(value, unit)
    assert str(Within(value, unit)) == text


@pytest.mark.parametrize(
    "text", ["", "48", "h", "0h", "-1h", "1.5h", "48 h", "2w", "48H", "1today", *BAD_CUT_OFFS]
)
def test_a_limit_that_is_not_one_is_refused(text):
    with pytest.raises(Refused, match=r"within\.unreadable"):
        Within.parse(text)


def test_only_day_and_month_limits_end_with_a_day():
    units = ("1min", "1h", "today", "1d", "1wd", "1mo")
    ends = [Within.parse(text).ends_with_a_day for text in units]
    assert ends == [False, False, True, True, True, True]


class TestCutOff:
    SAME_DAY = Within.parse("today before 16:00 else 24h")

    def test_it_reads_and_prints_as_it_is_written(self):
        assert str(self.SAME_DAY) == "today before 16:00 else 24h"
        assert Within.parse(str(self.SAME_DAY)) == self.SAME_DAY
        assert hash(Within.parse(str(self.SAME_DAY))) == hash(self.SAME_DAY)

    @pytest.mark.parametrize(
        ("reading", "limit"),
        [
            ("00:00:00", "today"),
            ("15:59:59.999999", "today"),
            ("16:00:00", "24h"),
            ("23:59:59", "24h"),
        ],
    )
    def test_the_stroke_of_the_cut_off_itself_is_no_longer_before_it(self, reading, limit):
        at = datetime.fromisoformat(f"2026-03-02T{reading}")
        assert str(self.SAME_DAY.applying(at)) == limit

    def test_a_limit_without_a_cut_off_always_applies(self):
        limit = Within.parse("48h")
        assert limit.applying(datetime(2026, 3, 2, 23)) is limit


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
        ({"seasons": (SUMMER, Season((9, 1), (9, 30), WEEK))}, "seasons_overlap"),
        ({"seasons": (Season((6, 1), (9, 30), WEEK[:6]),)}, "not_a_week"),
        ({"seasons": (Season((6, 1), (9, 30), (((540, 480),),) * 7),)}, "hours_unordered"),
        ({"seasons": (Season((1, 1), (12, 31), ((),) * 7),)}, "never_open"),
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
    summer = office(seasons=(SUMMER,)).whole_days
    assert summer.hours_of(date(2026, 6, 6)) == ROUND_THE_CLOCK
    assert summer.hours_of(date(2026, 6, 7)) == ()


class TestSeasons:
    def test_both_days_belong_to_it(self):
        calendar = office(seasons=(SUMMER,))
        days = [date(2026, 5, 30), date(2026, 6, 1), date(2026, 9, 30), date(2026, 10, 1)]
        assert [calendar.hours_of(day) for day in days] == [(), MORNINGS, MORNINGS, OFFICE]

    def test_it_may_reach_over_the_new_year(self):
        winter = Season((11, 15), (3, 15), (MORNINGS,) * 7)
        inside = [date(2025, 11, 15), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 15)]
        outside = [date(2025, 11, 14), date(2026, 3, 16), date(2026, 7, 1)]
        assert all(day in winter for day in inside)
        assert not any(day in winter for day in outside)

    def test_29_february_stands_for_the_last_of_february(self):
        winter = Season((12, 1), parse_month_day("02-29"), (MORNINGS,) * 7)
        assert date(2026, 2, 28) in winter
        assert date(2028, 2, 29) in winter
        assert date(2026, 3, 1) not in winter

    def test_a_holiday_closes_it_and_a_make_up_day_has_its_own_hours(self):
        saturday, monday = date(2026, 6, 6), date(2026, 6, 8)
        calendar = office(
            seasons=(SUMMER,), holidays=frozenset({monday}), workdays=frozenset({saturday})
        )
        assert (calendar.hours_of(saturday), calendar.hours_of(monday)) == (OFFICE, ())
        own = replace(SUMMER, makeup_hours=MORNINGS)
        assert replace(calendar, seasons=(own,)).hours_of(saturday) == MORNINGS

    def test_a_calendar_may_be_open_in_its_season_only(self):
        calendar = office(weekly=((),) * 7, seasons=(SUMMER,), workdays=frozenset())
        assert not calendar.is_working_day(date(2026, 5, 4))
        assert calendar.is_working_day(date(2026, 6, 1))

    def test_one_that_changes_nothing_leaves_a_calendar_always_open(self):
        always = round_the_clock()
        same = Season((6, 1), (9, 30), (ROUND_THE_CLOCK,) * 7)
        assert replace(always, seasons=(same,)).is_always_open
        assert not replace(always, seasons=(SUMMER,)).is_always_open

    def test_it_tells_calendars_apart(self):
        assert len({office(), office(seasons=(SUMMER,)), office(seasons=(SUMMER,))}) == 2

    @pytest.mark.parametrize("text", ["", "6-1", "13-01", "02-30", "06-01-01", "June"])
    def test_a_day_of_the_year_that_is_none_is_refused(self, text):
        with pytest.raises(Refused, match=r"calendar\.season_unreadable"):
            parse_month_day(text)
