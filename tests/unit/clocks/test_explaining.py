"""The arithmetic that a page shows is the arithmetic that was done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import histories

from changtong.clocks.domain import explaining, timer
from changtong.clocks.domain.planning import Limit
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar, Within, parse_hours


SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = parse_hours(["09:00-12:00", "13:00-18:00"])
OFFICE = Calendar(
    code="office",
    timezone="Asia/Shanghai",
    weekly=(HOURS,) * 5 + ((), ()),
    holidays=frozenset({date(2026, 4, 6)}),
    years=frozenset({2026}),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_each_day_shows_what_counted():
    limit = Limit(
        started_at=local("2026-04-03 11:00"),
        within=Within.parse("8h"),
        calendar=OFFICE,
        pauses=(Period(local("2026-04-03 14:00"), local("2026-04-03 15:00")),),
    )
    shown = explaining.arithmetic(limit, at=local("2026-04-03 16:00"))
    assert [(day.day.isoformat(), day.kind, day.counted) for day in shown.days] == [
        ("2026-04-03", "working_day", timedelta(hours=5)),
        ("2026-04-04", "day_off", timedelta()),
        ("2026-04-05", "day_off", timedelta()),
        ("2026-04-06", "holiday", timedelta()),
        ("2026-04-07", "working_day", timedelta(hours=3)),
    ]
    assert shown.days[0].stretches == (
        (local("2026-04-03 11:00"), local("2026-04-03 12:00")),
        (local("2026-04-03 13:00"), local("2026-04-03 14:00")),
        (local("2026-04-03 15:00"), local("2026-04-03 18:00")),
    )
    assert shown.due_at == local("2026-04-07 12:00")
    assert (shown.allowed, shown.counted) == (timedelta(hours=8), timedelta(hours=3))
    assert shown.left == timedelta(hours=5)
    assert not shown.is_cut
    assert not shown.is_provisional


def test_a_day_limit_shows_the_starting_day_as_not_counted():
    limit = Limit(started_at=local("2026-04-03 11:00"), within=Within.parse("2d"), calendar=OFFICE)
    shown = explaining.arithmetic(limit, at=local("2026-04-03 16:00"))
    assert [day.counted // timedelta(hours=1) for day in shown.days] == [0, 24, 24]
    assert shown.due_at == local("2026-04-06 00:00")
    assert shown.end_after_holiday == local("2026-04-08 00:00")


def test_a_list_that_would_never_end_is_cut():
    limit = Limit(
        started_at=local("2026-04-03 11:00"), within=Within.parse("24mo"), calendar=OFFICE
    )
    shown = explaining.arithmetic(limit, at=local("2026-04-03 16:00"))
    assert shown.is_cut
    assert len(shown.days) == explaining.DAYS_AT_MOST


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_days_add_up_to_the_limit(data, calendar, start):
    limit = Limit(
        started_at=start,
        within=data.draw(histories.limits),
        calendar=calendar,
        pauses=tuple(data.draw(histories.pauses(start))),
    )
    shown = explaining.arithmetic(limit, at=start)
    assert sum((day.counted for day in shown.days), timedelta()) == shown.allowed
    assert shown.allowed == timer.allowed(started_at=start, within=limit.within, calendar=calendar)
