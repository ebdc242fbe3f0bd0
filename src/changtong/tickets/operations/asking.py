"""Ask the applicant for what is missing, and take the answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import Supplement, Ticket
from changtong.tickets.operations import pausing


@transaction.atomic
def ask(*, number: str, question: str, actor: str, at: datetime) -> Supplement:
    """
    Ask the applicant to add something; until they do, promise clocks pause.

    :raises Refused: ``ticket.cannot_move``, ``supplement.empty``, ``supplement.too_often``
    """
    if not question.strip():
        raise Refused("supplement.empty")
    ticket = queries.locked(number)
    rule = standard.read(ticket.edition_id).supplement(kind=ticket.kind)
    if ticket.supplements.count() >= rule.asked_at_most:
        raise Refused("supplement.too_often", clause=rule.clause, at_most=rule.asked_at_most)
    before = ticket.state
    ticket.state = lifecycle.move(current=State(before), wanted=State.PENDING)
    ticket.state_before = before
    supplement = Supplement.objects.create(
        ticket=ticket,
        question=question.strip(),
        asked_by=actor,
        asked_at=at,
        due_at=at + rule.answer_within,
        clause=rule.clause,
    )
    try:
        pausing.pause_clocks(ticket, reason=pausing.AWAITING_CUSTOMER, at=at, actor=actor)
    except Refused as refused:
        # The allowance is used up, or somebody would have to approve: we may still ask, but our
        # promise runs on.
        if refused.code not in pausing.RUNS_ON:
            raise
    ticket.save(update_fields=["state", "state_before", "decisions", "due_at"])
    journal.record(
        tag="ticket.supplement_asked",
        subject=number,
        actor=actor,
        at=at,
        supplement=supplement.pk,
        clause=rule.clause,
    )
    return supplement


@transaction.atomic
def answer(*, number: str, text: str, actor: str, at: datetime) -> Ticket:
    """
    Take the applicant's answer and go on where the ticket stood.

    :raises Refused: ``supplement.not_asked``, ``supplement.empty``
    """
    if not text.strip():
        raise Refused("supplement.empty")
    ticket = queries.locked(number)
    supplement = ticket.supplements.filter(answered_at=None).first()
    if supplement is None or ticket.state != State.PENDING:
        raise Refused("supplement.not_asked")
    supplement.answer, supplement.answered_at = text.strip(), at
    supplement.save(update_fields=["answer", "answered_at"])
    ticket.state = lifecycle.back(current=State.PENDING, before=State(ticket.state_before))
    ticket.state_before = ""
    pausing.resume_clocks(ticket, at=at, actor=actor)
    ticket.save(update_fields=["state", "state_before", "due_at"])
    journal.record(
        tag="ticket.supplemented", subject=number, actor=actor, at=at, supplement=supplement.pk
    )
    return ticket
