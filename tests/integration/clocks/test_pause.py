"""A pause stops promises, up to the standard's cap; the law runs on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.factories.clocks import ABSENT, AGENT, HOUR, LEGAL, START, SUBJECT, target

from changtong.clocks import operations as clocks
from changtong.clocks.models import Pause
from changtong.kernel.errors import Refused


@pytest.fixture
def running(edition_id):
    targets = [target("resolution", "24h"), target("arrival", "4h", pausable=False), LEGAL]
    return clocks.start_all(subject=SUBJECT, targets=targets, edition_id=edition_id, at=START)


def test_only_pausable_promises_pause(running, clock, entries):
    paused = clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    assert [clock.metric for clock in paused] == ["resolution"]
    assert clock(metric="resolution").state == "paused"
    assert clock(metric="arrival").state == "running"
    assert clock(metric="restoration").state == "running"
    [(happened_at, facts)] = entries("clock.paused")
    assert happened_at == START + HOUR
    assert (facts["reason"], facts["clause"]) == ("customer_absent", "6.3.2")
    assert [listed["metric"] for listed in facts["clocks"]] == ["resolution"]


def test_resuming_extends_the_promise_by_the_pause(running, clock, entries):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    clocks.resume(subject=SUBJECT, at=START + 6 * HOUR, actor=AGENT)
    resumed = clock(metric="resolution")
    assert (resumed.state, resumed.due_at) == ("running", START + 29 * HOUR)
    assert resumed.warn_at == START + 17 * HOUR
    assert clock(metric="restoration").due_at == START + 48 * HOUR
    [(happened_at, _)] = entries("clock.resumed")
    assert happened_at == START + 6 * HOUR


def test_a_paused_clock_is_not_breached(running, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    clocks.declare_breaches(at=START + 30 * HOUR)
    assert clock(metric="resolution").breached_at is None


def test_a_pause_that_began_after_the_due_time_hides_no_breach(running, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + 25 * HOUR, actor=AGENT)
    late = clock(metric="resolution")
    assert (late.state, late.breached_at) == ("paused", START + 24 * HOUR)


def test_at_its_cap_a_pause_ends_by_itself_even_if_the_sweep_is_late(running, clock, entries):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    assert clocks.end_pauses(at=START + 73 * HOUR - HOUR / 60) == 0
    assert clocks.end_pauses(at=START + 90 * HOUR) == 1
    resumed = clock(metric="resolution")
    assert (resumed.state, resumed.due_at) == ("running", START + 96 * HOUR)
    [pause] = resumed.pauses.all()
    assert (pause.ended_at, pause.ended_by) == (START + 73 * HOUR, "system:clocks")
    [(happened_at, _)] = entries("clock.resumed")
    assert happened_at == START + 73 * HOUR


def test_without_any_sweep_the_cap_holds_too(running, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    clocks.resume(subject=SUBJECT, at=START + 100 * HOUR, actor=AGENT)
    resumed = clock(metric="resolution")
    assert (resumed.due_at, resumed.breached_at) == (START + 96 * HOUR, START + 96 * HOUR)


def test_pausing_again_and_again_does_not_stretch_the_cap(running, clock):
    short = replace(ABSENT, at_most=5 * HOUR)
    clocks.pause(subject=SUBJECT, reason=short, at=START + HOUR, actor=AGENT)
    clocks.resume(subject=SUBJECT, at=START + 4 * HOUR, actor=AGENT)
    clocks.pause(subject=SUBJECT, reason=short, at=START + 5 * HOUR, actor=AGENT)
    assert clock(metric="resolution").due_at == START + 29 * HOUR
    clocks.resume(subject=SUBJECT, at=START + 20 * HOUR, actor=AGENT)
    with pytest.raises(Refused) as refused:
        clocks.pause(subject=SUBJECT, reason=short, at=START + 21 * HOUR, actor=AGENT)
    assert (refused.value.code, refused.value.clause) == ("clock.pause_used_up", "6.3.2")
    assert clock(metric="resolution").state == "running"
    assert Pause.objects.count() == 2


def test_with_nothing_to_pause_nothing_is_written(edition_id, entries):
    clocks.start_all(subject=SUBJECT, targets=[LEGAL], edition_id=edition_id, at=START)
    assert clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT) == []
    assert entries("clock.paused") == []
    assert Pause.objects.count() == 0
