"""Random editions and random lives under them, from a seed; and both judgments of a life."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.factories import life_oracle

from changtong.clocks.domain import timer
from changtong.clocks.domain.lives import Life, Run, Terms
from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import (
    ROUND_THE_CLOCK,
    Calendar,
    Hours,
    Season,
    Within,
)
from changtong.standard.domain.rules import PauseReason, Target


# A turn of the year, the weeks in which clocks are put forward and back, and a plain month.
BEGINNINGS = [datetime(2025, 12, 20), datetime(2026, 2, 25), datetime(2026, 3, 20)]
BEGINNINGS += [datetime(2026, 6, 20), datetime(2026, 10, 15)]
# Shanghai as shipped, Urumqi for local hours in Xinjiang; Kathmandu for an odd offset, Lord Howe
# for half an hour of summer time, Beirut and Cairo because they change at midnight.
ZONES = ["Asia/Shanghai", "Asia/Shanghai", "Asia/Urumqi", "Asia/Kathmandu", "Europe/Berlin"]
ZONES += ["America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Africa/Cairo"]
METRICS = ["first_response", "restoration", "resolution"]
SHARES: list[tuple[float, ...]] = [(), (0.5,), (0.5, 0.75, 0.9), (0.1, 0.3)]
REASONS = ["customer_absent", "waiting_for_parts"]


@dataclass(frozen=True)
class Event:
    """One thing that happens to a subject."""

    at: datetime
    what: str
    terms: Terms | None = None
    reason: PauseReason | None = None
    metrics: tuple[str, ...] = ()
    # When it was asked for, if it is approved only now.
    since: datetime | None = None


@dataclass(frozen=True)
class Case:
    """A life from its first event to the instant at which it is judged."""

    events: tuple[Event, ...]
    now: datetime


def hours(draw: Random) -> Hours:
    kind = draw.random()
    if kind < 0.2:
        return ()
    if kind < 0.4:
        return ((510, 720), (810, 1050))
    if kind < 0.5:
        return ((1200, 1800),)
    if kind < 0.55:
        return ROUND_THE_CLOCK
    marks = sorted(draw.sample(range(1440), draw.choice([2, 2, 4, 5, 6])))
    found = list(zip(marks[::2], marks[1::2], strict=False))
    if len(marks) % 2:
        found.append((marks[-1], draw.randint(marks[-1] + 1, marks[-1] + 1440)))
    return tuple(found)


def week(draw: Random) -> tuple[Hours, ...]:
    if draw.random() < 0.3:
        days = hours(draw) or ROUND_THE_CLOCK
        return (days,) * 5 + ((), ())
    found = tuple(hours(draw) for _ in range(7))
    return found if any(found) else (ROUND_THE_CLOCK,) * 7


def season(draw: Random) -> Season:
    first, last = (draw.randint(1, 12), draw.randint(1, 28)), (draw.randint(1, 12), 28)
    return Season(first, last, week(draw), hours(draw) if draw.random() < 0.5 else ())


def calendar(draw: Random, code: str) -> Calendar:
    days = [date(2025, 11, 1) + timedelta(days=count) for count in range(600)]
    holidays = frozenset(draw.sample(days, draw.randint(0, 60)))
    makeup = hours(draw) or ROUND_THE_CLOCK
    if draw.random() < 0.1:
        return Calendar(code, draw.choice(ZONES), (ROUND_THE_CLOCK,) * 7)
    return Calendar(
        code=code,
        timezone=draw.choice(ZONES),
        weekly=week(draw),
        holidays=holidays,
        workdays=frozenset(draw.sample(days, draw.randint(0, 20))) - holidays,
        makeup_hours=makeup,
        years=frozenset({2025, 2026}),
        seasons=(season(draw),) if draw.random() < 0.4 else (),
    )


def plain_limit(draw: Random) -> Within:
    unit = draw.choice(["minute", "hour", "hour", "day", "working_day", "month", "today"])
    most = {"minute": 600, "hour": 30, "day": 6, "working_day": 4, "month": 1, "today": 1}[unit]
    return Within(draw.randint(1, most), unit)  # type: ignore[arg-type]


def limit(draw: Random) -> Within:
    found = plain_limit(draw)
    if draw.random() < 0.25:
        other = plain_limit(draw)
        return Within.parse(f"{found} before {draw.randint(1, 23):02}:30 else {other}")
    return found


def target(draw: Random, metric: str, basis: str) -> Target:
    return Target(
        limit=metric,
        metric=metric,
        within=limit(draw),
        calendar=draw.choice("ab"),
        basis=basis,
        pausable=basis == "promise" and draw.random() < 0.85,
        warn_at=draw.choice(SHARES),
        starts_on="ticket.accepted" if metric != "resolution" else "ticket.assigned",
        stops_on="ticket.resolved",
        clause=f"{basis}.{metric}",
    )


def terms(draw: Random, edition: int, pool: list[Calendar]) -> Terms:
    both = [(metric, basis) for metric in METRICS for basis in ("legal", "promise")]
    chosen = draw.sample(both, draw.choice([1, 2, 2, 3]))
    return Terms(
        edition=edition,
        targets=tuple(target(draw, metric, basis) for metric, basis in chosen),
        calendars={"a": draw.choice(pool), "b": draw.choice(pool)},
    )


def _gap(draw: Random, *, exact: bool) -> timedelta:
    kind = draw.random()
    if kind < 0.08:
        return timedelta()
    minutes = draw.randint(1, 90 if kind < 0.3 else 900 if kind < 0.75 else 4000)
    if exact:
        return timedelta(minutes=minutes)
    return timedelta(minutes=minutes, microseconds=draw.randint(0, 59_999_999))


def _event(draw: Random, at: datetime, first: Terms, second: Terms, *, plain: bool) -> Event:
    what = draw.choice(
        ["pause"] * 5
        + ["resume"] * 4
        + ["stop"] * 2
        + ["reopen"] * 2
        + OTHERS
        + ([] if plain else AGAIN)
    )
    metrics = tuple(draw.sample(METRICS, draw.randint(1, 3)))
    if what == "pause":
        # Some pauses are shorter than a minute, and some caps are reached.
        most = timedelta(microseconds=draw.choice([1, 10**6, 3_600_000_000, 72 * 3_600_000_000]))
        reason = PauseReason(draw.choice(REASONS), "", "", most * draw.randint(1, 3), "6.3.2")
        if plain:
            return Event(at, what, reason=reason)
        asked = draw.random() < 0.3
        since = at - _gap(draw, exact=at.microsecond == 0 and at.second == 0)
        return Event(at, what, reason=reason, since=since if asked else None)
    if what == "start":
        # What is limited from a later moment on: one that no other clock waits for.
        later = replace(first.targets[0], metric="evaluation", clause="9", starts_on="x")
        return Event(at, what, terms=replace(first, targets=(later,)))
    if what == "regrade":
        return Event(at, what, terms=draw.choice([first, second, second]))
    return Event(at, what, metrics=metrics)


OTHERS = ["regrade", "regrade", "void", "start"]
AGAIN = ["renew", "renew"]


def case(draw: Random, pool: list[Calendar], *, plain: bool = False) -> Case:
    exact = draw.random() < 0.5
    at = draw.choice(BEGINNINGS).replace(tzinfo=UTC) + timedelta(minutes=draw.randint(0, 43_200))
    if not exact:
        at += timedelta(microseconds=draw.randint(0, 59_999_999))
    first, second = terms(draw, 1, pool), terms(draw, 2, pool)
    events = [Event(at, "start", terms=first)]
    started = False
    for _ in range(draw.choice([0, 1, 2, 3, 5, 8])):
        at += _gap(draw, exact=exact)
        event = _event(draw, at, first, second, plain=plain)
        if event.what != "start" or not started:
            events.append(event)
        started = started or event.what == "start"
    return Case(tuple(events), at + _gap(draw, exact=exact))


def pool(draw: Random, number: int) -> list[Calendar]:
    return [calendar(draw, f"{number}.{count}") for count in range(4)]


def cases(seed: int, number: int, count: int, *, plain: bool = False) -> Iterator[Case]:
    """
    Yield the cases of one batch, which share a few calendars.

    :param plain: nothing is approved late or owed again, as histories once were made
    """
    draw = Random(f"{seed}/{number}")
    found = pool(draw, number)
    for _ in range(count):
        yield case(draw, found, plain=plain)


# -----------------------------------------------------------------------------------------
# Judging
# -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """One clock as one of the two judges sees it."""

    key: tuple[str, str, int]
    state: str
    due: int
    allowed: int
    elapsed: int
    breached: int | None
    warnings: tuple[tuple[int, float], ...]


def by_engine(case: Case) -> list[Judged]:
    life = Life()
    for event in case.events:
        step(life, event)
    life.settle(case.now)
    return sorted((_engine_s(run, case.now) for run in life.runs), key=_order)


def step(life: Life, event: Event) -> None:
    if event.what == "start" and event.terms:
        life.start(event.terms, at=event.at)
    elif event.what == "regrade" and event.terms:
        life.regrade(event.terms, at=event.at)
    elif event.what == "pause" and event.reason:
        # The only refusal is that the allowance of the reason is used up.
        with suppress(Refused):
            life.pause(event.reason, at=event.at, since=event.since)
    elif event.what == "resume":
        life.resume(at=event.at)
    elif event.what == "stop":
        life.stop(event.metrics, at=event.at)
    elif event.what == "renew":
        life.renew(event.metrics, at=event.at)
    elif event.what == "void":
        life.void(event.metrics, at=event.at)
    else:
        life.reopen(event.metrics, at=event.at)


def _engine_s(run: Run, now: datetime) -> Judged:
    within = run.limit.applying
    passed = timer.elapsed(
        started_at=run.started_at,
        until=run.ended_at or now,
        calendar=run.calendar,
        pauses=run.limit.pauses,
        unit=within.unit,
    )
    allowed = timer.allowed(
        started_at=run.started_at, within=run.target.within, calendar=run.calendar
    )
    due = life_oracle.instant(run.due_at)
    return Judged(
        key=(*run.limited, run.edition),
        state="open" if run.is_open else run.state,
        due=due if due < life_oracle.BEYOND else life_oracle.NEVER,
        allowed=allowed // timedelta(microseconds=1),
        elapsed=passed // timedelta(microseconds=1),
        breached=None if run.breached_at is None else life_oracle.instant(run.breached_at),
        warnings=tuple((life_oracle.instant(at), share) for at, share in run.warnings),
    )


def by_oracle(case: Case, timelines: dict[str, life_oracle.Timeline]) -> list[Judged]:
    subject = life_oracle.Subject({})
    for event in case.events:
        at = life_oracle.instant(event.at)
        if event.terms:
            lines = {
                code: _timeline(timelines, found) for code, found in event.terms.calendars.items()
            }
            subject.timelines[event.terms.edition] = lines
            put = subject.start if event.what == "start" else subject.regrade
            put(event.terms.edition, event.terms.targets, at)
        elif event.reason:
            at_most = event.reason.at_most // timedelta(microseconds=1)
            since = event.since and life_oracle.instant(event.since)
            subject.pause(event.reason.code, at_most, at, since)
        elif event.what == "resume":
            subject.resume(at)
        elif event.what == "reopen":
            subject.reopen(event.metrics, at)
        elif event.what == "renew":
            subject.renew(event.metrics, at)
        else:
            subject.finish({"stop": "stopped", "void": "void"}[event.what], event.metrics, at)
    now = life_oracle.instant(case.now)
    return sorted((_oracle_s(clock, now) for clock in subject.clocks), key=_order)


def _oracle_s(clock: life_oracle.Clock, now: int) -> Judged:
    found = life_oracle.verdict(clock, now)
    return Judged(
        key=(clock.target.metric, clock.target.basis, clock.edition),
        state=clock.state,
        due=found.due,
        allowed=found.allowed,
        elapsed=found.elapsed,
        breached=found.breached,
        warnings=found.warnings,
    )


def _timeline(timelines: dict[str, life_oracle.Timeline], found: Calendar) -> life_oracle.Timeline:
    if found.code not in timelines:
        timelines[found.code] = life_oracle.Timeline(found)
    return timelines[found.code]


def _order(judged: Judged) -> tuple[object, ...]:
    return judged.key, judged.state, judged.due, judged.elapsed
