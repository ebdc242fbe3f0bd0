"""Give a visit another time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.clocks import queries as clocks
from changtong.dispatch.domain.choosing import Why
from changtong.dispatch.domain.lifecycle import State
from changtong.dispatch.models import WorkOrder
from changtong.dispatch.operations import alarming, giving, issuing
from changtong.dispatch.queries import appointments, candidates, orders
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.standard import queries as standard
from changtong.tickets.operations import pausing


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


# They have it already: that they have much, or live elsewhere, is no reason against an hour.
KEPT_DESPITE = frozenset({Why.AT_CAPACITY, Why.OUT_OF_REGION, Why.OFF_SHIFT})


@transaction.atomic
def replan(
    *, number: str, starts_at: datetime, reason: str, actor: str, at: datetime
) -> WorkOrder:
    """
    Move a visit or meeting that has not begun to another time, because we need it so.

    :raises Refused: ``work_order.unreasoned``, ``work_order.cannot_move``,
        ``work_order.not_planned``, ``work_order.in_the_past``, ``visit.out_of_hours``,
        ``assignment.unqualified``, ``assignment.booked``
    :raises Missing: ``work_order.unknown``
    """
    if not reason.strip():
        raise Refused("work_order.unreasoned")
    ticket, work_order = orders.locked_with_ticket(number)
    return _move(ticket, work_order, starts_at, because=reason.strip(), actor=actor, at=at)


@transaction.atomic
def reschedule(*, number: str, starts_at: datetime, actor: str, at: datetime) -> WorkOrder:
    """
    Give a visit another time of those on offer, because the customer asks for it.

    Promises wait for a later time as long as the standard allows; the law's limits run on.

    :raises Refused: as `replan`, and ``visit.not_offered``
    :raises Missing: ``work_order.unknown``
    """
    ticket, work_order = orders.locked_with_ticket(number)
    _require_movable(work_order)
    offered = {one.period.start for one in appointments.on_offer(work_order, at=at)}
    if starts_at not in offered:
        clause = standard.read(ticket.edition_id).visit(kind=ticket.kind).clause
        raise Refused("visit.not_offered", clause=clause, starts_at=starts_at)
    before = work_order.planned.lower
    _move(ticket, work_order, starts_at, because="customer", actor=actor, at=at)
    if starts_at > before or clocks.is_paused(ticket.number):
        pausing.postpone(number=ticket.number, until=starts_at, actor=actor, at=at)
    return work_order


def _move(
    ticket: Ticket,
    work_order: WorkOrder,
    starts_at: datetime,
    *,
    because: str,
    actor: str,
    at: datetime,
) -> WorkOrder:
    _require_movable(work_order)
    if starts_at < at:
        raise Refused("work_order.in_the_past", starts_at=starts_at)
    before = work_order.planned.lower
    staff_id = work_order.technician_id or 0
    candidates.take_turns(ticket, staff_id)
    issuing.give_back(work_order, at=at)
    wanted = Period(starts_at, starts_at + work_order.work_for)
    work = candidates.work_on(ticket, at=at, lock=True, fixed=wanted)
    candidate = candidates.person(staff_id, work, at=at, lock=True)
    one, _ = giving.agreed(candidate, work, at=at, may=KEPT_DESPITE, fixed=True)
    work_order.planned = issuing.range_of(one.slot)
    work_order.save(update_fields=["planned"])
    issuing.book(work_order, one.slot, clause=work.needs.booking_clause, actor=actor, at=at)
    alarming.clear(ticket_id=ticket.pk, at=at)
    journal.record(
        tag="visit.moved",
        subject=ticket.number,
        actor=actor,
        at=at,
        work_order=work_order.number,
        staff=staff_id,
        moved_from=before.isoformat(),
        starts_at=starts_at.isoformat(),
        because=because,
        clause=work.visit.clause if work.visit else work_order.clause,
    )
    return work_order


def _require_movable(work_order: WorkOrder) -> None:
    if work_order.state != State.ACKNOWLEDGED:
        raise Refused("work_order.cannot_move", current=work_order.state, wanted="acknowledged")
    if work_order.technician_id is None or work_order.planned is None:
        raise Refused("work_order.not_planned")
