"""Set a ticket aside for a reason that the standard allows, and take it up again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.clocks import operations as clocks
from changtong.clocks import queries as clock_queries
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.decisions import decision
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import Ticket
from changtong.tickets.operations import carrying


# The pause reason of every edition that stands for waiting for the applicant.
AWAITING_CUSTOMER = "customer_information"
# And the one that stands for another time that the applicant asked for.
ANOTHER_TIME = "customer_reschedule"
# Why a promise runs on although we wait for the applicant.
RUNS_ON = frozenset({"clock.pause_used_up", "pause.needs_approval"})


@transaction.atomic
def pause(*, number: str, reason: str, note: str, actor: str, at: datetime) -> Ticket:
    """
    Set a ticket aside; promise clocks pause, legal clocks run on.

    :raises Refused: ``ticket.cannot_move``, ``pause.needs_approval``
    :raises Missing: ``pause.not_allowed``
    """
    ticket = queries.locked(number)
    set_aside(ticket, reason=reason, note=note, actor=actor, at=at)
    return ticket


def set_aside(
    ticket: Ticket,
    *,
    reason: str,
    note: str,
    actor: str,
    at: datetime,
    approved_since: datetime | None = None,
) -> None:
    """
    Set a locked ticket aside.

    :param approved_since: when the pause was asked for that is approved now
    :raises Refused: ``ticket.cannot_move``, ``pause.needs_approval``
    :raises Missing: ``pause.not_allowed``
    """
    before = ticket.state
    ticket.state = lifecycle.move(current=State(before), wanted=State.HELD)
    ticket.state_before = before
    pause_clocks(ticket, reason=reason, at=at, actor=actor, approved_since=approved_since)
    ticket.save(update_fields=["state", "state_before", "decisions", "due_at"])
    journal.record(
        tag="ticket.paused", subject=ticket.number, actor=actor, at=at, reason=reason, note=note
    )


@transaction.atomic
def resume(*, number: str, actor: str, at: datetime) -> Ticket:
    """
    Take up a ticket that was set aside.

    :raises Refused: ``ticket.cannot_move``
    """
    ticket = queries.locked(number)
    if ticket.state != State.HELD:
        # A ticket that waits for an answer is taken up by the answer.
        raise Refused("ticket.cannot_move", current=ticket.state, wanted=State.IN_PROGRESS)
    ticket.state = lifecycle.back(current=State.HELD, before=State(ticket.state_before))
    ticket.state_before = ""
    resume_clocks(ticket, at=at, actor=actor)
    ticket.save(update_fields=["state", "state_before", "due_at"])
    journal.record(tag="ticket.resumed", subject=number, actor=actor, at=at)
    return ticket


@transaction.atomic
def postpone(*, number: str, until: datetime, actor: str, at: datetime) -> Ticket:
    """
    Let promises wait until the time that the applicant chose, as long as the standard allows.

    The ticket stays where it is, and the law's limits run on.

    :raises Refused: ``ticket.finished``
    """
    ticket = queries.locked(number)
    if State(ticket.state) in lifecycle.FINAL:
        raise Refused("ticket.finished", state=ticket.state)
    clocks.resume(subject=number, at=at, actor=actor)
    try:
        pause_clocks(ticket, reason=ANOTHER_TIME, at=at, actor=actor, until=until)
    except Refused as refused:
        # They may have another time all the same, but our promise runs on.
        if refused.code not in {"pause.not_allowed", *RUNS_ON}:
            raise
        ticket.due_at = carrying.earliest_due(ticket)
    ticket.save(update_fields=["decisions", "due_at"])
    journal.record(
        tag="ticket.postponed", subject=number, actor=actor, at=at, until=until.isoformat()
    )
    return ticket


@transaction.atomic
def proceed(*, number: str, actor: str, at: datetime) -> Ticket:
    """Let promises run that wait for a later time, since work on the ticket begins before it."""
    ticket = queries.locked(number)
    if State(ticket.state) not in lifecycle.SET_ASIDE and clock_queries.is_paused(number):
        resume_clocks(ticket, at=at, actor=actor)
        ticket.save(update_fields=["due_at"])
    return ticket


@transaction.atomic
def end_wait(*, number: str, actor: str, at: datetime) -> Ticket:
    """
    Follow clocks that run again: take up what was set aside, or say that no answer has come.

    Nothing is left to do if somebody has taken the ticket up already.
    """
    ticket = queries.locked(number)
    if clock_queries.is_paused(number) or State(ticket.state) in lifecycle.FINAL:
        return ticket
    ticket.due_at = carrying.earliest_due(ticket)
    ticket.save(update_fields=["due_at"])
    if ticket.state == State.HELD:
        return resume(number=number, actor=actor, at=at)
    if ticket.state == State.PENDING:
        supplement = ticket.supplements.filter(answered_at=None).first()
        journal.record(
            tag="ticket.wait_ended",
            subject=number,
            actor=actor,
            at=at,
            supplement=supplement.pk if supplement else None,
            assignee=ticket.assignee_id,
        )
    return ticket


def pause_clocks(
    ticket: Ticket,
    *,
    reason: str,
    at: datetime,
    actor: str,
    until: datetime | None = None,
    approved_since: datetime | None = None,
) -> None:
    """
    Pause what the standard lets this reason pause; the caller saves the ticket.

    :raises Refused: ``pause.needs_approval``
    :raises Missing: ``pause.not_allowed``
    """
    rule = standard.read(ticket.edition_id).pause_reason(reason, kind=ticket.kind)
    if rule.needs_approval and approved_since is None:
        raise Refused("pause.needs_approval", clause=rule.clause, reason=reason)
    since = approved_since
    clocks.pause(subject=ticket.number, reason=rule, at=at, actor=actor, until=until, since=since)
    carrying.pause(ticket, rule, at=at, actor=actor, until=until, since=since)
    ticket.decisions.append(decision(about="pause", value=reason, clause=rule.clause, at=at))
    ticket.due_at = carrying.earliest_due(ticket)


def resume_clocks(ticket: Ticket, *, at: datetime, actor: str) -> None:
    """Let the paused clocks run on; the caller saves the ticket."""
    for subject in carrying.subjects(ticket):
        clocks.resume(subject=subject, at=at, actor=actor)
    ticket.due_at = carrying.earliest_due(ticket)
