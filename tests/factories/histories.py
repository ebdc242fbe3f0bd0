"""Random calendars, limits and histories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar, Within


# A turn of the year, and the weeks in which clocks are put forward and back.
SEASONS = [date(2025, 12, 20), date(2026, 2, 25), date(2026, 4, 5), date(2026, 10, 10)]
DAYS = [season + timedelta(days=count) for season in SEASONS for count in range(60)]
# Shanghai as shipped; Kathmandu for an odd offset; Lord Howe for half an hour of summer time,
# Beirut and Cairo because they put their clocks forward and back at midnight.
ZONES = [
    "Asia/Shanghai",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Africa/Cairo",
]


@st.composite
def hours(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    marks = sorted(draw(st.sets(st.integers(0, 1439), max_size=6)))
    pairs = [(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False)]
    if draw(st.booleans()) and len(marks) % 2:
        start = marks[-1]
        pairs.append((start, draw(st.integers(start + 1, start + 1440))))
    return tuple(pairs)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    weekly = draw(st.lists(hours(), min_size=7, max_size=7).filter(any))
    holidays = draw(st.frozensets(st.sampled_from(DAYS), max_size=8))
    makeup = draw(hours().filter(bool))
    workdays = draw(st.frozensets(st.sampled_from(DAYS), max_size=3)) - holidays
    return Calendar(
        code="random",
        timezone=draw(st.sampled_from(ZONES)),
        weekly=tuple(weekly),
        holidays=holidays,
        workdays=workdays,
        makeup_hours=makeup,
        years=frozenset({2025, 2026, 2027}),
    )


starts = st.builds(
    lambda season, count: (
        datetime(season.year, season.month, season.day, tzinfo=UTC) + timedelta(minutes=count)
    ),
    st.sampled_from(SEASONS),
    st.integers(0, 30 * 1440),
)
limits = st.one_of(
    st.builds(Within, st.integers(1, 300), st.just("minute")),
    st.builds(Within, st.integers(1, 10), st.just("hour")),
    st.builds(Within, st.integers(1, 6), st.just("day")),
    st.builds(Within, st.integers(1, 3), st.just("working_day")),
    st.builds(Within, st.just(1), st.just("month")),
)


@st.composite
def pauses(draw: st.DrawFn, start: datetime) -> list[Period]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        begin = start + timedelta(minutes=draw(st.integers(-600, 5000)))
        found.append(Period(begin, begin + timedelta(minutes=draw(st.integers(0, 3000)))))
    return found
