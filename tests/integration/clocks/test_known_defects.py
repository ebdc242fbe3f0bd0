"""Defects of clocks that users of other service desks reported; the name says the defect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.clocks import ABSENT, AGENT, HOUR, LEGAL, START, SUBJECT, target

from changtong.clocks import operations as clocks
from changtong.clocks import queries
from changtong.clocks.models import Clock, Pause
from changtong.journal.models import Entry


@pytest.fixture
def running(edition_id):
    targets = [target("first_response", "1h"), target("resolution", "24h"), LEGAL]
    return clocks.start_all(subject=SUBJECT, targets=targets, edition_id=edition_id, at=START)


def test_resolving_a_case_that_is_on_hold_counts_the_hold(running, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR / 2, actor=AGENT)
    clocks.stop(subject=SUBJECT, at=START + 60 * HOUR, actor=AGENT)
    resolution = clock(metric="resolution")
    assert resolution.is_met
    explained = queries.explanation(resolution, at=START + 99 * HOUR)
    assert explained.arithmetic.counted == HOUR / 2


def test_another_metric_overrides_the_first_response(running, clock):
    clocks.stop(subject=SUBJECT, metrics=["resolution"], at=START + HOUR / 2, actor=AGENT)
    first = clock(metric="first_response")
    assert (first.state, first.due_at) == ("running", START + HOUR)


NEWS = target("progress", "4h", stops_on="progress.told", again_until="ticket.resolved")


def tell(edition_id, at):
    clocks.advance(
        subject=SUBJECT,
        stopping=["progress"],
        starting=(),
        renewing=[NEWS],
        edition_id=edition_id,
        at=at,
        actor=AGENT,
    )


def test_news_overrides_the_first_response(running, edition_id, clock):
    clocks.start_all(subject=SUBJECT, targets=[NEWS], edition_id=edition_id, at=START)
    tell(edition_id, START + HOUR / 2)
    first = clock(metric="first_response")
    assert (first.state, first.due_at) == ("running", START + HOUR)
    assert clock(metric="progress", state="running").due_at == START + 4.5 * HOUR


def test_a_reply_does_not_start_the_clock_of_replies_again(edition_id, clock):
    clocks.start_all(subject=SUBJECT, targets=[NEWS], edition_id=edition_id, at=START)
    for hour in (3, 6, 9):
        tell(edition_id, START + hour * HOUR)
    assert clock(metric="progress", state="running").due_at == START + 13 * HOUR
    assert not Clock.objects.filter(metric="progress", breached_at__isnull=False).exists()


def test_a_reply_after_the_end_starts_a_clock_that_nobody_stops(edition_id):
    clocks.start_all(subject=SUBJECT, targets=[NEWS], edition_id=edition_id, at=START)
    clocks.stop(subject=SUBJECT, at=START + HOUR, actor=AGENT)
    tell(edition_id, START + 2 * HOUR)
    assert not Clock.objects.filter(metric="progress", state="running").exists()


def test_a_hold_that_is_approved_later_leaves_the_case_failed(running, edition_id, clock):
    clocks.declare_breaches(at=START + 26 * HOUR)
    assert clock(metric="resolution").breached_at == START + 24 * HOUR
    clocks.pause(
        subject=SUBJECT, reason=ABSENT, at=START + 26 * HOUR, since=START + 20 * HOUR, actor=AGENT
    )
    clocks.resume(subject=SUBJECT, at=START + 30 * HOUR, actor=AGENT)
    resolution = clock(metric="resolution")
    assert (resolution.breached_at, resolution.due_at) == (None, START + 34 * HOUR)
    # What had broken before it was asked for stays broken.
    assert clock(metric="first_response").breached_at == START + HOUR


def test_the_time_at_which_a_metric_ended_is_never_set(running):
    clocks.stop(subject=SUBJECT, at=START + HOUR / 2, actor=AGENT)
    stopped = Clock.objects.filter(subject=SUBJECT).values_list("stopped_at", flat=True)
    assert list(stopped) == [START + HOUR / 2] * 3


def test_time_solved_counts_as_pending_after_reopening(running, clock):
    clocks.stop(subject=SUBJECT, metrics=["resolution"], at=START + 10 * HOUR, actor=AGENT)
    clocks.reopen(subject=SUBJECT, metrics=["resolution"], at=START + 30 * HOUR, actor=AGENT)
    clocks.stop(subject=SUBJECT, metrics=["resolution"], at=START + 32 * HOUR, actor=AGENT)
    explained = queries.explanation(clock(metric="resolution"), at=START + 99 * HOUR)
    assert explained.arithmetic.counted == 12 * HOUR


def test_a_pause_is_lost_when_the_priority_changes(running, edition_id, clock):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR / 2, actor=AGENT)
    clocks.resume(subject=SUBJECT, at=START + 4.5 * HOUR, actor=AGENT)
    clocks.regrade(
        subject=SUBJECT,
        targets=[target("resolution", "12h"), LEGAL],
        edition_id=edition_id,
        at=START + 5 * HOUR,
        actor=AGENT,
    )
    assert clock(metric="resolution", state="running").due_at == START + 16 * HOUR


def test_a_warning_that_could_not_be_told_is_used_up(running, entries):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR / 4, actor=AGENT)
    for hours in range(1, 40):
        clocks.warn(at=START + hours * HOUR)
    told = {facts["metric"] for _, facts in entries("clock.at_risk")}
    assert told == set()
    clocks.resume(subject=SUBJECT, at=START + 40 * HOUR, actor=AGENT)
    while clocks.warn(at=START + 40.3 * HOUR):
        pass
    assert [facts["share"] for _, facts in entries("clock.at_risk")] == [0.5]


def test_a_dry_run_writes(running, clock):
    before = list(Clock.objects.order_by("pk").values())
    late = START + 100 * HOUR
    queries.explanation(clock(metric="resolution"), at=late)
    list(queries.breached(since=START))
    queries.counts(at=late, within=HOUR)
    assert list(Clock.objects.order_by("pk").values()) == before
    assert not Pause.objects.exists()
    assert not Entry.objects.filter(tag__startswith="clock.").exists()


def test_an_upgrade_moves_clocks(running):
    rows = Clock.objects.filter(subject=SUBJECT)
    before = {row.pk: (row.due_at, row.warn_at) for row in rows}
    # What a newer engine would compute is what was stored, since the row says all it rests on.
    limits = queries.limits_of(rows)
    after = {pk: limit.plan() for pk, limit in limits.items()}
    assert before == {pk: (plan.due_at, plan.warn_at) for pk, plan in after.items()}


def test_a_late_sweep_dates_the_breach_when_it_noticed(running, clock):
    clocks.declare_breaches(at=START + 90 * HOUR)
    assert clock(metric="resolution").breached_at == START + 24 * HOUR


def test_pausing_again_and_again_hides_a_case_for_ever(running, clock):
    for step in range(3):
        clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + step * 23 * HOUR, actor=AGENT)
        clocks.resume(subject=SUBJECT, at=START + (step + 1) * 23 * HOUR, actor=AGENT)
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + 70 * HOUR, actor=AGENT)
    # 72 hours in all: 69 are used, so that the last pause ends after three.
    [latest] = clock(metric="resolution").pauses.filter(ended_at=None)
    assert latest.ends_latest_at == START + 73 * HOUR


class TestCutOff:
    """当日修: accepted before 16:00 it is due the same day, later within 24 hours."""

    LIMIT = "today before 16:00 else 24h"

    @pytest.mark.parametrize(("hours", "due"), [(5.9, 14), (6, 30)])
    def test_a_clock_is_explained_from_its_row_alone(self, edition_id, clock, hours, due):
        at = START + timedelta(hours=hours)
        targets = [target("restoration", self.LIMIT, warn_at=(0.5,))]
        clocks.start_all(subject=SUBJECT, targets=targets, edition_id=edition_id, at=at)
        row = clock()
        assert (row.within, row.due_at) == (self.LIMIT, START + due * HOUR)
        explained = queries.explanation(row, at=at)
        assert explained.arithmetic.due_at == row.due_at
        assert explained.arithmetic.allowed == row.due_at - at
        assert row.warn_at == at + (row.due_at - at) / 2
