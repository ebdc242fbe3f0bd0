"""Do the work: begin, arrive, finish, give up, move; and follow what becomes of the ticket."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from changtong.dispatch.domain import lifecycle
from changtong.dispatch.domain.lifecycle import State
from changtong.dispatch.models import Booking, WorkOrder
from changtong.dispatch.operations import alarming, giving, issuing
from changtong.dispatch.queries import candidates, orders
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State as TicketState
from changtong.tickets.operations import pausing, working


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


HANDLED = frozenset({TicketState.ASSIGNED, TicketState.IN_PROGRESS})


@transaction.atomic
def start(*, number: str, actor: str, at: datetime) -> WorkOrder:
    """
    Begin a piece of work; the ticket is in progress from now on.

    :raises Refused: ``work_order.cannot_move``, ``work_order.unclaimed``, ``work_order.busy``,
        ``ticket.cannot_move``
    :raises Missing: ``work_order.unknown``
    """
    ticket, work_order = orders.locked_with_ticket(number)
    _start(ticket, work_order, actor=actor, at=at)
    return work_order


@transaction.atomic
def arrive(*, number: str, actor: str, at: datetime) -> WorkOrder:
    """
    Note that the technician is at the place, beginning the work if it was not begun.

    :raises Refused: as `start`, and ``work_order.not_a_visit``, ``work_order.arrived_already``
    :raises Missing: ``work_order.unknown``
    """
    ticket, work_order = orders.locked_with_ticket(number)
    if work_order.mode != "field":
        raise Refused("work_order.not_a_visit", mode=work_order.mode)
    if work_order.arrived_at is not None:
        raise Refused("work_order.arrived_already", at=work_order.arrived_at)
    if work_order.state != State.IN_PROGRESS:
        _start(ticket, work_order, actor=actor, at=at)
    work_order.arrived_at = at
    work_order.save(update_fields=["arrived_at"])
    alarming.clear(ticket_id=ticket.pk, at=at)
    working.arrive(number=ticket.number, actor=actor, at=at)
    return work_order


@transaction.atomic
def complete(*, number: str, actor: str, at: datetime, note: str = "") -> WorkOrder:
    """
    Finish a piece of work and free what it had booked.

    :raises Refused: ``work_order.cannot_move``
    :raises Missing: ``work_order.unknown``
    """
    _, work_order = orders.locked_with_ticket(number)
    return issuing.end(work_order, State.COMPLETED, because=note, actor=actor, at=at)


@transaction.atomic
def cancel(*, number: str, reason: str, actor: str, at: datetime) -> WorkOrder:
    """
    Give up a piece of work; the best of the others gets it, or an alarm stands.

    :raises Refused: ``work_order.cannot_move``, ``work_order.unreasoned``
    :raises Missing: ``work_order.unknown``
    """
    if not reason.strip():
        raise Refused("work_order.unreasoned")
    ticket, work_order = orders.locked_with_ticket(number)
    candidates.take_turns(ticket, work_order.technician_id)
    issuing.end(work_order, State.CANCELLED, because=reason, actor=actor, at=at)
    if TicketState(ticket.state) in HANDLED:
        ticket = working.unassign(number=ticket.number, reason=reason, actor=actor, at=at)
        giving.choose_and_issue(
            ticket,
            by="cancelled",
            note=reason,
            actor=actor,
            at=at,
            not_to=work_order.technician_id,
        )
    return work_order


@transaction.atomic
def finish(*, number: str, actor: str, at: datetime) -> WorkOrder | None:
    """Complete the open work of a ticket that has been resolved; `number` is the ticket's."""
    return _end_open(number, State.COMPLETED, because="resolved", actor=actor, at=at)


@transaction.atomic
def abandon(*, number: str, because: str, actor: str, at: datetime) -> WorkOrder | None:
    """Cancel the open work of a ticket that has ended otherwise, and its alarm with it."""
    return _end_open(number, State.CANCELLED, because=because, actor=actor, at=at)


@transaction.atomic
def suspend(*, number: str, reason: str, actor: str, at: datetime) -> WorkOrder | None:
    """
    Hold the open work of a ticket that waits, and free the time it had booked.

    Whoever is on site keeps the visit for as long as the standard says for this reason.
    """
    ticket = tickets.locked(number)
    if orders.open_of(ticket.pk) is None:
        return None
    rule = standard.read(ticket.edition_id).pause_reason(reason, kind=ticket.kind)
    return _hold(
        ticket, keeps_visit_for=rule.keeps_visit_for, clause=rule.clause, actor=actor, at=at
    )


