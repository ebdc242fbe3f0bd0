"""A breach is dated when it became true, once, whoever notices it and however late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from tests.factories.clocks import ABSENT, HOUR, LEGAL, START, SUBJECT, target

from changtong.clocks import jobs
from changtong.clocks import operations as clocks
from changtong.clocks.models import Clock


@pytest.fixture
def running(edition_id):
    targets = [target("first_response", "30min"), target("resolution", "24h"), LEGAL]
    return clocks.start_all(subject=SUBJECT, targets=targets, edition_id=edition_id, at=START)


def test_what_is_due_now_is_not_yet_breached(running):
    assert clocks.declare_breaches(at=START + HOUR / 2) == 0


def test_a_sweep_delayed_by_an_hour_gives_the_same_breach(running, clock, entries):
    assert clocks.declare_breaches(at=START + HOUR / 2 + HOUR) == 1
    assert clock(metric="first_response").breached_at == START + HOUR / 2
    [(happened_at, facts)] = entries("clock.breached")
    assert happened_at == START + HOUR / 2
    assert facts["due_at"] == (START + HOUR / 2).isoformat()
    assert clock(metric="first_response").state == "running"


def test_a_sweep_delivered_twice_declares_once(running, entries):
    timestamp = int((START + 30 * HOUR).timestamp())
    jobs.sweep(timestamp)
    jobs.sweep(timestamp)
    assert len(entries("clock.breached")) == 2


def test_the_limit_is_kept_and_the_rest_comes_next_time(running):
    assert clocks.declare_breaches(at=START + 60 * HOUR, limit=2) == 2
    assert clocks.declare_breaches(at=START + 60 * HOUR, limit=2) == 1
    assert clocks.declare_breaches(at=START + 60 * HOUR, limit=2) == 0


def test_a_stopped_clock_is_never_breached(running, entries):
    clocks.stop(subject=SUBJECT, at=START + HOUR / 4, actor="staff:7")
    assert clocks.declare_breaches(at=START + 100 * HOUR) == 0
    assert entries("clock.breached") == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_declare_each_breach_once(edition_id, entries):
    subjects = [f"S-{count}" for count in range(200)]
    for subject in subjects:
        clocks.start_all(
            subject=subject,
            targets=[target("resolution", "1h")],
            edition_id=edition_id,
            at=START,
        )
    barrier = Barrier(2)

    def sweep(_: int) -> int:
        try:
            barrier.wait()
            return clocks.declare_breaches(at=START + 2 * HOUR)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as workers:
        assert sum(workers.map(sweep, range(2))) == 200
    assert len({facts["clock"] for _, facts in entries("clock.breached")}) == 200
    assert len(entries("clock.breached")) == 200


def test_the_sweep_reads_an_index_in_which_no_closed_case_is(edition_id):
    overdue = Clock.objects.overdue(START).order_by("due_at", "pk")[:500]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = overdue.explain()
    assert "clock_running_due" in plan


def test_a_warning_is_dated_when_its_share_had_passed(running, clock, entries):
    assert clocks.warn(at=START + 13 * HOUR) == 1
    assert clocks.warn(at=START + 13 * HOUR) == 0
    [(happened_at, facts)] = entries("clock.at_risk")
    assert happened_at == START + 12 * HOUR
    assert (facts["metric"], facts["share"]) == ("resolution", 0.5)
    assert clock(metric="resolution").warn_at == START + 21.6 * HOUR


def test_each_step_comes_once_even_after_a_long_silence(running, entries):
    jobs.sweep.func(int((START + 23 * HOUR).timestamp()))
    assert [facts["share"] for _, facts in entries("clock.at_risk")] == [0.5, 0.9]


def test_nobody_is_warned_of_what_is_breached_already(running, entries):
    clocks.declare_breaches(at=START + 25 * HOUR)
    assert clocks.warn(at=START + 25 * HOUR) == 0
    assert entries("clock.at_risk") == []


def test_a_paused_clock_warns_of_nothing_and_loses_no_step(running, entries):
    clocks.pause(subject=SUBJECT, reason=ABSENT, at=START + HOUR, actor="staff:7")
    assert clocks.warn(at=START + 20 * HOUR) == 0
    clocks.resume(subject=SUBJECT, at=START + 20 * HOUR, actor="staff:7")
    assert clocks.warn(at=START + 32 * HOUR) == 1
    [(happened_at, facts)] = entries("clock.at_risk")
    assert (happened_at, facts["share"]) == (START + 31 * HOUR, 0.5)
