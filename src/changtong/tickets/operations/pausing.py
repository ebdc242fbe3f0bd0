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


# The pause reason of every edition that stands for waiting for the applicant.
AWAITING_CUSTOMER = "customer_information"


@transaction.atomic
def pause(*, number: str, reason: str, note: str, actor: str, at: datetime) -> Ticket:
    """
    Set a ticket aside; promise clocks pause, legal clocks run on.

    :raises Refused: ``ticket.cannot_move``
    :raises Missing: ``pause.not_allowed``
    """
    ticket = queries.locked(number)
    before = ticket.state
    ticket.state = lifecycle.move(current=State(before), wanted=State.HELD)
    ticket.state_before = before
    pause_clocks(ticket, reason=reason, at=at, actor=actor)
    ticket.save(update_fields=["state", "state_before", "decisions", "due_at"])
    journal.record(
        tag="ticket.paused", subject=number, actor=actor, at=at, reason=reason, note=note
    )
    return ticket


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


def pause_clocks(ticket: Ticket, *, reason: str, at: datetime, actor: str) -> None:
    """
    Pause what the standard lets this reason pause; the caller saves the ticket.

    :raises Missing: ``pause.not_allowed``
    """
    rule = standard.read(ticket.edition_id).pause_reason(reason, kind=ticket.kind)
    clocks.pause(subject=ticket.number, reason=rule, at=at, actor=actor)
    ticket.decisions.append(decision(about="pause", value=reason, clause=rule.clause, at=at))
    ticket.due_at = clock_queries.running_earliest_due(ticket.number)


def resume_clocks(ticket: Ticket, *, at: datetime, actor: str) -> None:
    """Let the paused clocks run on; the caller saves the ticket."""
    clocks.resume(subject=ticket.number, at=at, actor=actor)
    ticket.due_at = clock_queries.running_earliest_due(ticket.number)
