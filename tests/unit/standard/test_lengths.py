"""Which of two limits is looser is found over all the years that a calendar knows."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import standard as shipped

from changtong.clocks.domain import timer
from changtong.standard.domain import lengths
from changtong.standard.domain.calendars import Calendar, Within, round_the_clock


DAY_AND_NIGHT = round_the_clock()
WORKDAY = shipped.edition().calendar("workday")
FIELD = shipped.edition().calendar("field")


def looser(promise, calendar, law, law_calendar):
    return lengths.looser_start(Within.parse(promise), calendar, Within.parse(law), law_calendar)


@pytest.mark.parametrize(
    ("promise", "calendar", "law", "law_calendar"),
    [
        ("48h", DAY_AND_NIGHT, "48h", DAY_AND_NIGHT),
        ("5wd", WORKDAY, "5wd", WORKDAY),
        # Over the Spring Festival of 2026 too: begun on 13 February it ends on the 27th.
        ("5wd", WORKDAY, "15d", DAY_AND_NIGHT),
        ("360h", DAY_AND_NIGHT, "15d", DAY_AND_NIGHT),
        ("1d", DAY_AND_NIGHT, "48h", DAY_AND_NIGHT),
        ("15d", DAY_AND_NIGHT, "15wd", WORKDAY),
        ("28d", DAY_AND_NIGHT, "1mo", DAY_AND_NIGHT),
        ("today before 16:00 else 24h", DAY_AND_NIGHT, "48h", DAY_AND_NIGHT),
        ("10h", FIELD, "48h", DAY_AND_NIGHT),
    ],
)
def test_a_limit_that_never_ends_later_is_not_looser(promise, calendar, law, law_calendar):
    assert looser(promise, calendar, law, law_calendar) is None


@pytest.mark.parametrize(
    ("promise", "calendar", "law", "law_calendar"),
    [
        ("49h", DAY_AND_NIGHT, "48h", DAY_AND_NIGHT),
        ("15wd", WORKDAY, "15d", DAY_AND_NIGHT),
        ("6wd", WORKDAY, "15d", DAY_AND_NIGHT),
        ("8d", DAY_AND_NIGHT, "5wd", WORKDAY),
        # Begun in the first minute of a day it ends 71 hours and 59 minutes later.
        ("2d", DAY_AND_NIGHT, "48h", DAY_AND_NIGHT),
        ("29d", DAY_AND_NIGHT, "1mo", DAY_AND_NIGHT),
        ("today before 16:00 else 49h", DAY_AND_NIGHT, "48h", DAY_AND_NIGHT),
        # At night both end in the morning; begun at nine the promise ends in the afternoon.
        ("7h", DAY_AND_NIGHT, "30min", WORKDAY),
        # Twelve hours a day: forty-eight of them take four days.
        ("48h", FIELD, "48h", DAY_AND_NIGHT),
    ],
)
def test_a_limit_that_can_end_later_is_looser(promise, calendar, law, law_calendar):
    assert looser(promise, calendar, law, law_calendar) is not None


def test_working_days_that_look_the_same_length_differ_over_a_holiday():
    # Five working days are seven days in an ordinary week, and more at National Day.
    found = looser("5wd", WORKDAY, "7d", DAY_AND_NIGHT)

    assert found is not None
    assert found.promise_ends - found.law_ends > timedelta(days=3)


withins = st.sampled_from(
    (
        *("30min", "7h", "13h", "48h", "1d", "3d", "15d", "2wd", "5wd", "1mo", "today"),
        *("today before 16:00 else 24h", "2h before 10:30 else 1d"),
    )
).map(Within.parse)
calendars = st.sampled_from([DAY_AND_NIGHT, WORKDAY, FIELD])
moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 1)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@settings(deadline=None)  # The first answer for two calendars looks at thirteen years.
@given(withins, calendars, withins, calendars, moments)
def test_what_is_called_no_looser_never_ends_later_by_the_engine(
    promise, calendar, law, law_calendar, at
):
    if lengths.looser_start(promise, calendar, law, law_calendar) is None:
        started = at.replace(tzinfo=calendar.tz)
        ends = timer.due_at(started_at=started, within=promise, calendar=calendar)
        allowed = timer.due_at(started_at=started, within=law, calendar=law_calendar)
        assert ends <= allowed


@settings(deadline=None)  # The first answer for two calendars looks at thirteen years.
@given(withins, calendars, withins, calendars)
def test_what_is_called_looser_ends_later_by_the_engine(promise, calendar, law, law_calendar):
    found = lengths.looser_start(promise, calendar, law, law_calendar)
    if found is not None:
        started = found.started.replace(tzinfo=calendar.tz)
        ends = timer.due_at(started_at=started, within=promise, calendar=calendar)
        allowed = timer.due_at(started_at=started, within=law, calendar=law_calendar)
        assert ends.astimezone(calendar.tz).replace(tzinfo=None) == found.promise_ends
        assert allowed.astimezone(calendar.tz).replace(tzinfo=None) == found.law_ends
        assert ends > allowed


OFFICE = Calendar(
    code="workday",
    timezone="Asia/Shanghai",
    weekly=(((510, 720), (810, 1050)),) * 5 + ((),) * 2,
    holidays=frozenset({date(2026, 1, 1)}),
    years=frozenset({2026}),
)


@pytest.mark.parametrize(
    ("within", "calendar", "hours"),
    [
        ("90min", round_the_clock(), 1.5),
        ("48h", round_the_clock(), 48),
        ("15d", OFFICE, 360),
        ("5wd", OFFICE, 168),
        ("5wd", round_the_clock(), 120),
        ("1mo", OFFICE, 744),
        # Seven and a half hours open on five days stand for a whole week.
        ("75h", OFFICE, 336),
    ],
)
def test_limits_are_compared_by_the_clock_on_the_wall(within, calendar, hours):
    assert lengths.ordinary_minutes(Within.parse(within), calendar) == pytest.approx(hours * 60)
