from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from changtong.clocks import queries
from changtong.clocks.domain import pausing
from changtong.clocks.models import Clock, Pause, State
from changtong.clocks.queries import drafting
from changtong.infra import hot
from changtong.journal import operations as journal
from changtong.journal.operations import Happening
from changtong.standard.domain.rules import PauseReason, Target


CLOCKWORK = "system:clocks"
# So many at a time, that nobody waits long for what a sweep has locked.
BATCH = 500
# Of a hundred thousand at once, nothing else is read.
TOLD_OF_A_BREACH = (
    "subject",
    "metric",
    "basis",
    "clause",
    "within",
    "due_at",
    "applies_from",
)


def start_all(
    *,
    subject: str,
    targets: Sequence[Target],
    edition_id: int,
    at: datetime,
    met: Sequence[Target] = (),
    actor: str = CLOCKWORK,
) -> list[Clock]:
    """
    Start a clock for each target, in one statement; those in `met` stop at the same instant.

    :raises Missing: if a target names a calendar that the edition does not have
    """
    clocks = [
        drafting.planned(subject, target, edition_id, since=at, applies_from=at)
        for target in targets
    ]
    for clock, target in zip(clocks, targets, strict=True):
        if target in met:
            clock.state = State.STOPPED
            clock.stopped_at = at
            clock.stopped_by = actor
    if clocks:
        # Nobody has to know their keys yet, so they need not be written before the rest.
        hot.write(clocks)
    return clocks


def write(clocks: Sequence[Clock]) -> list[Clock]:
    """Insert clocks, of any number of subjects, in one statement."""
    if clocks:
        hot.insert(clocks)
    return list(clocks)


@transaction.atomic
def stop(
    *, subject: str, at: datetime, actor: str, metrics: Container[str] | None = None
) -> list[Clock]:
    """Stop a subject's open clocks, or those of some metrics; what is late is breached first."""
    clocks = settled(subject, metrics, at=at)
    _end(clocks, at=at, actor=actor)
    return clocks


def _end(clocks: Sequence[Clock], *, at: datetime, actor: str) -> None:
    # A pause that is still open ends first, or the time on hold would count as time worked.
    _end_pauses(clocks, at=at, actor=actor)
    _set(clocks, state=State.STOPPED, stopped_at=at, stopped_by=actor)


@transaction.atomic
def void(
    *,
    subject: str,
    at: datetime,
    actor: str,
    reason: str,
    evidence: str = "",
    metrics: Sequence[str] | None = None,
    clauses: Container[str] | None = None,
) -> list[Clock]:
    """
    Declare open clocks void, because what they limit turned out not to be owed.

    :param clauses: only those of these clauses
    """
    clocks = [
        clock
        for clock in settled(subject, metrics, at=at)
        if clauses is None or clock.clause in clauses
    ]
    if clocks:
        mark_void(clocks, at=at, actor=actor, reason=reason, evidence=evidence)
        tell("clock.voided", clocks, actor=actor, at=at, reason=reason, evidence=evidence)
    return clocks


def mark_void(
    clocks: Sequence[Clock], *, at: datetime, actor: str, reason: str, evidence: str = ""
) -> None:
    _end_pauses(clocks, at=at, actor=actor)
    _set(
        clocks,
        state=State.VOID,
        voided_at=at,
        voided_by=actor,
        void_reason=reason,
        void_evidence=evidence,
    )


@transaction.atomic
def advance(
    *,
    subject: str,
    stopping: Container[str],
    starting: Sequence[Target],
    edition_id: int,
    at: datetime,
    actor: str,
    met: Sequence[Target] = (),
    renewing: Sequence[Target] = (),
) -> datetime | None:
    """
    Stop a subject's clocks of some metrics and start others; return the earliest due time.

    :param renewing: limits that start again if a clock of theirs is stopped now
    :raises Missing: if a target names a calendar that the edition does not have
    """
    clocks = settled(subject, at=at)
    stopped = [clock for clock in clocks if clock.metric in stopping]
    # Read before they end: what is on hold starts again on hold.
    again = drafting.renewed(stopped, renewing, edition_id, at=at)
    _end(stopped, at=at, actor=actor)
    clocks += start_all(
        subject=subject, targets=starting, edition_id=edition_id, at=at, met=met, actor=actor
    )
    if again:
        clocks += write([clock for clock, _pauses in again])
        Pause.objects.bulk_create(
            pause.copied_to(clock) for clock, pauses in again for pause in pauses
        )
    return queries.earliest_due_among(clocks)


