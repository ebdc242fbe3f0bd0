"""Take the steps of the standard's ladders when they are due, each once, and note answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from changtong.clocks import queries as clocks
from changtong.clocks.domain import laddering
from changtong.clocks.domain.laddering import Climb, Due, Taken
from changtong.feedback.models import Escalation, EscalationStep, Notice
from changtong.feedback.operations import noticing
from changtong.journal import operations as journal
from changtong.journal.operations import Happening
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import Reach, Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.clocks.domain.planning import Limit


ACTOR = "system:feedback"
BATCH = 200
SWEPT_AT_MOST = 20_000
# Whoever was away for longer than this is told where things stand, not all that was missed.
LOOKED_BACK = timedelta(days=1)
_EVERYTHING = Viewer(
    actor=ACTOR, reach=Reach.ALL, permissions=frozenset({"tickets.view"}), staff_id=0
)


def escalate(*, at: datetime, limit: int = SWEPT_AT_MOST) -> int:
    """Take every step that is due; return how many were taken."""
    for _ in range(0, limit, BATCH):
        # Each batch is a transaction of its own, so that nobody waits for a long sweep.
        if not _begin_some(at):
            break
    taken = 0
    for _ in range(0, limit, BATCH):
        looked_at, told = _climb_some(at)
        taken += told
        if not looked_at:
            break
    return taken


@transaction.atomic
def look_again(*, number: str, at: datetime, anew: bool = False) -> None:
    """
    Look at a ticket's ladders with the next sweep, since its clocks run otherwise now.

    :param anew: what was answered until now has been overtaken
    """
    changes: dict[str, object] = {"next_at": at}
    if anew:
        changes["answers_from"] = at
    Escalation.objects.filter(ticket__number=number).update(**changes)


@transaction.atomic
def answer(*, step_id: int, actor: str, at: datetime) -> EscalationStep:
    """
    Note that somebody has taken in hand what a step told of: nobody further up is told.

    :raises Missing: ``escalation.unknown``
    :raises Refused: ``escalation.answered_already``
    """
    step = (
        EscalationStep.objects.select_for_update(of=("self",))
        .select_related("escalation__clock")
        .filter(pk=step_id)
        .first()
    )
    if step is None:
        raise Missing("escalation.unknown", step=step_id)
    if step.answered_at is not None:
        raise Refused("escalation.answered_already", clause=step.clause, by=step.answered_by)
    step.answered_at, step.answered_by = at, actor
    step.save(update_fields=["answered_at", "answered_by"])
    # Whoever was told of this clock, at any level, need not look into it any more.
    Notice.objects.filter(step__escalation=step.escalation, read_at=None).update(read_at=at)
    clock = step.escalation.clock
    journal.record(
        tag="escalation.answered",
        subject=clock.subject,
        actor=actor,
        at=at,
        **_told(step, clock),
    )
    return step


@transaction.atomic
def _begin_some(at: datetime) -> int:
    """Put clocks that have come to be under their ladders; return how many."""
    known = Escalation.objects.filter(clock=OuterRef("pk"))
    found = list(clocks.still_open().filter(~Exists(known))[:BATCH])
    numbers = {clock.subject for clock in found}
    of_number = dict(
        tickets.visible_to(_EVERYTHING).filter(number__in=numbers).values_list("number", "pk")
    )
    Escalation.objects.bulk_create(
        (
            Escalation(
                clock=clock,
                ticket_id=of_number.get(clock.subject),
                begun_at=at,
                next_at=at if clock.subject in of_number else None,
            )
            for clock in found
        ),
        ignore_conflicts=True,
    )
    return len(found)


@transaction.atomic
def _climb_some(at: datetime) -> tuple[int, int]:
    """Look at ladders that may have a step due; return how many, and how many were taken."""
    found = list(
        Escalation.objects.filter(next_at__lte=at)
        .select_related("clock", "ticket__assignee")
        .order_by("next_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:BATCH]
    )
    limits = clocks.limits_of([one.clock for one in found])
    happened: list[Happening] = []
    for escalation in found:
        _climb(escalation, limits, happened, at=at)
    Escalation.objects.bulk_update(found, ["next_at", "nobody_since"])
    if happened:
        journal.record_all(happened)
    return len(found), sum(one.tag == "escalation.told" for one in happened)


def _climb(
    escalation: Escalation,
    limits: Mapping[int, Limit],
    happened: list[Happening],
    *,
    at: datetime,
) -> None:
    clock = escalation.clock
    escalation.next_at = None
    # A clock on hold wakes its ladder when it runs again.
    climb = _ladder(escalation, limits[clock.pk]) if clock.state == "running" else None
    if climb is None:
        return
    steps = list(escalation.steps.order_by("rung", "round"))
    while True:
        due = climb.next([_taken(step) for step in steps], _answers(escalation, steps))
        if due is None or due.at > at:
            escalation.next_at = due.at if due else None
            return
        step = _take(escalation, due, at=at)
        if step is None:
            # Nobody at all: the step is not taken but tried again.
            escalation.next_at = climb.opening(at + climb.ladder.answer_within)
            if escalation.nobody_since is None:
                escalation.nobody_since = at
                happened.append(_happening("escalation.nobody_found", escalation, at, due=due))
            return
        escalation.nobody_since = None
        steps.append(step)
        happened.append(_happening("escalation.told", escalation, at, step=step))


def _ladder(escalation: Escalation, limit: Limit) -> Climb | None:
    clock, ticket = escalation.clock, escalation.ticket
    if ticket is None:
        return None
    edition = standard.read(clock.edition_id)
    ladder = edition.ladder(
        {
            "metric": clock.metric,
            "basis": clock.basis,
            "kind": ticket.kind,
            "priority": ticket.priority,
            "region": ticket.region_path,
            "region_type": ticket.region_type,
            "family": ticket.family,
            "tier": ticket.tier,
            "category": ticket.category,
        }
    )
    if ladder is None:
        return None
    return laddering.climb(
        ladder,
        limit,
        due_at=clock.due_at,
        applies_from=max(clock.applies_from, escalation.begun_at - LOOKED_BACK),
        told_in=edition.calendar(ladder.told_in) if ladder.told_in else None,
    )


def _taken(step: EscalationStep) -> Taken:
    return Taken(step.rung, step.round, step.told_at)


def _answers(escalation: Escalation, steps: list[EscalationStep]) -> list[datetime]:
    since = escalation.answers_from
    given = [step.answered_at for step in steps if step.answered_at is not None]
    return [at for at in given if since is None or at >= since]


def _take(escalation: Escalation, due: Due, *, at: datetime) -> EscalationStep | None:
    """Tell the level of a step, or the next above where there is anybody."""
    clock, ticket = escalation.clock, escalation.ticket
    if ticket is None:
        return None
    told_level, people = noticing.first_found(due.rung.level, ticket, at=at)
    if not people:
        return None
    step = EscalationStep.objects.create(
        escalation=escalation,
        rung=due.rung.number,
        round=due.round,
        level=due.rung.level,
        told_level=told_level,
        clause=due.rung.clause,
        due_at=due.at,
        told_at=at,
    )
    # The newest word on a clock is what counts; older ones need nobody's attention any more.
    Notice.objects.filter(step__escalation=escalation, staff__in=people, read_at=None).update(
        read_at=at
    )
    noticing.tell(
        people,
        ticket,
        tag="limit.broken" if clock.due_at <= at else "limit.running_out",
        key=f"step:{step.pk}",
        clause=step.clause,
        at=at,
        facts=_told(step, clock),
        also_by=due.rung.also_by,
        step=step,
    )
    return step


def _told(step: EscalationStep, clock: object) -> dict[str, object]:
    known = clock.facts()  # type: ignore[attr-defined]
    return {
        "clock": known["clock"],
        "metric": known["metric"],
        "basis": known["basis"],
        "due_at": known["due_at"],
        "step": step.rung,
        "round": step.round,
        "level": step.level,
        "told_level": step.told_level,
        "clause": step.clause,
    }


def _happening(
    tag: str,
    escalation: Escalation,
    at: datetime,
    *,
    step: EscalationStep | None = None,
    due: Due | None = None,
) -> Happening:
    clock = escalation.clock
    facts = (
        _told(step, clock)
        if step is not None
        else {"clock": clock.pk, "metric": clock.metric, "due_at": clock.due_at.isoformat()}
    )
    if due is not None:
        facts |= {"step": due.rung.number, "level": due.rung.level, "clause": due.rung.clause}
    return Happening(tag=tag, subject=clock.subject, actor=ACTOR, at=at, facts=facts)
