"""Worked cases: the articles of the law, and the boundaries of figures and calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from changtong.clocks.domain import open_time, timer
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import (
    Calendar,
    Season,
    Within,
    parse_hours,
    round_the_clock,
)


SHANGHAI = ZoneInfo("Asia/Shanghai")
ALWAYS = round_the_clock()
OFFICE_HOURS = parse_hours(["08:30-12:00", "13:30-17:30"])
# 国务院办公厅: 2026 春节 2月15日至23日放假, 2月14日、2月28日上班.
OFFICE = Calendar(
    code="office",
    timezone="Asia/Shanghai",
    weekly=(OFFICE_HOURS,) * 5 + ((), ()),
    holidays=frozenset(date(2026, 2, day) for day in range(15, 24)),
    workdays=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
    makeup_hours=OFFICE_HOURS,
    years=frozenset({2025, 2026}),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, within: str, calendar: Calendar = ALWAYS, *pauses: Period) -> str:
    found = timer.due_at(
        started_at=local(start), within=Within.parse(within), calendar=calendar, pauses=pauses
    )
    assert found.tzinfo is UTC
    return found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def pause(start: str, end: str) -> Period:
    return Period(local(start), local(end))


class TestCivilCode:
    def test_201_hours_run_from_the_moment_itself(self):
        assert due("2026-03-01 10:00:07", "48h") == "2026-03-03 10:00:07"

    def test_201_the_starting_day_is_not_counted(self):
        assert due("2026-03-01 10:00", "15d") == "2026-03-17 00:00:00"
        assert due("2026-03-01 00:00", "15d") == "2026-03-17 00:00:00"
        assert due("2026-03-01 23:59:59", "15d") == "2026-03-17 00:00:00"

    def test_202_a_month_ends_on_the_corresponding_day(self):
        assert due("2026-03-10 10:00", "5mo") == "2026-08-11 00:00:00"
        assert due("2026-11-15 10:00", "2mo") == "2027-01-16 00:00:00"

    def test_202_or_on_the_last_day_where_there_is_none(self):
        assert due("2025-09-30 10:00", "5mo") == "2026-03-01 00:00:00"
        assert due("2027-09-30 10:00", "5mo") == "2028-03-01 00:00:00"

    def test_202_the_last_day_is_29_february_in_a_leap_year(self):
        end = timer.due_at(
            started_at=local("2027-09-30 10:00"), within=Within.parse("5mo"), calendar=ALWAYS
        )
        assert (end - timedelta(seconds=1)).astimezone(SHANGHAI).date() == date(2028, 2, 29)

    def test_203_the_last_day_ends_at_24_00_also_where_there_are_business_hours(self):
        assert due("2026-03-02 10:00", "1wd", OFFICE) == "2026-03-04 00:00:00"

    def test_203_an_end_on_a_holiday_may_move_but_the_earlier_end_is_due(self):
        start = local("2026-02-01 10:00")
        limit = {"within": Within.parse("15d"), "calendar": OFFICE}
        assert timer.due_at(started_at=start, **limit) == local("2026-02-17 00:00")
        assert timer.end_after_holiday(started_at=start, **limit) == local("2026-02-25 00:00")

    def test_203_nothing_moves_where_the_last_day_is_a_make_up_saturday(self):
        start = local("2026-02-13 10:00")
        limit = {"within": Within.parse("15d"), "calendar": OFFICE}
        assert timer.due_at(started_at=start, **limit) == local("2026-03-01 00:00")
        assert timer.end_after_holiday(started_at=start, **limit) == local("2026-03-01 00:00")

    def test_203_an_hour_limit_never_moves(self):
        limit = {"within": Within.parse("48h"), "calendar": ALWAYS}
        start = local("2026-02-16 09:00")
        assert timer.end_after_holiday(started_at=start, **limit) == local("2026-02-18 09:00")

    def test_working_days_skip_the_festival_and_count_the_make_up_saturdays(self):
        # Friday 13 February; then Saturday 14 (make-up), 24, 25, 26, 27, Saturday 28 (make-up).
        assert due("2026-02-13 10:00", "1wd", OFFICE) == "2026-02-15 00:00:00"
        assert due("2026-02-13 10:00", "2wd", OFFICE) == "2026-02-25 00:00:00"
        assert due("2026-02-13 10:00", "6wd", OFFICE) == "2026-03-01 00:00:00"
        assert due("2026-02-13 10:00", "7wd", OFFICE) == "2026-03-03 00:00:00"

    def test_working_days_begin_after_a_day_on_which_nothing_opens(self):
        assert due("2026-03-01 10:00", "1wd", OFFICE) == "2026-03-03 00:00:00"


class TestFigures:
    """regulation.md 9.5."""

    def test_1_an_urban_fault_during_the_spring_festival_is_due_48_hours_later(self):
        assert due("2026-02-16 09:00", "48h") == "2026-02-18 09:00:00"

    def test_3_in_henan_five_working_days_are_due_before_fifteen_days(self):
        assert due("2026-03-02 10:00", "5wd", OFFICE) < due("2026-03-02 10:00", "15d")

    def test_3_in_chongqing_fifteen_days_are_due_before_fifteen_working_days(self):
        assert due("2026-03-02 10:00", "15d") < due("2026-03-02 10:00", "15wd", OFFICE)

    def test_3_across_the_festival_the_earliest_still_governs(self):
        assert due("2026-02-13 10:00", "15d") == "2026-03-01 00:00:00"
        assert due("2026-02-13 10:00", "5wd", OFFICE) == "2026-02-28 00:00:00"

    def test_6_a_report_after_one_hour_and_one_second_is_late_by_a_second(self):
        limit = timer.due_at(
            started_at=local("2026-05-06 10:00"), within=Within.parse("1h"), calendar=ALWAYS
        )
        assert local("2026-05-06 11:00:01") - limit == timedelta(seconds=1)
        assert not limit < local("2026-05-06 11:00:00")

    def test_8_a_limit_that_reaches_into_an_unknown_year_is_provisional(self):
        start = local("2026-12-30 10:00")
        end = timer.due_at(started_at=start, within=Within.parse("3wd"), calendar=OFFICE)
        assert OFFICE.is_provisional(start, end)


class TestOpenTime:
    def test_lunch_does_not_count(self):
        assert due("2026-03-02 09:00", "4h", OFFICE) == "2026-03-02 14:30:00"

    def test_a_limit_used_up_at_closing_time_is_due_then_and_not_in_the_morning(self):
        assert due("2026-03-02 13:30", "4h", OFFICE) == "2026-03-02 17:30:00"
        assert due("2026-03-02 08:30", "210min", OFFICE) == "2026-03-02 12:00:00"

    def test_outside_hours_the_clock_waits_for_the_opening(self):
        assert due("2026-02-28 18:00", "1h", OFFICE) == "2026-03-02 09:30:00"

    def test_seconds_are_kept_from_day_to_day(self):
        assert due("2026-03-02 17:29:59.500000", "1h", OFFICE) == "2026-03-03 09:29:59"

    def test_an_overnight_shift_belongs_to_the_evening_it_starts_on(self):
        night = Calendar(
            code="night",
            timezone="Asia/Shanghai",
            weekly=(((1320, 1800),),) * 5 + ((), ()),
            holidays=frozenset({date(2026, 3, 5)}),
        )
        # Monday evening into Tuesday; Friday's shift ends on Saturday morning.
        assert due("2026-03-02 23:00", "7h", night) == "2026-03-03 06:00:00"
        assert due("2026-03-07 05:30", "1h", night) == "2026-03-09 22:30:00"
        # Thursday is a holiday: Wednesday's shift runs into it, its own does not start.
        assert due("2026-03-05 05:00", "2h", night) == "2026-03-06 23:00:00"

    def test_intervals_that_overlap_over_midnight_count_once(self):
        calendar = Calendar("x", "Asia/Shanghai", (((600, 2000),),) * 7)
        assert timer.elapsed(
            started_at=local("2026-03-02 10:00"),
            until=local("2026-03-04 10:00"),
            calendar=calendar,
        ) == timedelta(minutes=2 * 1400)

    @pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
    def test_nothing_is_lost_at_the_turn_of_the_year(self, zone):
        evening_into_next_evening = Calendar("x", zone, (((1080, 2460),),) * 7)
        passed = timer.elapsed(
            started_at=datetime(2025, 12, 31, 18, tzinfo=ZoneInfo(zone)),
            until=datetime(2026, 1, 1, 18, tzinfo=ZoneInfo(zone)),
            calendar=evening_into_next_evening,
        )
        assert passed == timedelta(hours=23)

    def test_a_day_of_23_hours_is_a_day(self):
        berlin = round_the_clock(timezone="Europe/Berlin")
        start = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        limit = {"started_at": start, "within": Within.parse("1d"), "calendar": berlin}
        assert timer.due_at(**limit) == datetime(2026, 3, 29, 22, tzinfo=UTC)
        assert timer.allowed(**limit) == timedelta(hours=23)

    def test_a_calendar_that_is_hardly_ever_open_is_refused_instead_of_walked_for_ever(self):
        rare = Calendar("rare", "Asia/Shanghai", (((0, 1),), (), (), (), (), (), ()))
        with pytest.raises(Refused, match=r"calendar\.hardly_ever_open"):
            timer.due_at(
                started_at=local("2026-01-01 00:00"),
                within=Within.parse("999999min"),
                calendar=rare,
            )

    def test_a_year_s_table_is_computed_once(self):
        assert open_time.of_year(OFFICE, 2026) is open_time.of_year(OFFICE, 2026)


class TestCutOff:
    """regulation.md 8.1: what is accepted before 16:00 is repaired the same day, else in 24 hours."""

    PROMISE = "today before 16:00 else 24h"

    def test_before_it_the_day_of_acceptance_is_the_limit(self):
        assert due("2026-03-02 09:00", self.PROMISE) == "2026-03-03 00:00:00"
        assert due("2026-03-02 15:59:59", self.PROMISE) == "2026-03-03 00:00:00"

    def test_from_it_on_the_hours_run(self):
        assert due("2026-03-02 16:00", self.PROMISE) == "2026-03-03 16:00:00"
        assert due("2026-03-02 23:59:59", self.PROMISE) == "2026-03-03 23:59:59"

    def test_it_is_read_from_the_clock_of_the_calendar(self):
        urumqi = round_the_clock(timezone="Asia/Urumqi")
        # 17:00 in Shanghai is 15:00 in Urumqi, where the day ends two hours later.
        assert due("2026-03-02 17:00", self.PROMISE, urumqi) == "2026-03-03 02:00:00"
        assert due("2026-03-02 18:00", self.PROMISE, urumqi) == "2026-03-03 18:00:00"

    def test_a_pause_on_the_day_moves_its_end_by_as_much(self):
        stretch = pause("2026-03-02 10:00", "2026-03-02 12:30")
        assert due("2026-03-02 09:00", self.PROMISE, ALWAYS, stretch) == "2026-03-03 02:30:00"

    def test_the_limit_is_what_is_left_of_the_day(self):
        limit = {"within": Within.parse(self.PROMISE), "calendar": ALWAYS}
        assert timer.allowed(started_at=local("2026-03-02 09:00"), **limit) == timedelta(hours=15)
        assert timer.allowed(started_at=local("2026-03-02 16:00"), **limit) == timedelta(hours=24)
        half = timer.share_at(started_at=local("2026-03-02 09:00"), share=0.5, **limit)
        assert half == local("2026-03-02 16:30")

    def test_each_side_may_be_a_limit_of_any_kind(self):
        limit = "2wd before 12:00 else 3wd"
        assert due("2026-03-02 11:59", limit, OFFICE) == "2026-03-05 00:00:00"
        assert due("2026-03-02 12:00", limit, OFFICE) == "2026-03-06 00:00:00"

    def test_only_a_side_that_ends_with_a_day_may_end_after_a_holiday(self):
        limit = {"within": Within.parse(self.PROMISE), "calendar": OFFICE}
        new_year_s_eve = local("2026-02-16 10:00")
        assert timer.end_after_holiday(started_at=new_year_s_eve, **limit) == local("2026-02-25")
        evening = local("2026-02-16 18:00")
        limit["calendar"] = ALWAYS
        assert timer.end_after_holiday(started_at=evening, **limit) == local("2026-02-17 18:00")


class TestSeasons:
    SUMMER = Season((7, 1), (8, 31), (parse_hours(["08:00-13:00"]),) * 6 + ((),))
    SEASONAL = replace(OFFICE, code="seasonal", seasons=(SUMMER,))

    def test_the_hours_change_with_the_season(self):
        assert due("2026-06-30 16:30", "3h", self.SEASONAL) == "2026-07-01 10:00:00"
        assert due("2026-08-31 12:00", "3h", self.SEASONAL) == "2026-09-01 10:30:00"

    def test_saturday_is_a_working_day_in_summer_only(self):
        assert due("2026-06-26 10:00", "1wd", self.SEASONAL) == "2026-06-30 00:00:00"
        assert due("2026-07-03 10:00", "1wd", self.SEASONAL) == "2026-07-05 00:00:00"

    def test_a_night_of_the_old_season_ends_in_the_new(self):
        night = Season((12, 1), (2, 28), (((1200, 1800),),) * 7)
        calendar = replace(ALWAYS, code="winter", weekly=(((480, 720),),) * 7, seasons=(night,))
        # 28 February 20:00 to 1 March 6:00, then the hours of spring.
        assert due("2026-02-28 23:00", "8h", calendar) == "2026-03-01 09:00:00"


class TestPauses:
    def test_a_pause_adds_the_open_time_it_covers(self):
        stretch = pause("2026-03-02 11:00", "2026-03-02 14:00")
        assert due("2026-03-02 09:00", "4h", OFFICE, stretch) == "2026-03-02 16:00:00"

    def test_a_pause_outside_open_time_adds_nothing(self):
        stretch = pause("2026-03-02 12:00", "2026-03-02 13:30")
        assert due("2026-03-02 09:00", "4h", OFFICE, stretch) == "2026-03-02 14:30:00"

    def test_pauses_that_overlap_count_once(self):
        two = [
            pause("2026-03-02 10:00", "2026-03-02 16:00"),
            pause("2026-03-02 12:00", "2026-03-02 20:00"),
        ]
        assert due("2026-03-02 09:00", "48h", ALWAYS, *two) == "2026-03-04 19:00:00"

    def test_a_pause_before_the_start_or_after_the_end_adds_nothing(self):
        two = [
            pause("2026-03-01 10:00", "2026-03-01 12:00"),
            pause("2026-03-04 09:00", "2026-03-05 09:00"),
        ]
        assert due("2026-03-02 09:00", "48h", ALWAYS, *two) == "2026-03-04 09:00:00"

    def test_a_day_limit_is_extended_by_what_it_would_have_counted(self):
        on_starting_day = pause("2026-03-02 11:00", "2026-03-02 20:00")
        on_second_day = pause("2026-03-04 06:00", "2026-03-05 12:00")
        assert due("2026-03-02 10:00", "3d", ALWAYS, on_starting_day) == "2026-03-06 00:00:00"
        assert due("2026-03-02 10:00", "3d", ALWAYS, on_second_day) == "2026-03-07 06:00:00"

    def test_a_working_day_limit_is_not_extended_by_a_weekend_on_hold(self):
        weekend = pause("2026-03-07 00:00", "2026-03-09 00:00")
        assert due("2026-03-05 10:00", "2wd", OFFICE, weekend) == "2026-03-10 00:00:00"

    def test_an_open_pause_before_the_end_has_no_answer(self):
        still_open = Period(local("2026-03-02 12:00"))
        with pytest.raises(Refused, match=r"clock\.paused"):
            due("2026-03-02 09:00", "4h", ALWAYS, still_open)

    def test_an_open_pause_after_the_end_does_not_matter(self):
        still_open = Period(local("2026-03-02 13:00"))
        assert due("2026-03-02 09:00", "4h", ALWAYS, still_open) == "2026-03-02 13:00:00"

    def test_nothing_elapses_in_an_open_pause(self):
        still_open = Period(local("2026-03-02 12:00"))
        assert timer.elapsed(
            started_at=local("2026-03-02 09:00"),
            until=local("2026-03-08 09:00"),
            calendar=ALWAYS,
            pauses=[still_open],
        ) == timedelta(hours=3)
