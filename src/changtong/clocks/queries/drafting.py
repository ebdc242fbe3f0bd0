"""Clocks that are not written yet: what a target, a new grade or a new start would make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from changtong.clocks import queries
from changtong.clocks.domain import pausing, planning, regrading
from changtong.clocks.domain.regrading import Begun
from changtong.clocks.models import Clock, Pause, State
from changtong.infra import quick
from changtong.standard import queries as standard
from changtong.standard.domain.rules import Target


@dataclass(frozen=True, slots=True)
class Replacement:
    """Clocks that end without a result, those in their place, and the pauses that these keep."""

    old: list[Clock]
    new: list[Clock]
    pauses: tuple[Pause, ...]


def planned(
    subject: str,
    target: Target,
    edition_id: int,
    *,
    since: datetime,
    applies_from: datetime,
    pauses: Sequence[Pause] = (),
) -> Clock:
    """
    Return the clock that a target makes for a subject.

    :raises Missing: if the target names a calendar that the edition does not have
    """
    limit = planning.Limit(
        started_at=since,
        within=target.within,
        calendar=standard.read(edition_id).calendar(target.calendar),
        warn_shares=target.warn_at,
        pauses=tuple(pause.period for pause in pauses),
    )
    warned = limit.warned_by(applies_from) if since < applies_from else 0
    plan = limit.plan(warned=warned)
    return quick.new(
        Clock,
        subject=subject,
        metric=target.metric,
        basis=target.basis,
        clause=target.clause,
        edition_id=edition_id,
        calendar=target.calendar,
        within=str(target.within),
        pausable=pausing.may_pause(target),
        warn_shares=list(target.warn_at),
        starts_on=target.starts_on,
        stops_on=target.stops_on,
        started_at=since,
        applies_from=applies_from,
        due_at=plan.due_at,
        warn_at=plan.warn_at,
        warned=warned,
        is_provisional=plan.is_provisional,
        state=State.PAUSED if any(pause.ended_at is None for pause in pauses) else State.RUNNING,
    )


def replacement(
    subject: str,
    clocks: Sequence[Clock],
    targets: Sequence[Target],
    edition_id: int,
    *,
    at: datetime,
) -> Replacement:
    """
    Return what regrading puts in the place of a subject's open clocks; what runs alike stays.

    :raises Missing: if a target names a calendar that the edition does not have
    """
    begun = _origins(subject, targets)
    wanted = {regrading.measure(target, edition_id) for target in begun}
    running = {clock.measure for clock in clocks}
    pauses = _pauses_to_copy(subject, at=at)
    new = [
        planned(
            subject,
            target,
            edition_id,
            since=since,
            applies_from=max(at, since),
            pauses=pauses if pausing.may_pause(target) else (),
        )
        for target, since in begun.items()
        if regrading.measure(target, edition_id) not in running
    ]
    return Replacement([one for one in clocks if one.measure not in wanted], new, pauses)


def _origins(subject: str, targets: Sequence[Target]) -> Mapping[Target, datetime]:
    """
    Return when each limit in play began for a subject.

    A limit whose start has not happened is not in play, nor is one that has been stopped.
    """
    valid = Clock.objects.filter(subject=subject).exclude(state=State.VOID)
    begun = [
        Begun(clock.metric, clock.basis, clock.starts_on, clock.started_at, clock.is_open)
        for clock in valid.order_by("started_at", "pk")
    ]
    return regrading.origins(begun, targets)


def _pauses_to_copy(subject: str, *, at: datetime) -> tuple[Pause, ...]:
    """Return the pauses for a new clock: of several that are open, only the longest stays so."""
    pauses = queries.pauses_of(subject)
    regrading.leave_longest_open(pauses, at=at)
    return pauses


def renewed(
    stopped: Sequence[Clock], targets: Sequence[Target], edition_id: int, *, at: datetime
) -> list[tuple[Clock, list[Pause]]]:
    """Return the clocks that start where others stop; one on hold stays on hold."""
    old = {(clock.metric, clock.basis): clock for clock in stopped}
    found = []
    for target in targets:
        if clock := old.get((target.metric, target.basis)):
            held = clock.state == State.PAUSED and pausing.may_pause(target)
            pauses = list(clock.pauses.filter(ended_at=None)) if held else []
            new = planned(
                clock.subject, target, edition_id, since=at, applies_from=at, pauses=pauses
            )
            found.append((new, pauses))
    return found