@transaction.atomic
def set_aside(*, number: str, clause: str, actor: str, at: datetime) -> WorkOrder | None:
    """Hold the open work of a ticket that another one carries, and free the time it had booked."""
    ticket = tickets.locked(number)
    return _hold(ticket, keeps_visit_for=timedelta(), clause=clause, actor=actor, at=at)


def _hold(
    ticket: Ticket, *, keeps_visit_for: timedelta, clause: str, actor: str, at: datetime
) -> WorkOrder | None:
    work_order = orders.open_of(ticket.pk)
    if work_order is None or work_order.state == State.HELD:
        return None
    work_order.state = lifecycle.move(current=State(work_order.state), wanted=State.HELD).value
    if work_order.arrived_at is not None and keeps_visit_for:
        work_order.kept_until = at + keeps_visit_for
    else:
        alarming.clear(ticket_id=ticket.pk, at=at)
        issuing.give_back(work_order, at=at)
        work_order.planned = None
    work_order.save(update_fields=["state", "planned", "kept_until"])
    journal.record(
        tag="work_order.held",
        subject=ticket.number,
        actor=actor,
        at=at,
        work_order=work_order.number,
        staff=work_order.technician_id,
        kept_until=work_order.kept_until and work_order.kept_until.isoformat(),
        clause=clause,
    )
    return work_order


def _end_open(
    number: str, wanted: State, *, because: str, actor: str, at: datetime
) -> WorkOrder | None:
    ticket = tickets.locked(number)
    alarming.clear(ticket_id=ticket.pk, at=at)
    work_order = orders.open_of(ticket.pk)
    if work_order is None:
        return None
    return issuing.end(work_order, wanted, because=because, actor=actor, at=at)


def _start(ticket: Ticket, work_order: WorkOrder, *, actor: str, at: datetime) -> None:
    if work_order.technician_id is None:
        raise Refused("work_order.unclaimed", number=work_order.number)
    work_order.state = lifecycle.move(
        current=State(work_order.state), wanted=State.IN_PROGRESS
    ).value
    work_order.started_at = at
    if work_order.mode == "field" or work_order.bookings.filter(active=True).exists():
        candidates.take_turns(ticket, work_order.technician_id)
        _occupy(ticket, work_order, actor=actor, at=at)
    work_order.save(update_fields=["state", "started_at"])
    pausing.proceed(number=ticket.number, actor=actor, at=at)
    if ticket.state == TicketState.ASSIGNED:
        working.start(number=ticket.number, actor=actor, at=at)
    journal.record(
        tag="work_order.started",
        subject=ticket.number,
        actor=actor,
        at=at,
        work_order=work_order.number,
        staff=work_order.technician_id,
    )


def _occupy(ticket: Ticket, work_order: WorkOrder, *, actor: str, at: datetime) -> None:
    """
    Move the bookings to the time at which the work really begins, up to what is booked next.

    What was to begin already gives way if it has not begun and is not more urgent.

    :raises Refused: ``work_order.busy``, while the person or a resource is needed elsewhere
    """
    own = list(work_order.bookings.filter(active=True))
    length = own[0].span.length(until=own[0].period.upper) if own else work_order.work_for
    ends_at = at + length
    for other in _overlapping(work_order, own, DateTimeTZRange(at, ends_at)):
        if other.period.lower > at:
            ends_at = min(ends_at, other.period.lower)
            continue
        order = other.work_order
        state, priority = State(order.state), order.ticket.priority
        if not lifecycle.gives_way(state=state, priority=priority, to=ticket.priority):
            raise Refused("work_order.busy", clause=work_order.clause, work_order=order.number)
        issuing.displace(order, by=work_order, actor=actor, at=at)
    with issuing.refusing_double_booking(work_order.clause):
        if own:
            work_order.bookings.filter(active=True).update(period=DateTimeTZRange(at, ends_at))
        else:
            # It gave way itself a moment ago, and is begun all the same.
            Booking.objects.create(
                work_order=work_order,
                staff_id=work_order.technician_id,
                period=DateTimeTZRange(at, ends_at),
            )


def _overlapping(
    work_order: WorkOrder, own: list[Booking], span: DateTimeTZRange
) -> list[Booking]:
    """Return what else the person or the resources of a work order are booked for."""
    taken = Q(staff_id=work_order.technician_id)
    taken |= Q(resource_id__in=[one.resource_id for one in own if one.resource_id])
    others = Booking.objects.filter(taken, active=True, period__overlap=span)
    return list(
        others.exclude(work_order=work_order)
        .select_related("work_order__ticket")
        .order_by("period", "id")
    )