@transaction.atomic
def pause(
    *,
    subject: str,
    reason: PauseReason,
    at: datetime,
    actor: str,
    until: datetime | None = None,
    since: datetime | None = None,
) -> list[Clock]:
    """
    Pause a subject's running promises up to the standard's cap; the law's limits run on.

    What was broken only after the pause began was not broken after all.

    :param until: when the pause ends at the latest, if that is before the cap
    :param since: when it began, if it was asked for then and is approved only now
    :raises Refused: if earlier pauses for the same reason have used its allowance up
    """
    pausable = [clock for clock in settled(subject, at=at) if clock.pausable]
    clocks = [clock for clock in pausable if clock.state == State.RUNNING]
    if not clocks:
        return []
    earlier = [found for found in queries.pauses_of(subject) if found.reason == reason.code]
    ends_latest_at = pausing.ends_at_latest(
        reason=reason, at=at, earlier=[found.period for found in earlier], since=since
    )
    if until is not None:
        ends_latest_at = min(ends_latest_at, until)
    began = since or at
    hot.insert([clock.pause(reason, began, ends_latest_at, actor=actor) for clock in clocks])
    unbroken = [clock for clock in clocks if clock.breached_at and began <= clock.due_at]
    _set(unbroken, breached_at=None)
    _warn_anew([clock for clock in unbroken if clock.due_at < clock.applies_from])
    plan_again(clocks, state=State.PAUSED)
    tell(
        "clock.paused",
        clocks,
        actor=actor,
        at=at,
        reason=reason.code,
        clause=reason.clause,
        since=began.isoformat(),
        ends_latest_at=ends_latest_at.isoformat(),
    )
    if unbroken:
        tell("clock.breach_withdrawn", unbroken, actor=actor, at=at, clause=reason.clause)
    # Approved late, it may be over already, and the limit with it.
    _end_capped_pauses(clocks, at=at)
    _breach([clock for clock in clocks if clock.is_overdue(at)])
    return clocks


@transaction.atomic
def resume(*, subject: str, at: datetime, actor: str) -> list[Clock]:
    """Let a subject's paused clocks run again."""
    clocks = [clock for clock in settled(subject, at=at) if clock.state == State.PAUSED]
    if clocks:
        _end_pauses(clocks, at=at, actor=actor)
        tell("clock.resumed", clocks, actor=actor, at=at)
    return clocks


def _end_pauses(clocks: Sequence[Clock], *, at: datetime, actor: str) -> None:
    paused = [clock for clock in clocks if clock.state == State.PAUSED]
    if not paused:
        return
    open_pauses = Pause.objects.filter(clock__in=paused, ended_at__isnull=True)
    open_pauses.update(ended_at=Greatest(Value(at), F("started_at")), ended_by=actor)
    plan_again(paused, state=State.RUNNING)


@transaction.atomic
def regrade(
    *, subject: str, targets: Sequence[Target], edition_id: int, at: datetime, actor: str
) -> list[Clock]:
    """
    Put new limits in the place of the open ones, from the original start, with all pauses kept.

    A limit whose start has not happened yet is left for `start_all`; one that has already been
    stopped stays as it ended.

    :raises Missing: if a target names a calendar that the edition does not have
    """
    clocks = settled(subject, at=at)
    # Made before the old clocks end, so that a pause that is still open stays open.
    made = drafting.replacement(subject, clocks, targets, edition_id, at=at)
    mark_void(made.old, at=at, actor=actor, reason="regraded")
    new = write(made.new)
    Pause.objects.bulk_create(
        found.copied_to(clock) for clock in new if clock.pausable for found in made.pauses
    )
    _breach([clock for clock in new if clock.was_over_before(made.pauses)])
    if made.old or new:
        journal.record(
            tag="clock.regraded",
            subject=subject,
            actor=actor,
            at=at,
            void=[clock.pk for clock in made.old],
            clocks=[clock.facts() for clock in new],
        )
    return new


@transaction.atomic
def reopen(*, subject: str, metrics: Sequence[str], at: datetime, actor: str) -> list[Clock]:
    """
    Let stopped clocks run again as if they had never been stopped.

    While the customer was looking at the result a promise did not run; the law's limit did,
    because what was reported as done was not done.
    """
    stopped = Clock.objects.select_for_update().filter(
        subject=subject, metric__in=metrics, state=State.STOPPED
    )
    # Of each limit the one that ended last goes on, unless one is open already.
    latest = {clock.key: clock for clock in stopped.order_by("stopped_at", "pk")}
    for clock in settled(subject, metrics, at=at):
        latest.pop(clock.key, None)
    clocks = list(latest.values())
    if not clocks:
        return []
    Pause.objects.bulk_create(
        Pause(
            clock=clock,
            reason="reopened",
            clause=clock.clause,
            started_at=clock.stopped_at,
            ends_latest_at=at,
            ended_at=at,
            actor=clock.stopped_by,
            ended_by=actor,
        )
        for clock in clocks
        if clock.pausable and clock.stopped_at is not None and clock.stopped_at < at
    )
    _set(clocks, state=State.RUNNING, stopped_at=None, stopped_by="")
    plan_again(clocks, state=State.RUNNING)
    _breach([clock for clock in clocks if clock.is_overdue(at)])
    tell("clock.reopened", clocks, actor=actor, at=at)
    return clocks


