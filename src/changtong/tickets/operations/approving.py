"""Ask a second person to approve a pause, where the standard demands it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import PauseRequest, Ticket
from changtong.tickets.operations import pausing


CLOCKWORK = "system:tickets"


@transaction.atomic
def request(*, number: str, reason: str, note: str, actor: str, at: datetime) -> PauseRequest:
    """
    Ask for a pause that somebody else must approve; until then every clock runs on.

    :raises Refused: ``ticket.cannot_move``, ``pause_request.not_needed``,
        ``pause_request.open_already``, ``pause_request.unreasoned``
    :raises Missing: ``pause.not_allowed``
    """
    ticket = queries.locked(number)
    rule = standard.read(ticket.edition_id).pause_reason(reason, kind=ticket.kind)
    if rule.approved_within is None:
        raise Refused("pause_request.not_needed", clause=rule.clause)
    lifecycle.move(current=State(ticket.state), wanted=State.HELD)
    if not note.strip():
        raise Refused("pause_request.unreasoned", clause=rule.clause)
    if open_ := queries.open_pause_request(ticket):
        if at <= open_.expires_at:
            raise Refused("pause_request.open_already", clause=rule.clause)
        _lapse(open_, ticket)
    asked = PauseRequest.objects.create(
        ticket=ticket,
        reason=reason,
        clause=rule.clause,
        note=note.strip(),
        requested_by=actor,
        requested_at=at,
        expires_at=at + rule.approved_within,
    )
    journal.record(
        tag="pause.requested",
        subject=number,
        actor=actor,
        at=at,
        request=asked.pk,
        reason=reason,
        clause=rule.clause,
        expires_at=asked.expires_at.isoformat(),
    )
    return asked


@transaction.atomic
def approve(*, number: str, actor: str, at: datetime, answer: str = "") -> Ticket:
    """
    Approve the pause that was asked for: it counts from when it was asked for.

    :raises Refused: ``pause_request.none``, ``pause_request.own``, ``pause_request.lapsed``,
        ``ticket.cannot_move``, ``clock.pause_used_up``
    """
    ticket, asked = _open(number, actor=actor)
    if at > asked.expires_at:
        raise Refused("pause_request.lapsed", clause=asked.clause)
    _decide(asked, PauseRequest.State.APPROVED, answer=answer, actor=actor, at=at)
    pausing.set_aside(
        ticket,
        reason=asked.reason,
        note=asked.note,
        actor=actor,
        at=at,
        approved_since=asked.requested_at,
    )
    return ticket


@transaction.atomic
def reject(*, number: str, answer: str, actor: str, at: datetime) -> PauseRequest:
    """
    Reject the pause that was asked for, with a reason; nothing was paused.

    :raises Refused: ``pause_request.none``, ``pause_request.own``, ``pause_request.unreasoned``
    """
    _ticket, asked = _open(number, actor=actor)
    if not answer.strip():
        raise Refused("pause_request.unreasoned", clause=asked.clause)
    _decide(asked, PauseRequest.State.REJECTED, answer=answer, actor=actor, at=at)
    return asked


def lapse_requests(*, at: datetime) -> int:
    """End what nobody has decided in time, each when its time was over; return how many."""
    found = PauseRequest.objects.filter(state=PauseRequest.State.OPEN, expires_at__lt=at)
    numbers = list(found.order_by("expires_at").values_list("ticket__number", flat=True))
    return sum(_lapse_one(number, at=at) for number in numbers)


@transaction.atomic
def _lapse_one(number: str, *, at: datetime) -> bool:
    ticket = queries.locked(number)
    asked = queries.open_pause_request(ticket)
    if asked is None or asked.expires_at >= at:
        return False
    _lapse(asked, ticket)
    return True


def _lapse(asked: PauseRequest, ticket: Ticket) -> None:
    asked.ticket = ticket
    _decide(asked, PauseRequest.State.LAPSED, answer="", actor=CLOCKWORK, at=asked.expires_at)


def _open(number: str, *, actor: str) -> tuple[Ticket, PauseRequest]:
    """Return a locked ticket and the request that somebody else made for it."""
    ticket = queries.locked(number)
    asked = queries.open_pause_request(ticket)
    if asked is None:
        raise Refused("pause_request.none")
    if asked.requested_by == actor:
        raise Refused("pause_request.own", clause=asked.clause)
    return ticket, asked


def _decide(
    asked: PauseRequest, state: PauseRequest.State, *, answer: str, actor: str, at: datetime
) -> None:
    asked.state, asked.answer = state, answer.strip()
    asked.decided_by, asked.decided_at = actor, at
    asked.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    journal.record(
        tag=f"pause.{state.value}",
        subject=asked.ticket.number,
        actor=actor,
        at=at,
        request=asked.pk,
        reason=asked.reason,
        clause=asked.clause,
        requested_by=asked.requested_by,
        requested_at=asked.requested_at.isoformat(),
    )
