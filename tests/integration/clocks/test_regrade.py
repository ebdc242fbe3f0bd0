"""New limits run from the old start with the old pauses; a case that comes back runs on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.factories.clocks import ABSENT, AGENT, HOUR, LEGAL, START, SUBJECT, target

from changtong.clocks import operations as clocks
from changtong.clocks import queries
from changtong.clocks.models import Clock


@pytest.fixture
def running(edition_id):
    targets = [target("first_response", "1h"), target("resolution", "24h"), LEGAL]
    return clocks.start_all(subject=SUBJECT, targets=targets, edition_id=edition_id, at=START)


def regrade(edition_id, *targets, at):
    return clocks.regrade(
        subject=SUBJECT, targets=targets, edition_id=edition_id, at=at, actor=AGENT
    )


def test_a_pause_survives_a_change_of_priority(running, edition_id, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    clocks.resume(subject=SUBJECT, at=START + 3 * HOUR, actor=AGENT)
    regrade(edition_id, target("resolution", "12h"), LEGAL, at=START + 4 * HOUR)
    new = clock(metric="resolution", state="running")
    assert (new.started_at, new.due_at) == (START, START + 14 * HOUR)
    assert [pause.period.start for pause in new.pauses.all()] == [START + HOUR]
    assert clock(metric="resolution", state="void").void_reason == "regraded"


def test_a_pause_that_is_open_stays_open(running, edition_id, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    regrade(edition_id, target("resolution", "12h"), LEGAL, at=START + 4 * HOUR)
    assert clock(metric="resolution", within="12h").state == "paused"
    clocks.resume(subject=SUBJECT, at=START + 6 * HOUR, actor=AGENT)
    assert clock(metric="resolution", within="12h").due_at == START + 17 * HOUR


def test_of_two_pauses_that_are_open_the_longer_stays_open(running, edition_id, clock):
    parts = replace(ABSENT, code="waiting_for_parts", at_most=8 * HOUR)
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
    later = [target("closing", "20h", starts_on="ticket.resolved")]
    clocks.start_all(subject=SUBJECT, targets=later, edition_id=edition_id, at=START + 2 * HOUR)
    clocks.pause(subject=SUBJECT, reason=parts, at=START + 3 * HOUR, actor=AGENT)
    regrade(edition_id, target("resolution", "12h"), LEGAL, at=START + 4 * HOUR)
    new = clock(metric="resolution", state="paused")
    assert new.due_at == START + (1 + 72 + 11) * HOUR
    assert [(found.reason, found.ended_at) for found in new.pauses.order_by("started_at")] == [
        ("customer_absent", None),
        ("waiting_for_parts", START + 4 * HOUR),
    ]


def test_a_limit_that_was_over_before_the_pause_is_broken_though_it_is_on_hold(
    running, edition_id, clock, entries
):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + 10 * HOUR, actor=AGENT)
    regrade(edition_id, target("resolution", "4h"), LEGAL, at=START + 12 * HOUR)
    late = clock(metric="resolution", within="4h")
    assert (late.state, late.due_at) == ("paused", START + 4 * HOUR)
    clocks.stop(subject=SUBJECT, at=START + 13 * HOUR, actor=AGENT)
    assert clock(metric="resolution", within="4h").breached_at == START + 12 * HOUR
    told = [(at - START, facts["metric"]) for at, facts in entries("clock.breached")]
    assert told == [(HOUR, "first_response"), (12 * HOUR, "resolution")]


def test_a_limit_used_up_to_the_instant_of_the_pause_is_kept_while_it_is_on_hold(
    running, edition_id, clock
):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + 10 * HOUR, actor=AGENT)
    regrade(edition_id, target("resolution", "10h"), LEGAL, at=START + 12 * HOUR)
    clocks.stop(subject=SUBJECT, at=START + 13 * HOUR, actor=AGENT)
    assert clock(metric="resolution", within="10h").is_met


def test_a_limit_that_does_not_change_is_left_alone(running, edition_id, clock):
    before = clock(metric="restoration").pk
    regrade(edition_id, target("resolution", "12h"), LEGAL, at=START + 4 * HOUR)
    assert clock(metric="restoration").pk == before
    assert clock(metric="restoration").state == "running"


def test_a_shorter_limit_is_not_broken_before_it_applied(running, edition_id, clock, entries):
    regrade(edition_id, target("resolution", "4h"), LEGAL, at=START + 10 * HOUR)
    clocks.declare_breaches(at=START + 11 * HOUR)
    late = clock(metric="resolution", within="4h")
    assert (late.due_at, late.breached_at) == (START + 4 * HOUR, START + 10 * HOUR)
    # The first response was due after one hour and no longer is; it was breached all the same.
    assert [at for at, _ in entries("clock.breached")] == [START + HOUR, START + 10 * HOUR]


def test_a_metric_that_was_met_stays_met(running, edition_id, clock):
    clocks.stop(subject=SUBJECT, metrics=["first_response"], at=START + HOUR / 2, actor=AGENT)
    regrade(
        edition_id,
        target("first_response", "15min"),
        target("resolution", "12h"),
        at=START + HOUR,
    )
    assert clock(metric="first_response").is_met
    # The law's limit is not among the new ones.
    assert clock(metric="restoration").state == "void"


def test_a_new_metric_starts_where_its_event_happened(running, edition_id, clock):
    regrade(
        edition_id,
        target("assignment", "2h"),
        target("evaluation", "24h", starts_on="ticket.resolved"),
        LEGAL,
        at=START + HOUR,
    )
    assert clock(metric="assignment").started_at == START
    assert not Clock.objects.filter(metric="evaluation").exists()


def test_warnings_of_the_past_come_once_and_not_all(running, edition_id, entries):
    regrade(edition_id, target("resolution", "12h"), LEGAL, at=START + 11 * HOUR)
    while clocks.warn(at=START + 11 * HOUR):
        pass
    [(happened_at, facts)] = entries("clock.at_risk")
    assert (happened_at, facts["share"]) == (START + 11 * HOUR, 0.9)


class TestReopen:
    def test_a_promise_does_not_count_the_time_the_customer_had_the_result(self, running, clock):
        clocks.stop(subject=SUBJECT, metrics=["resolution"], at=START + 10 * HOUR, actor=AGENT)
        clocks.reopen(
            subject=SUBJECT, metrics=["resolution"], at=START + 30 * HOUR, actor="customer:3"
        )
        again = clock(metric="resolution")
        assert (again.state, again.stopped_at) == ("running", None)
        assert (again.due_at, again.breached_at) == (START + 44 * HOUR, None)

    def test_the_law_counts_it_for_what_was_reported_done_was_not(self, running, clock, entries):
        clocks.stop(subject=SUBJECT, metrics=["restoration"], at=START + 10 * HOUR, actor=AGENT)
        clocks.reopen(
            subject=SUBJECT, metrics=["restoration"], at=START + 60 * HOUR, actor="customer:3"
        )
        again = clock(metric="restoration")
        assert (again.state, again.breached_at) == ("running", START + 48 * HOUR)
        assert [at for at, _ in entries("clock.breached")] == [START + 48 * HOUR]

    def test_a_breach_before_the_result_stays_a_breach_and_is_not_told_twice(
        self, running, clock, entries
    ):
        clocks.stop(subject=SUBJECT, metrics=["resolution"], at=START + 25 * HOUR, actor=AGENT)
        clocks.reopen(
            subject=SUBJECT, metrics=["resolution"], at=START + 30 * HOUR, actor="customer:3"
        )
        clocks.stop(subject=SUBJECT, at=START + 31 * HOUR, actor=AGENT)
        assert clock(metric="resolution").breached_at == START + 24 * HOUR
        breaches = [facts["metric"] for _, facts in entries("clock.breached")]
        assert breaches.count("resolution") == 1

    def test_what_was_never_stopped_is_not_reopened(self, running, entries):
        assert clocks.reopen(subject=SUBJECT, metrics=["resolution"], at=START, actor=AGENT) == []
        assert entries("clock.reopened") == []


class TestQueries:
    def test_the_earliest_running_limit_governs(self, running):
        assert queries.running_earliest_due(SUBJECT) == START + HOUR
        clocks.stop(subject=SUBJECT, metrics=["first_response"], at=START, actor=AGENT)
        clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor=AGENT)
        assert queries.running_earliest_due(SUBJECT) == START + 48 * HOUR
        assert queries.running_earliest_due("nothing") is None

    def test_the_board_counts_open_clocks(self, running):
        clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR / 2, actor=AGENT)
        assert queries.counts(at=START + 47 * HOUR, within=2 * HOUR) == queries.Counts(
            running=1, paused=2, at_risk=1, breached=0
        )

    def test_a_clock_explains_itself(self, running, clock):
        clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + 2 * HOUR, actor=AGENT)
        clocks.resume(subject=SUBJECT, at=START + 5 * HOUR, actor="staff:8")
        clocks.stop(subject=SUBJECT, at=START + 30 * HOUR, actor=AGENT)
        explained = queries.explanation(clock(metric="resolution"), at=START + 99 * HOUR)
        assert [(step.what, step.at - START, step.actor) for step in explained.steps] == [
            ("started", 0 * HOUR, ""),
            ("paused", 2 * HOUR, AGENT),
            ("resumed", 5 * HOUR, "staff:8"),
            ("breached", 27 * HOUR, ""),
            ("stopped", 30 * HOUR, AGENT),
        ]
        assert [day.counted / HOUR for day in explained.arithmetic.days] == [11, 13]
        assert (explained.arithmetic.counted, explained.arithmetic.left) == (27 * HOUR, -3 * HOUR)


def test_a_limit_over_only_until_its_pause_was_approved_warns_of_all_it_still_can(
    running, edition_id, clock
):
    regrade(edition_id, target("resolution", "4h"), LEGAL, at=START + 10 * HOUR)
    clocks.declare_breaches(at=START + 10.5 * HOUR)
    assert clock(metric="resolution", within="4h").breached_at == START + 10 * HOUR
    asked, approved = START + HOUR, START + 11 * HOUR
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=approved, since=asked, actor=AGENT)
    clocks.resume(subject=SUBJECT, at=START + 12 * HOUR, actor=AGENT)
    again = clock(metric="resolution", within="4h")
    assert (again.breached_at, again.due_at) == (None, START + 15 * HOUR)
    assert again.warn_at == START + 13 * HOUR
