"""Who may pause and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from changtong.clocks.domain import pausing
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Within
from changtong.standard.domain.rules import PauseReason, Target


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REASON = PauseReason(
    code="customer_absent",
    name="客户不在",
    name_en="customer absent",
    at_most=72 * HOUR,
    clause="6.3.2",
)
PROMISE = Target(
    limit="x",
    metric="restoration",
    within=Within.parse("24h"),
    calendar="24x7",
    basis="promise",
    pausable=True,
    warn_at=(),
    starts_on="ticket.accepted",
    stops_on="ticket.resolved",
    clause="5.3.1",
)


def test_only_a_promise_whose_clause_allows_it_may_pause():
    assert pausing.may_pause(PROMISE)
    assert not pausing.may_pause(replace(PROMISE, pausable=False))
    assert not pausing.may_pause(replace(PROMISE, basis="legal"))


def test_a_pause_ends_at_the_standard_s_cap():
    latest = pausing.ends_at_latest(reason=REASON, at=NOON, earlier=())
    assert latest == NOON + 72 * HOUR


def test_the_cap_of_a_pause_that_is_approved_late_counts_from_the_request():
    latest = pausing.ends_at_latest(
        reason=REASON,
        at=NOON,
        since=NOON - 4 * HOUR,
        earlier=[Period(NOON - 9 * HOUR, NOON - 8 * HOUR)],
    )
    assert latest == NOON + 67 * HOUR


def test_earlier_pauses_for_the_same_reason_use_the_cap():
    earlier = [Period(NOON - 50 * HOUR, NOON - 10 * HOUR), Period(NOON - 5 * HOUR, NOON)]
    latest = pausing.ends_at_latest(reason=REASON, at=NOON, earlier=earlier)
    assert latest == NOON + 27 * HOUR


def test_a_cap_that_is_used_up_is_refused_with_its_clause():
    with pytest.raises(Refused) as refused:
        pausing.ends_at_latest(reason=REASON, at=NOON, earlier=[Period(NOON - 72 * HOUR, NOON)])
    assert refused.value.code == "clock.pause_used_up"
    assert refused.value.clause == "6.3.2"
    assert refused.value.facts == {"reason": "customer_absent", "at_most_hours": 72.0}
