"""Go on with a ticket that came back or waited."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.dispatch.domain import explaining, lifecycle
from changtong.dispatch.domain.choosing import (
    Choice,
    Why,
    overruled,
)
from changtong.dispatch.domain.lifecycle import State as Order
from changtong.dispatch.models import Alarm, WorkOrder
from changtong.dispatch.operations import giving, issuing
from changtong.dispatch.queries import candidates, orders
from changtong.journal import operations as journal
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.operations import working


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


# Whoever has had the matter keeps it, though they may have taken on more since.
KEPT_DESPITE = frozenset({Why.AT_CAPACITY, Why.OUT_OF_REGION})


@transaction.atomic
def assign_again(*, number: str, actor: str, at: datetime) -> WorkOrder | Alarm | None:
    """
    Let whoever had a ticket go on with it by a new work order, or find somebody else.

    Return None if somebody is at work on it already.

    :raises Refused: ``assignment.not_now``
    """
    ticket = tickets.locked(number)
    giving.require_state(ticket, giving.ASSIGNABLE)
    work_order = orders.open_of(ticket.pk)
    if work_order is not None and work_order.state != Order.HELD:
        return None
    return _anew(ticket, work_order, because="resumed", actor=actor, at=at)


@transaction.atomic
def plan_anew(*, number: str, actor: str, at: datetime) -> WorkOrder | Alarm | None:
    """
    Give a visit that gave way to another one a new time, by a new work order.

    Return None if it has a time already, or has been begun all the same.
    """
    ticket = tickets.locked(number)
    work_order = orders.open_of(ticket.pk)
    if work_order is None or work_order.state != Order.ACKNOWLEDGED:
        return None
    if work_order.bookings.filter(active=True).exists():
        return None
    return _anew(ticket, work_order, because="displaced", actor=actor, at=at)


def _anew(
    ticket: Ticket, work_order: WorkOrder | None, *, because: str, actor: str, at: datetime
) -> WorkOrder | Alarm:
    staff_id, team_id = ticket.assignee_id, ticket.team_id
    if work_order is not None:
        staff_id, team_id = work_order.technician_id, work_order.team_id
        issuing.end(work_order, Order.CANCELLED, because=because, actor=actor, at=at)
    work = candidates.work_on(ticket, at=at, lock=True)
    if staff_id is not None:
        candidate = candidates.person(staff_id, work, at=at, lock=True)
        one, despite = overruled(candidate, work.needs, at, may=KEPT_DESPITE)
        if one.possible:
            return issuing.issue(
                ticket,
                work,
                team_id=team_id or candidate.team_id,
                staff_id=staff_id,
                slot=one.slot,
                reason=explaining.reason(Choice(one, ()), work.needs, by="again", despite=despite),
                actor=actor,
                at=at,
            )
    if State(ticket.state) is not State.ACCEPTED:
        ticket = working.unassign(number=ticket.number, reason="unavailable", actor=actor, at=at)
    return giving.choose_and_issue(ticket, by="automatic", actor=actor, at=at, work=work)


@transaction.atomic
def take_up(*, number: str, actor: str, at: datetime) -> WorkOrder | Alarm | None:
    """
    Go on with the work of a ticket that waited, or assign it if nobody has it yet.

    Desk work goes on where it stood, and so does a visit that was kept; another visit is
    planned anew. Return None if there is nothing to go on with.
    """
    ticket = tickets.locked(number)
    work_order = orders.open_of(ticket.pk)
    held = work_order is not None and work_order.state == Order.HELD
    waiting = work_order is None and ticket.state == State.ACCEPTED
    if State(ticket.state) not in giving.ASSIGNABLE or not (held or waiting):
        return None
    if work_order is None or work_order.technician_id is None or _is_lost(work_order, at=at):
        return assign_again(number=number, actor=actor, at=at)
    wanted = Order.IN_PROGRESS if work_order.started_at else Order.ACKNOWLEDGED
    work_order.state = lifecycle.move(current=Order.HELD, wanted=wanted).value
    work_order.kept_until = None
    work_order.save(update_fields=["state", "kept_until"])
    journal.record(
        tag="work_order.resumed",
        subject=number,
        actor=actor,
        at=at,
        work_order=work_order.number,
        staff=work_order.technician_id,
    )
    return work_order


def _is_lost(work_order: WorkOrder, *, at: datetime) -> bool:
    """Say whether a visit is not kept: never was, for too long, or another one took its time."""
    if work_order.mode != "field":
        return False
    over = work_order.kept_until is None or work_order.kept_until <= at
    return over or not work_order.bookings.filter(active=True).exists()
