"""
Defects that users of other service desks reported, one test each; the name says the defect.

Those that need more than arithmetic are in tests/integration/clocks/test_known_defects.py.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from changtong.clocks.domain import timer
from changtong.clocks.domain.planning import Limit
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar, Within, parse_hours, round_the_clock


SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = parse_hours(["08:30-12:00", "13:30-17:30"])
OFFICE = Calendar(
    code="office",
    timezone="Asia/Shanghai",
    weekly=(HOURS,) * 5 + ((), ()),
    holidays=frozenset({date(2026, 4, 6)}),
    workdays=frozenset({date(2026, 2, 28)}),
    makeup_hours=HOURS,
    years=frozenset({2026}),
)
NIGHT = Calendar("night", "Asia/Shanghai", (parse_hours(["22:00-06:00"]),) * 7)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, within: str, calendar: Calendar = OFFICE, *pauses: Period) -> datetime:
    return timer.due_at(
        started_at=local(start), within=Within.parse(within), calendar=calendar, pauses=pauses
    )


def test_a_new_case_fails_at_once_because_its_deadline_is_read_in_another_zone():
    in_shanghai = local("2026-03-02 09:00")
    in_calcutta = in_shanghai.astimezone(ZoneInfo("Asia/Kolkata"))
    limit = {"within": Within.parse("4h"), "calendar": OFFICE}
    found = timer.due_at(started_at=in_calcutta, **limit)
    assert found == timer.due_at(started_at=in_shanghai, **limit) == local("2026-03-02 14:30")
    assert found.utcoffset() == timedelta()


def test_an_instant_without_a_zone_is_taken_for_some_zone():
    with pytest.raises(ValueError, match="naive"):
        timer.due_at(started_at=datetime(2026, 3, 2), within=Within.parse("4h"), calendar=OFFICE)


def test_time_on_hold_is_added_to_the_time_of_creation():
    hold = Period(local("2026-02-28 20:00"), local("2026-03-01 20:00"))
    assert due("2026-02-28 18:00", "1h", OFFICE, hold) == local("2026-03-02 09:30")


def test_a_case_made_on_a_day_off_has_a_wrong_start():
    assert due("2026-03-07 10:00", "1h") == local("2026-03-09 09:30")
    assert due("2026-04-06 10:00", "1h") == local("2026-04-07 09:30")


def test_there_is_no_lunch_break():
    assert due("2026-03-02 11:00", "2h") == local("2026-03-02 14:30")


def test_a_case_opened_outside_hours_has_no_time_at_all():
    assert due("2026-03-02 19:00", "30min") == local("2026-03-03 09:00")


def test_pending_time_counts():
    hold = Period(local("2026-03-02 10:00"), local("2026-03-02 11:00"))
    assert due("2026-03-02 09:00", "2h", OFFICE, hold) == local("2026-03-02 12:00")


def test_a_saturday_that_counts_as_a_working_day_is_closed():
    assert due("2026-02-27 17:00", "1h") == local("2026-02-28 09:00")


def test_a_shift_over_midnight_never_matches():
    assert due("2026-03-02 23:00", "6h", NIGHT) == local("2026-03-03 05:00")
    assert due("2026-03-03 01:00", "6h", NIGHT) == local("2026-03-03 23:00")


def test_seconds_get_lost_each_day():
    passed = timer.elapsed(
        started_at=local("2026-03-02 08:30:30"),
        until=local("2026-03-06 08:30:45"),
        calendar=OFFICE,
    )
    assert passed == timedelta(hours=30, seconds=15)


def test_a_calendar_without_open_time_is_walked_for_ever():
    with pytest.raises(Refused, match=r"calendar\.never_open"):
        Calendar("never", "Asia/Shanghai", ((),) * 7)


def test_a_long_limit_is_walked_day_by_day():
    rare = Calendar("rare", "Asia/Shanghai", (((0, 1),), (), (), (), (), (), ()))
    with pytest.raises(Refused, match=r"calendar\.hardly_ever_open"):
        due("2026-01-01 00:00", "999999min", rare)


def test_the_steps_of_escalation_fall_on_wrong_instants():
    limit = Limit(
        started_at=local("2026-03-02 08:30"),
        within=Within.parse("15h"),
        calendar=OFFICE,
        warn_shares=(0.5, 0.75, 0.9),
    )
    assert [limit.warning_at(step) for step in range(4)] == [
        local("2026-03-02 17:30"),
        local("2026-03-03 12:00") + timedelta(minutes=105),
        local("2026-03-03 16:00"),
        None,
    ]


def test_a_limit_of_office_hours_warns_at_midnight_and_on_weekends():
    limit = Limit(
        started_at=local("2026-03-06 16:30"),
        within=Within.parse("4h"),
        calendar=OFFICE,
        warn_shares=(0.5, 0.9),
    )
    # The weekend lies between the start and both.
    assert limit.warning_at(0) == local("2026-03-09 09:30")
    assert limit.warning_at(1) == local("2026-03-09 11:06")


def test_a_case_that_goes_on_escalates_at_once_depending_on_its_age():
    months_later = local("2026-08-02 09:00")
    hold = Period(local("2026-02-27 09:00"), months_later)
    found = due("2026-02-27 08:30", "24h", round_the_clock(), hold)
    assert found == months_later + timedelta(hours=23, minutes=30)


def test_the_hours_of_one_place_are_read_from_the_clock_of_another():
    urumqi = Calendar("urumqi", "Asia/Urumqi", (parse_hours(["10:00-14:00"]),) * 7)
    assert due("2026-03-02 09:00", "1h", urumqi) == local("2026-03-02 13:00")


def test_a_list_of_holidays_of_somewhere_else_is_taken_over():
    # No day of a year that is not listed is a holiday by guess, and the limit says so.
    found = due("2027-09-30 10:00", "2wd")
    assert found == local("2027-10-05 00:00")
    assert OFFICE.is_provisional(local("2027-09-30 10:00"), found)


def test_a_day_of_25_hours_is_an_hour_too_long_or_too_short():
    berlin = Calendar("berlin", "Europe/Berlin", (parse_hours(["00:00-12:00"]),) * 7)
    start = datetime(2026, 10, 25, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    found = timer.due_at(started_at=start, within=Within.parse("13h"), calendar=berlin)
    # 2:00 to 3:00 comes twice that night.
    assert found == datetime(2026, 10, 25, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
