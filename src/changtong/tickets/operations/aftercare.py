"""What is still owed once a matter is resolved: the permanent repair, and a call back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from changtong.clocks import queries as clocks
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.models import LogEntry, Ticket
from changtong.tickets.operations import timing


PERMANENT_REPAIR = "permanent_repair"
CALLBACK = "callback"


def note_provisional(ticket: Ticket, *, because: str, actor: str, at: datetime) -> None:
    """
    Put down what restored the service for the time being, and why not for good.

    :raises Refused: ``repair.not_provisional``, ``repair.unreasoned``
    """
    found = (one for one in timing.applicable(ticket) if one.starts_on == "repair.provisional")
    limit = next(found, None)
    if limit is None:
        raise Refused("repair.not_provisional", kind=ticket.kind)
    if not because:
        raise Refused("repair.unreasoned", clause=limit.clause)
    _log(ticket, "note", because, {"repair": "provisional"}, actor=actor, at=at)
    journal.record(
        tag="repair.provisional", subject=ticket.number, actor=actor, at=at, clause=limit.clause
    )


@transaction.atomic
def complete_repair(*, number: str, text: str, actor: str, at: datetime) -> Ticket:
    """
    Note that what was restored provisionally is repaired for good.

    :raises Refused: ``repair.empty``, ``repair.not_owed``
    """
    ticket = queries.locked(number)
    clause = _owed(ticket, PERMANENT_REPAIR, "repair.not_owed")
    if not text.strip():
        raise Refused("repair.empty", clause=clause)
    _log(ticket, "note", text.strip(), {"repair": "permanent"}, actor=actor, at=at)
    timing.mark(ticket, "repair.completed", at=at, actor=actor)
    ticket.save(update_fields=["due_at"])
    journal.record(tag="repair.completed", subject=number, actor=actor, at=at, clause=clause)
    return ticket


@transaction.atomic
def call_back(*, number: str, reached: bool, text: str, actor: str, at: datetime) -> Ticket:
    """
    Note a call back: the applicant was reached, or it was one more attempt in vain.

    After as many attempts as the standard asks for the duty ends without them.

    :raises Refused: ``callback.empty``, ``callback.not_owed``
    """
    ticket = queries.locked(number)
    clause = _owed(ticket, CALLBACK, "callback.not_owed")
    if not text.strip():
        raise Refused("callback.empty", clause=clause)
    attempt = queries.callbacks_since(ticket, since=ticket.resolved_at) + 1
    details = {"callback": "reached" if reached else "missed", "attempt": attempt}
    _log(ticket, "call", text.strip(), details, actor=actor, at=at)
    rule = standard.read(ticket.edition_id).callback(kind=ticket.kind)
    if reached or (rule is not None and attempt >= rule.attempts_at_most):
        timing.mark(ticket, "callback.made", at=at, actor=actor)
        ticket.save(update_fields=["due_at"])
        tag = "callback.made"
    else:
        tag = "callback.attempted"
    journal.record(
        tag=tag,
        subject=number,
        actor=actor,
        at=at,
        clause=clause,
        reached=reached,
        attempt=attempt,
    )
    return ticket


def _owed(ticket: Ticket, metric: str, refusal: str) -> str:
    """Return the clause of a limit that runs."""
    for clock in clocks.of(ticket.number):
        if clock.is_open and clock.metric == metric:
            return clock.clause
    raise Refused(refusal, state=ticket.state)


def _log(
    ticket: Ticket,
    type_: str,
    text: str,
    details: Mapping[str, object],
    *,
    actor: str,
    at: datetime,
) -> None:
    LogEntry.objects.create(
        ticket=ticket, type=type_, text=text, details=dict(details), actor=actor, happened_at=at
    )
