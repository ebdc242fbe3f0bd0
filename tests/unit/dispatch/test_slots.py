"""The earliest slot: within a shift, free of everything booked, and none earlier exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from changtong.dispatch.domain.slots import (
    LOOK_AHEAD,
    Frame,
    Option,
    Pool,
    earliest,
    frame_for,
    on_offer,
)
from changtong.kernel.time import Period


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def h(hours: float) -> datetime:
    return AT + timedelta(hours=hours)


def span(start: float, end: float) -> Period:
    return Period(h(start), h(end))


def frame(
    *, length: float = 1, after: float = 0, end_by: float = 48, start_by: float | None = None
) -> Frame:
    return Frame(
        length=timedelta(hours=length),
        after=h(after),
        end_by=h(end_by),
        timezone=UTC,
        start_by=None if start_by is None else h(start_by),
    )


def meters(*options: Option) -> Pool:
    return Pool(type="otdr", kind="instrument", options=options)


def test_begins_at_once_when_nothing_stands_in_the_way():
    slot = earliest(frame=frame(), shifts=[span(-2, 8)])
    assert slot is not None
    assert (slot.period, slot.options) == (span(0, 1), ())


def test_waits_for_the_shift():
    slot = earliest(frame=frame(), shifts=[span(6, 14)])
    assert slot is not None
    assert slot.period == span(6, 7)


def test_a_duty_without_end_covers_every_hour():
    slot = earliest(frame=frame(after=30), shifts=[Period(h(-1000))])
    assert slot is not None
    assert slot.period == span(30, 31)


def test_does_not_run_over_the_end_of_a_shift():
    assert earliest(frame=frame(length=2, end_by=8), shifts=[span(-8, 1)]) is None


def test_begins_when_what_is_booked_ends():
    slot = earliest(frame=frame(), shifts=[span(0, 8)], busy=[span(0.5, 2), span(2, 3)])
    assert slot is not None
    assert slot.period == span(3, 4)


def test_fits_exactly_between_two_bookings():
    slot = earliest(frame=frame(), shifts=[span(0, 8)], busy=[span(0, 2), span(3, 8)])
    assert slot is not None
    assert slot.period == span(2, 3)


def test_waits_until_person_and_instrument_are_free_together():
    pool = meters(Option(1, "A", busy=(span(0, 3),)), Option(2, "B", busy=(span(0, 2.5),)))
    slot = earliest(frame=frame(), shifts=[span(0, 8)], busy=[span(1, 2)], pools=[pool])
    assert slot is not None
    assert (slot.period, [one.code for one in slot.options]) == (span(2.5, 3.5), ["B"])


def test_nothing_without_an_instrument():
    assert earliest(frame=frame(), shifts=[span(0, 8)], pools=[meters()]) is None


def test_an_instrument_counts_on_the_last_day_of_its_calibration_only():
    today = meters(Option(1, "A", good_until=date(2026, 11, 24)))
    yesterday = meters(Option(1, "A", good_until=date(2026, 11, 23)))
    assert earliest(frame=frame(), shifts=[span(0, 8)], pools=[today]) is not None
    assert earliest(frame=frame(), shifts=[span(0, 8)], pools=[yesterday]) is None


def test_arrival_has_its_own_limit():
    assert earliest(frame=frame(start_by=2), shifts=[span(3, 8)]) is None
    slot = earliest(frame=frame(start_by=3), shifts=[span(3, 8)])
    assert slot is not None
    assert slot.period == span(3, 4)


def test_a_team_uses_its_own_instruments_and_everybodys():
    pool = meters(Option(1, "ours", team_id=1), Option(2, "theirs", team_id=2), Option(3, "all"))
    assert [one.code for one in pool.for_team(1).options] == ["ours", "all"]
    assert [one.code for one in pool.for_team(None).options] == ["all"]


def test_a_limit_that_is_lost_makes_the_work_late_and_not_impossible():
    late = frame_for(length=HOUR, at=AT, timezone=UTC, arrive_by=h(-1), done_by=h(0.5))
    assert (late.start_by, late.end_by) == (None, AT + LOOK_AHEAD)


def test_a_limit_that_can_be_kept_is_kept():
    kept = frame_for(length=HOUR, at=AT, timezone=UTC, arrive_by=h(2), done_by=h(4))
    assert (kept.after, kept.start_by, kept.end_by) == (AT, h(2), h(4))


def test_the_customers_wish_comes_before_our_hurry():
    wished = frame_for(
        length=HOUR, at=AT, timezone=UTC, wanted_at=h(30), arrive_by=h(2), done_by=h(4)
    )
    assert (wished.after, wished.start_by) == (h(30), None)


def test_a_visit_lies_within_the_hours_though_the_shift_is_longer():
    hours = (span(0, 2), span(12, 24))
    wanted = replace(frame(length=2, after=1), hours=hours)
    slot = earliest(frame=wanted, shifts=[Period(h(-1000))])
    assert slot is not None
    assert slot.period == span(12, 14)


def test_a_limit_that_ends_before_the_next_hours_is_lost():
    hours = (span(-4, 0.5), span(12, 24))
    late = frame_for(
        length=HOUR, at=AT, timezone=UTC, arrive_by=h(10), done_by=h(12.5), hours=hours
    )
    assert (late.start_by, late.end_by) == (None, AT + LOOK_AHEAD)
    kept = frame_for(length=HOUR, at=AT, timezone=UTC, arrive_by=h(12), done_by=h(13), hours=hours)
    assert (kept.start_by, kept.end_by) == (h(12), h(13))


def test_round_times_on_offer_skip_what_is_taken_or_closed():
    wanted = replace(frame(after=0.25, end_by=8), hours=(span(0, 3), span(6, 8)))
    found = on_offer(frame=wanted, every=HOUR, shifts=[span(-1, 7)], busy=[span(1.5, 2)], pools=[])
    assert [one.period for one in found] == [span(2, 3), span(6, 7)]


QUARTERS = st.integers(-20, 120)


@st.composite
def periods(draw: st.DrawFn, *, at_most: int = 4) -> tuple[Period, ...]:
    pairs = draw(st.lists(st.tuples(QUARTERS, st.integers(1, 30)), min_size=0, max_size=at_most))
    return tuple(span(start / 4, (start + length) / 4) for start, length in pairs)


@st.composite
def pools(draw: st.DrawFn) -> tuple[Pool, ...]:
    return tuple(
        meters(*(Option(index, f"{index}", busy=busy) for index, busy in enumerate(busies)))
        for busies in draw(st.lists(st.lists(periods(), min_size=1, max_size=3), max_size=2))
    )


def fits(start: datetime, wanted: Frame, shifts, busy, needed) -> bool:
    period = Period(start, start + wanted.length)
    on_duty = any(s.start <= period.start and period.end <= s.end for s in shifts)
    free = not any(one.overlaps(period) for one in busy)
    equipped = all(
        any(not any(b.overlaps(period) for b in option.busy) for option in pool.options)
        for pool in needed
    )
    return wanted.allows(start) and on_duty and free and equipped


@given(
    length=st.integers(1, 12),
    shifts=periods(),
    busy=periods(),
    needed=pools(),
    end_by=st.integers(1, 120),
    start_by=st.none() | st.integers(0, 60),
)
def test_the_earliest_slot_fits_and_a_search_by_minutes_finds_none_before_it(
    length, shifts, busy, needed, end_by, start_by
):
    wanted = frame(
        length=length / 4,
        end_by=end_by / 4,
        start_by=None if start_by is None else start_by / 4,
    )
    slot = earliest(frame=wanted, shifts=shifts, busy=busy, pools=needed)
    every_quarter = (h(quarter / 4) for quarter in range(end_by + 1))
    expected = next((m for m in every_quarter if fits(m, wanted, shifts, busy, needed)), None)
    assert (slot.period.start if slot else None) == expected
    if slot:
        assert len(slot.options) == len(needed)
        for option in slot.options:
            assert not any(one.overlaps(slot.period) for one in option.busy)
