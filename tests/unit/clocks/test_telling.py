"""What is told of a sum adds up, can be read, and says why time did not count."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import histories

from changtong.clocks.domain import explaining, telling
from changtong.clocks.domain.planning import Limit
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar, Within, parse_hours


SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar(
    code="office",
    timezone="Asia/Shanghai",
    weekly=(parse_hours(["09:00-12:00", "13:30-18:00"]),) * 5 + ((), ()),
    holidays=frozenset({date(2026, 4, 6)}),
    years=frozenset({2026}),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def told(start: str, within: str, *pauses: Period, reasons: dict[Period, str] | None = None):
    limit = Limit(local(start), Within.parse(within), OFFICE, pauses=pauses)
    return explaining.arithmetic(limit, at=local(start), reasons=reasons)


def hours(line: telling.Line) -> list[tuple[str, str, str]]:
    return [(f"{p.start:%H:%M}", f"{p.end:%H:%M}", p.why) for p in line.pieces]


def test_a_day_says_what_counts_and_what_the_break_is():
    (line,) = told("2026-04-02 09:00", "5h").lines
    assert hours(line) == [
        ("09:00", "12:00", "counted"),
        ("12:00", "13:30", "break"),
        ("13:30", "15:30", "counted"),
    ]
    assert line.counted == timedelta(hours=5)


def test_time_on_hold_names_its_reason():
    held = Period(local("2026-04-02 10:00"), local("2026-04-02 11:00"))
    (line,) = told("2026-04-02 09:00", "2h", held, reasons={held: "spare_part"}).lines
    assert hours(line) == [
        ("09:00", "10:00", "counted"),
        ("10:00", "11:00", "paused"),
        ("11:00", "12:00", "counted"),
    ]
    assert line.pieces[1].reason == "spare_part"


def test_a_weekend_and_a_holiday_are_told_as_what_they_are():
    lines = told("2026-04-03 17:00", "2h").lines
    assert [(line.kind, line.days, line.counted) for line in lines] == [
        ("working_day", 1, timedelta(hours=1)),
        ("day_off", 2, timedelta()),
        ("holiday", 1, timedelta()),
        ("working_day", 1, timedelta(hours=1)),
    ]


def test_days_that_are_alike_are_told_once():
    lines = told("2026-04-13 00:00", "37h").lines
    assert (lines[0].span, lines[0].days, lines[0].days_counted) == ("run", 4, 4)
    assert lines[0].counted == timedelta(hours=30)


def test_the_starting_day_of_a_limit_in_days_is_told_as_not_counted():
    lines = told("2026-04-02 11:00", "3d").lines
    assert lines[0].kind == "start_day"
    assert lines[0].counted == timedelta()
    assert lines[1].pieces[0].is_whole_day


def test_a_long_stretch_is_told_by_the_week_then_the_month_then_the_year():
    spans = {
        within: {line.span for line in told("2026-04-01 09:00", within).lines}
        for within in ("400h", "1500h", "9000h")
    }
    assert "week" in spans["400h"]
    assert "month" in spans["1500h"]
    assert "year" in spans["9000h"]


def test_a_limit_of_centuries_is_told_in_a_few_lines():
    shown = told("2026-04-01 09:00", "60000h")
    assert len(shown.lines) <= telling.LINES_AT_MOST + 1
    assert shown.lines[-1].span == "rest"
    assert sum((line.counted for line in shown.lines), timedelta()) == shown.allowed


def test_remarks_name_the_articles():
    remarks = told("2026-04-02 11:00", "3d").remarks
    assert [(one.code, one.article) for one in remarks] == [
        ("start_day_not_counted", "201"),
        ("until_midnight", "203"),
        ("holiday_end_not_used", "203"),
    ]
    assert remarks[2].facts["end"] == local("2026-04-08 00:00")


def test_a_month_without_the_day_is_remarked():
    remarks = told("2026-01-31 11:00", "1mo").remarks
    assert "no_corresponding_day" in {one.code for one in remarks}


def test_a_cut_off_says_which_side_held():
    before, after = (
        told(start, "today before 16:00 else 24h").remarks[0].code
        for start in ("2026-04-02 15:59", "2026-04-02 16:00")
    )
    assert (before, after) == ("before_cut_off", "after_cut_off")


def test_a_year_whose_holidays_are_not_known_is_remarked():
    assert told("2026-12-31 11:00", "9h").remarks[-1].code == "provisional"


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_lines_add_up_to_the_limit(data, calendar, start):
    limit = Limit(
        started_at=start,
        within=data.draw(histories.limits),
        calendar=calendar,
        pauses=tuple(data.draw(histories.pauses(start))),
    )
    shown = explaining.arithmetic(limit, at=start)
    assert sum((line.counted for line in shown.lines), timedelta()) == shown.allowed
    assert len(shown.lines) <= telling.LINES_AT_MOST + 1 or shown.lines[-1].span != "day"