@transaction.atomic
def declare_breaches(*, at: datetime, limit: int = BATCH) -> int:
    """Declare what has become a breach, each dated when it became true; return how many."""
    overdue = Clock.objects.overdue(at).order_by("due_at", "pk").only(*TOLD_OF_A_BREACH)
    clocks = list(overdue.select_for_update(skip_locked=True)[:limit])
    _breach(clocks)
    return len(clocks)


@transaction.atomic
def warn(*, at: datetime, limit: int = BATCH) -> int:
    """Warn of clocks that have run through the next share of their limit; return how many."""
    to_warn = Clock.objects.to_warn_of(at).order_by("warn_at", "pk")
    clocks = list(to_warn.select_for_update(skip_locked=True)[:limit])
    limits = queries.limits_of(clocks)
    warnings = []
    for clock in clocks:
        warned_at = max(clock.warn_at or at, clock.applies_from)
        share = clock.warn_shares[clock.warned]
        clock.warned += 1
        clock.warn_at = limits[clock.pk].warning_at(clock.warned)
        warnings.append(_happening("clock.at_risk", clock, at=warned_at, share=share))
    if clocks:
        hot.update(clocks, ["warned", "warn_at"])
        journal.record_all(warnings)
    return len(clocks)


@transaction.atomic
def end_pauses(*, at: datetime, limit: int = BATCH) -> int:
    """Resume clocks whose pause has reached the standard's cap; return how many subjects."""
    subjects = queries.subjects_with_capped_pauses(at=at, limit=limit)
    for subject in subjects:
        settled(subject, at=at)
    return len(subjects)


def settled(subject: str, metrics: Container[str] | None = None, *, at: datetime) -> list[Clock]:
    """Lock open clocks and let come true what the sweep has not noticed yet."""
    clocks = queries.locked_open(subject)
    if metrics is not None:
        clocks = [clock for clock in clocks if clock.metric in metrics]
    _end_capped_pauses(clocks, at=at)
    _breach([clock for clock in clocks if clock.is_overdue(at)])
    return clocks


def _end_capped_pauses(clocks: Sequence[Clock], *, at: datetime) -> None:
    paused = {clock.pk: clock for clock in clocks if clock.state == State.PAUSED}
    if not paused:
        return
    by_cap: dict[datetime, list[Clock]] = defaultdict(list)
    for found in queries.capped_pauses(paused, at=at):
        by_cap[found.ends_latest_at].append(paused[found.clock_id])
    for cap, ending in by_cap.items():
        _end_pauses(ending, at=cap, actor=CLOCKWORK)
        tell("clock.resumed", ending, actor=CLOCKWORK, at=cap)


def _set(clocks: Sequence[Clock], **values: Any) -> None:
    for clock in clocks:
        for name, value in values.items():
            setattr(clock, name, value)
    if clocks:
        hot.update(clocks, values)


def _warn_anew(clocks: Sequence[Clock]) -> None:
    """Count again what is too late to warn of; they had been over before they applied."""
    if not clocks:
        return
    limits = queries.limits_of(clocks)
    for clock in clocks:
        clock.warned = limits[clock.pk].warned_by(clock.applies_from)
    hot.update(clocks, ["warned"])


def plan_again(clocks: Sequence[Clock], *, state: State) -> None:
    """Write the state and what follows from the pauses as they are now."""
    limits = queries.limits_of(clocks)
    for clock in clocks:
        plan = limits[clock.pk].plan(warned=clock.warned)
        clock.state = state
        clock.due_at = plan.due_at
        clock.is_provisional = plan.is_provisional
        clock.warn_at = None if clock.breached_at else plan.warn_at
    hot.update(clocks, ["state", "due_at", "is_provisional", "warn_at"])


def _breach(clocks: Sequence[Clock]) -> None:
    """Declare locked clocks broken, each at the instant at which it became true."""
    if not clocks:
        return
    breaches = []
    for clock in clocks:
        clock.warn_at = None
        clock.breached_at = max(clock.due_at, clock.applies_from)
        breaches.append(_happening("clock.breached", clock, at=clock.breached_at))
    hot.update(clocks, ["breached_at", "warn_at"])
    journal.record_all(breaches)


def _happening(tag: str, clock: Clock, *, at: datetime, **facts: object) -> Happening:
    known = {**clock.facts(), **facts}
    return Happening(tag=tag, subject=clock.subject, actor=CLOCKWORK, at=at, facts=known)


def tell(tag: str, clocks: Sequence[Clock], *, actor: str, at: datetime, **facts: object) -> None:
    told = [clock.facts() for clock in clocks]
    journal.record(tag=tag, subject=clocks[0].subject, actor=actor, at=at, clocks=told, **facts)
