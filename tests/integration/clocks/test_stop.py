"""Stopping tells what was kept and what was not, whether or not the sweep has been by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.clocks import ABSENT, AGENT, HOUR, LEGAL, START, SUBJECT, target

from changtong.clocks import operations as clocks


@pytest.fixture
def running(edition_id):
    targets = [target("first_response", "30min"), target("resolution", "24h"), LEGAL]
    return clocks.start_all(subject=SUBJECT, targets=targets, edition_id=edition_id, at=START)


def test_only_the_metric_that_was_met_stops(running, clock, entries):
    clocks.stop(subject=SUBJECT, metrics=["first_response"], at=START + HOUR / 4, actor=AGENT)
    met = clock(metric="first_response")
    assert (met.state, met.stopped_at, met.stopped_by) == ("stopped", START + HOUR / 4, AGENT)
    assert met.is_met
    assert clock(metric="resolution").state == "running"
    assert entries("clock.breached") == []


def test_at_the_due_instant_a_limit_is_kept(running, clock):
    """民法典 §1259: 以内 includes the number itself."""
    clocks.stop(subject=SUBJECT, metrics=["resolution"], at=START + 24 * HOUR, actor=AGENT)
    assert clock(metric="resolution").is_met


def test_a_clock_stopped_late_was_breached_when_it_became_true(running, clock, entries):
    late = START + 24 * HOUR + timedelta(seconds=1)
    clocks.stop(subject=SUBJECT, metrics=["resolution"], at=late, actor=AGENT)
    stopped = clock(metric="resolution")
    assert (stopped.state, stopped.breached_at) == ("stopped", START + 24 * HOUR)
    assert not stopped.is_met
    [(happened_at, facts)] = entries("clock.breached")
    assert happened_at == START + 24 * HOUR
    assert (facts["clock"], facts["clause"]) == (stopped.pk, "5.3.1")


def test_stopping_late_after_the_sweep_records_no_second_breach(running, entries):
    clocks.declare_breaches(at=START + HOUR)
    clocks.stop(subject=SUBJECT, at=START + 2 * HOUR, actor=AGENT)
    assert len(entries("clock.breached")) == 1


def test_time_on_hold_is_not_time_worked(running, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + 10 * HOUR, actor=AGENT)
    clocks.stop(subject=SUBJECT, at=START + 60 * HOUR, actor=AGENT)
    resolution = clock(metric="resolution")
    assert resolution.is_met
    assert resolution.due_at == START + 74 * HOUR
    [pause] = resolution.pauses.all()
    assert (pause.ended_at, pause.ended_by) == (START + 60 * HOUR, AGENT)
    # The law's limit did not pause.
    assert clock(metric="restoration").breached_at == START + 48 * HOUR


def test_a_void_clock_keeps_its_reason_and_evidence(running, clock, entries):
    """regulation.md 9.5 case 2: a fault of the customer's own equipment, found at 71 h."""
    clocks.void(
        subject=SUBJECT,
        metrics=["restoration"],
        at=START + 40 * HOUR,
        actor=AGENT,
        reason="terminal_equipment",
        evidence="photo of the modem",
    )
    void = clock(metric="restoration")
    assert (void.state, void.void_reason, void.void_evidence) == (
        "void",
        "terminal_equipment",
        "photo of the modem",
    )
    [(happened_at, facts)] = entries("clock.voided")
    assert happened_at == START + 40 * HOUR
    assert [listed["metric"] for listed in facts["clocks"]] == ["restoration"]
    assert clock(metric="resolution").state == "running"


def test_what_became_void_after_it_was_due_was_still_breached(running, clock):
    clocks.void(subject=SUBJECT, at=START + 71 * HOUR, actor=AGENT, reason="terminal_equipment")
    assert clock(metric="restoration").breached_at == START + 48 * HOUR


def test_one_moment_stops_some_clocks_starts_others_and_tells_what_is_due_first(
    running, clock, edition_id
):
    at = START + HOUR / 4

    due_at = clocks.advance(
        subject=SUBJECT,
        stopping={"first_response"},
        starting=[target("arrival", "2h")],
        edition_id=edition_id,
        at=at,
        actor=AGENT,
    )

    assert clock(metric="first_response").stopped_at == at
    assert clock(metric="resolution").state == "running"
    assert due_at == clock(metric="arrival").due_at == at + 2 * HOUR
