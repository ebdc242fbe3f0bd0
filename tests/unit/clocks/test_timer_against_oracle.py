"""The engine and a minute counter that shares nothing with it agree on random histories."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories import histories, minute_oracle

from changtong.clocks.domain import timer
from changtong.kernel.time import Period


SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
QUICK = settings(max_examples=100, deadline=None, derandomize=True)


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@SLOW
def test_due_at_agrees_with_the_oracle(data, calendar, start):
    within = data.draw(histories.limits)
    pauses = data.draw(histories.pauses(start))
    due = timer.due_at(started_at=start, within=within, calendar=calendar, pauses=pauses)
    assert due == minute_oracle.due_at(start, within, calendar, pauses)


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@SLOW
def test_elapsed_agrees_with_the_oracle(data, calendar, start):
    pauses = data.draw(histories.pauses(start))
    unit = data.draw(st.sampled_from(["hour", "day", "working_day"]))
    until = start + timedelta(minutes=data.draw(st.integers(0, 14_000)))
    passed = timer.elapsed(
        started_at=start, until=until, calendar=calendar, pauses=pauses, unit=unit
    )
    assert passed == minute_oracle.elapsed(start, until, calendar, pauses, unit)


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@QUICK
def test_what_has_elapsed_when_a_limit_ends_is_the_limit(data, calendar, start):
    within = data.draw(histories.limits)
    pauses = data.draw(histories.pauses(start))
    due = timer.due_at(started_at=start, within=within, calendar=calendar, pauses=pauses)
    common = {"started_at": start, "calendar": calendar, "pauses": pauses, "unit": within.unit}
    allowed = timer.allowed(started_at=start, within=within, calendar=calendar)
    assert timer.elapsed(until=due, **common) == allowed
    # And not an instant sooner.
    assert timer.elapsed(until=due - timedelta(microseconds=1), **common) < allowed


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@QUICK
def test_splitting_an_interval_never_changes_the_sum(data, calendar, start):
    pauses = data.draw(histories.pauses(start))
    middle = start + timedelta(seconds=data.draw(st.integers(0, 10**6)))
    end = middle + timedelta(seconds=data.draw(st.integers(0, 10**6)))
    whole = timer.elapsed(started_at=start, until=end, calendar=calendar, pauses=pauses)
    first = timer.elapsed(started_at=start, until=middle, calendar=calendar, pauses=pauses)
    second = timer.elapsed(started_at=middle, until=end, calendar=calendar, pauses=pauses)
    assert whole == first + second


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@QUICK
def test_a_pause_never_shortens_a_deadline(data, calendar, start):
    within = data.draw(histories.limits)
    pauses = data.draw(histories.pauses(start))
    begin = start + timedelta(minutes=data.draw(st.integers(-100, 20_000)))
    another = Period(begin, begin + timedelta(minutes=data.draw(st.integers(0, 5000))))
    common = {"started_at": start, "within": within, "calendar": calendar}
    assert timer.due_at(**common, pauses=[*pauses, another]) >= timer.due_at(
        **common, pauses=pauses
    )


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@QUICK
def test_a_later_start_is_never_due_earlier(data, calendar, start):
    within = data.draw(histories.limits)
    pauses = data.draw(histories.pauses(start))
    later = start + timedelta(minutes=data.draw(st.integers(0, 10_000)))
    common = {"within": within, "calendar": calendar, "pauses": pauses}
    assert timer.due_at(started_at=later, **common) >= timer.due_at(started_at=start, **common)


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@QUICK
def test_shares_are_in_order_and_the_whole_is_the_due_time(data, calendar, start):
    within = data.draw(histories.limits)
    pauses = data.draw(histories.pauses(start))
    common = {"started_at": start, "within": within, "calendar": calendar, "pauses": pauses}
    shares = [timer.share_at(share=share, **common) for share in (0.0, 0.5, 0.75, 0.9, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] == timer.due_at(**common)


@given(data=st.data(), calendar=histories.calendars(), start=histories.starts)
@QUICK
def test_the_intervals_that_count_add_up_and_do_not_overlap(data, calendar, start):
    within = data.draw(histories.limits)
    pauses = data.draw(histories.pauses(start))
    common = {"started_at": start, "calendar": calendar, "pauses": pauses}
    due = timer.due_at(**common, within=within)
    found = list(timer.counted(**common, until=due, unit=within.unit))
    assert sum((end - begin for begin, end in found), timedelta()) == timer.allowed(
        started_at=start, within=within, calendar=calendar
    )
    assert all(before[1] <= after[0] for before, after in pairwise(found))
