"""Workers killed under load: no reaction is lost, none has its effect twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from changtong.infra import clock, stalled
from changtong.journal import operations as journal
from changtong.journal import subscriptions


ENTRIES = 300
KILLS = 3
WORKERS = 2
TAG = "effect.wanted"
REACTION = "effects.count"

# A worker like any other, with one more reaction. Its effect is slow and has no key of its own:
# only the journal's delivery keeps it from happening twice.
WORKER = f"""
import time
from functools import partial

from changtong.cli import ready, run

with ready.django():
    from django.db import connection
    from procrastinate.contrib.django import app

    from changtong.journal import subscriptions

    def count(entry):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO effects VALUES (%s)", [entry.pk])
        time.sleep(0.02)

    count.__module__ = "changtong.effects.reactions"
    subscriptions.reacts_to("{TAG}")(count)
    react = partial(subscriptions.deliver, name="{REACTION}")
    app.task(name="{REACTION}", queue=subscriptions.QUEUE, retry=subscriptions.RETRY)(react)
    run.worker()
"""


@pytest.fixture
def effects(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    subscription = subscriptions.Subscription(name=REACTION, react=print)
    monkeypatch.setitem(subscriptions._by_tag, TAG, [subscription])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE effects (entry bigint NOT NULL)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE effects")
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def test_killed_workers_lose_and_double_nothing(effects: None) -> None:
    with transaction.atomic():
        for number in range(ENTRIES):
            journal.record(tag=TAG, subject=f"S-{number}", actor="system:test", at=clock.now())

    rescued = 0
    for _ in range(KILLS):
        crew = [_worker() for _ in range(WORKERS)]
        done = _effects()
        _until(lambda done=done: _effects() > done + 10)
        for worker in crew:
            worker.kill()
            worker.wait()
        _age_heartbeats()
        rescued += stalled.rescue(at=clock.now())
    worker = _worker()
    _until(lambda: _open_jobs() == 0)
    worker.terminate()
    assert worker.wait(timeout=20) == 0

    # Without this the kills would have hit nothing, and the test proved nothing.
    assert rescued > 0
    assert _count("SELECT count(DISTINCT entry) FROM effects") == ENTRIES
    assert _effects() == ENTRIES


def test_a_job_of_a_living_worker_is_left_alone(effects: None) -> None:
    job = _job_of_a_worker(silent_for=timedelta(seconds=5))
    assert stalled.rescue(at=clock.now()) == 0
    assert _state(job) == ("doing", 0)


def test_a_job_of_a_silent_worker_is_done_again(effects: None) -> None:
    job = _job_of_a_worker(silent_for=timedelta(seconds=31))
    assert stalled.rescue(at=clock.now()) == 1
    assert _state(job) == ("todo", 1)


def test_a_job_that_kills_its_workers_is_given_up(effects: None) -> None:
    job = _job_of_a_worker(silent_for=timedelta(seconds=31), attempts=stalled.ATTEMPTS_AT_MOST)
    assert stalled.rescue(at=clock.now()) == 1
    assert _state(job) == ("failed", stalled.ATTEMPTS_AT_MOST + 1)


def test_a_stalled_sweep_gives_way_to_the_next_one(effects: None) -> None:
    old = _job_of_a_worker(silent_for=timedelta(seconds=31), queueing_lock="sweep")
    young = _job(queueing_lock="sweep")
    assert stalled.rescue(at=clock.now()) == 1
    assert _state(old)[0] == "aborted"
    assert _state(young) == ("todo", 0)


def _worker() -> subprocess.Popen[bytes]:
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    environment = {**os.environ, "DATABASE_URL": url}
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment)


def _job_of_a_worker(
    *, silent_for: timedelta, attempts: int = 0, queueing_lock: str | None = None
) -> int:
    heartbeat = clock.now() - silent_for
    worker = _count(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", heartbeat
    )
    job = _job(queueing_lock=queueing_lock)
    return _count(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s"
        " WHERE id = %s RETURNING id",
        worker,
        attempts,
        job,
    )


def _job(*, queueing_lock: str | None) -> int:
    return _count(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock)"
        " VALUES ('default', 'test.task', %s) RETURNING id",
        queueing_lock,
    )


def _state(job: int) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, attempts FROM procrastinate_jobs WHERE id = %s", [job])
        return cursor.fetchone()


def _age_heartbeats() -> None:
    """Let the time pass after which the dead count as silent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - %s",
            [stalled.SILENT_FOR * 2],
        )


def _effects() -> int:
    return _count("SELECT count(*) FROM effects")


def _open_jobs() -> int:
    return _count(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status <> 'succeeded'",
        REACTION,
    )


def _count(statement: str, *parameters: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def _until(true, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
