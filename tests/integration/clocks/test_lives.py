"""What the operations write is what happened, whenever the sweep comes and however often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from tests.factories import random_lives
from tests.factories.clocks import AGENT
from tests.factories.random_lives import Case, Event

from changtong.clocks import operations as clocks
from changtong.clocks.domain.lives import Life, Run, Terms
from changtong.clocks.models import Clock
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.standard.domain.calendars import Within
from changtong.standard.domain.rules import Target


LIVES = 25
MINUTE = timedelta(minutes=1)
CALENDARS = {"a": "workday", "b": "field"}


def lives(seed: int, edition_id: int) -> Iterator[Case]:
    """Yield random lives by the calendars that ship, all under one edition."""
    edition = standard.read(edition_id)

    def shipped(event: Event) -> Event:
        if event.terms is None:
            return event
        targets = tuple(
            replace(target, calendar=CALENDARS[target.calendar]) for target in event.terms.targets
        )
        return replace(event, terms=Terms(edition_id, targets, edition.calendars))

    for case in random_lives.cases(seed, 0, LIVES):
        yield replace(case, events=tuple(map(shipped, case.events)))


def happen(subject: str, event: Event) -> None:
    """Let an event happen to the rows of the database."""
    at, actor = event.at, AGENT
    if event.terms is not None:
        under: dict[str, Any] = {
            "subject": subject,
            "targets": event.terms.targets,
            "edition_id": event.terms.edition,
        }
        if event.what == "start":
            clocks.start_all(**under, at=at)
        else:
            clocks.regrade(**under, at=at, actor=actor)
    elif event.reason is not None:
        with suppress(Refused):
            clocks.pause(
                subject=subject, reason=event.reason, at=at, actor=actor, since=event.since
            )
    elif event.what == "resume":
        clocks.resume(subject=subject, at=at, actor=actor)
    elif event.what == "renew":
        renew(subject, event)
    elif event.what == "void":
        metrics = list(event.metrics)
        clocks.void(subject=subject, at=at, actor=actor, reason="x", metrics=metrics)
    else:
        change = {"stop": clocks.stop, "reopen": clocks.reopen}[event.what]
        change(subject=subject, metrics=event.metrics, at=at, actor=actor)


def renew(subject: str, event: Event) -> None:
    running = [clock for clock in Clock.objects.filter(subject=subject) if clock.is_open]
    for edition in {clock.edition_id for clock in running}:
        again = [clock for clock in running if clock.metric in event.metrics]
        clocks.advance(
            subject=subject,
            stopping=event.metrics,
            starting=(),
            renewing=[as_target(clock) for clock in again if clock.edition_id == edition],
            edition_id=edition,
            at=event.at,
            actor=AGENT,
        )


def as_target(clock: Clock) -> Target:
    return Target(
        limit=clock.metric,
        within=Within.parse(clock.within),
        warn_at=tuple(clock.warn_shares),
        **{
            name: getattr(clock, name)
            for name in ("metric", "calendar", "basis", "pausable", "starts_on", "stops_on")
        },
        clause=clock.clause,
    )


def sweep(at: datetime) -> None:
    clocks.end_pauses(at=at)
    clocks.declare_breaches(at=at)
    while clocks.warn(at=at):
        pass


def never(_before: datetime, _at: datetime) -> None:
    pass


def at_every_event(_before: datetime, at: datetime) -> None:
    sweep(at)


def an_hour_late(before: datetime, at: datetime) -> None:
    sweep(max(before, at - timedelta(hours=1)))


def again_and_again(before: datetime, at: datetime) -> None:
    for step in (1, 2, 2, 3):
        sweep(before + (at - before) * step / 3)


def by_a_clock_that_is_put_back(before: datetime, at: datetime) -> None:
    sweep(at)
    sweep(before)
    sweep(at)


SCHEDULES = [never, at_every_event, an_hour_late, again_and_again, by_a_clock_that_is_put_back]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.__name__)
def test_a_sweep_changes_no_date_and_forgets_none(
    edition_id: int, schedule: Callable[[datetime, datetime], None]
) -> None:
    seed = 20261122 + SCHEDULES.index(schedule)
    for number, case in enumerate(lives(seed, edition_id)):
        subject = f"{schedule.__name__}:{number}"
        life = Life()
        before = case.events[0].at
        for event in case.events:
            schedule(before, event.at)
            happen(subject, event)
            random_lives.step(life, event)
            before = event.at
        sweep(case.now)
        life.settle(case.now)
        assert in_database(subject) == in_memory(life), (seed, number)


def in_database(subject: str) -> list[tuple[Any, ...]]:
    rows = Clock.objects.filter(subject=subject).prefetch_related("pauses")
    return sorted(
        (
            *(row.metric, row.basis, row.within, row.state, row.started_at, row.applies_from),
            *(row.due_at, str(row.breached_at), str(row.stopped_at or row.voided_at)),
            sorted((pause.started_at, pause.ends) for pause in row.pauses.all()),
        )
        for row in rows
    )


def in_memory(life: Life) -> list[tuple[Any, ...]]:
    def shown(run: Run) -> tuple[Any, ...]:
        return (
            *(*run.limited, str(run.target.within), run.state, run.started_at, run.applies_from),
            *(run.due_at, str(run.breached_at), str(run.ended_at)),
            sorted((hold.period.start, hold.period.end) for hold in run.holds),
        )

    return sorted(map(shown, life.runs))


def test_the_lives_are_not_dull() -> None:
    draw = Random(1)
    pool = random_lives.pool(draw, 0)
    happened = {event.what for _ in range(200) for event in random_lives.case(draw, pool).events}
    assert happened == {"start", "pause", "resume", "stop", "void", "regrade", "reopen", "renew"}
