"""Write down a piece of work with its bookings, and end it: what the other operations share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from changtong.dispatch.domain import lifecycle
from changtong.dispatch.domain.lifecycle import State
from changtong.dispatch.domain.slots import Slot
from changtong.dispatch.models import Booking, WorkOrder
from changtong.dispatch.operations import alarming
from changtong.dispatch.queries.candidates import Work
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.kernel.ids import dated_number
from changtong.tickets.operations import holding, working


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


OPEN_WORK_ORDER = "open_work_order"
BOOKED_ONCE = frozenset({"booking_person_once", "booking_resource_once"})


def issue(
    ticket: Ticket,
    work: Work,
    *,
    team_id: int | None,
    staff_id: int | None,
    slot: Slot | None,
    reason: Mapping[str, object],
    actor: str,
    at: datetime,
) -> WorkOrder:
    """
    Give a ticket's work to somebody, book what it takes and keep the ticket from closing.

    :raises Refused: ``assignment.booked``, ``assignment.complained_of``, ``ticket.cannot_move``
    """
    work_order = WorkOrder.objects.create(
        number=_next_number(at),
        ticket_id=ticket.pk,
        ticket_number=ticket.number,
        team_id=team_id,
        technician_id=staff_id,
        mode=work.category.mode,
        work_for=work.category.work_for,
        planned=range_of(slot),
        issued_at=at,
        reason=dict(reason),
        clause=work.needs.clause,
    )
    working.assign(
        number=ticket.number,
        team_id=team_id,
        assignee_id=staff_id,
        clause=work.needs.clause,
        actor=actor,
        at=at,
        why={"work_order": work_order.number, **_summary(reason)},
        visit=work_order.mode == "field" and work.visit_owed_since is None,
    )
    holding.hold(
        number=ticket.number,
        reason=OPEN_WORK_ORDER,
        source=source_of(work_order),
        actor=actor,
        at=at,
    )
    book(work_order, slot, clause=work.needs.booking_clause, actor=actor, at=at)
    alarming.clear(ticket_id=ticket.pk, at=at)
    return work_order


def book(
    work_order: WorkOrder, slot: Slot | None, *, clause: str, actor: str, at: datetime
) -> None:
    """
    Book the person and the resources of a visit or a meeting, all or nothing.

    :raises Refused: ``assignment.booked``
    """
    if slot is None or not (work_order.mode == "field" or slot.options):
        return
    period = range_of(slot)
    bookings = [
        Booking(work_order=work_order, resource_id=option.id, period=period)
        for option in slot.options
    ]
    if work_order.technician_id is not None:
        bookings.append(
            Booking(work_order=work_order, staff_id=work_order.technician_id, period=period)
        )
    with refusing_double_booking(clause):
        Booking.objects.bulk_create(bookings)
    journal.record(
        tag="visit.planned",
        subject=work_order.ticket_number,
        actor=actor,
        at=at,
        work_order=work_order.number,
        mode=work_order.mode,
        staff=work_order.technician_id,
        starts_at=slot.period.start.isoformat(),
        ends_at=slot.period.end.isoformat() if slot.period.end else None,
        resources=[option.code for option in slot.options],
    )


def end(
    work_order: WorkOrder, wanted: State, *, because: str, actor: str, at: datetime
) -> WorkOrder:
    """
    End a piece of work, give back its bookings and let the ticket go.

    :raises Refused: ``work_order.cannot_move``
    """
    work_order.state = lifecycle.move(current=State(work_order.state), wanted=wanted).value
    work_order.ended_at = at
    work_order.ended_because = because[:200]
    work_order.kept_until = None
    work_order.save(update_fields=["state", "ended_at", "ended_because", "kept_until"])
    give_back(work_order, at=at)
    alarming.clear(ticket_id=work_order.ticket_id, at=at)
    holding.lift(number=work_order.ticket_number, source=source_of(work_order), actor=actor, at=at)
    journal.record(
        tag=f"work_order.{wanted.value}",
        subject=work_order.ticket_number,
        actor=actor,
        at=at,
        work_order=work_order.number,
        staff=work_order.technician_id,
        because=because,
    )
    return work_order


def give_back(work_order: WorkOrder, *, at: datetime) -> None:
    """Free what is booked: what was used keeps its real times, what was only planned goes."""
    active = work_order.bookings.filter(active=True)
    if work_order.started_at is not None and work_order.started_at < at:
        active.update(active=False, period=DateTimeTZRange(work_order.started_at, at))
    else:
        active.delete()


def displace(work_order: WorkOrder, *, by: WorkOrder, actor: str, at: datetime) -> None:
    """
    Take planned work out of the way of what begins now; it gets another time by reaction.

    Only its bookings are touched: its ticket may be locked by somebody who waits for us.
    """
    give_back(work_order, at=at)
    journal.record(
        tag="visit.displaced",
        subject=work_order.ticket_number,
        actor=actor,
        at=at,
        work_order=work_order.number,
        staff=work_order.technician_id,
        by=by.number,
        clause=by.clause,
    )


@contextmanager
def refusing_double_booking(clause: str) -> Iterator[None]:
    """
    Turn the database's last guard into the refusal that earlier checks would have given.

    :raises Refused: ``assignment.booked``
    """
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        constraint = getattr(diagnosis, "constraint_name", None)
        if constraint not in BOOKED_ONCE:
            raise
        what = "person" if constraint == "booking_person_once" else "resource"
        raise Refused("assignment.booked", clause=clause, what=what) from error


def source_of(work_order: WorkOrder) -> str:
    """Return how a work order signs its hold."""
    return f"work_order:{work_order.number}"


def _summary(reason: Mapping[str, object]) -> dict[str, object]:
    """Return what of the reason belongs in the sealed journal; the rest is with the work order."""
    return {
        key: reason[key] for key in ("by", "chosen", "counts", "note", "despite") if key in reason
    }


def range_of(slot: Slot | None) -> DateTimeTZRange | None:
    """Return a slot's time as the database keeps it."""
    return DateTimeTZRange(slot.period.start, slot.period.end) if slot else None


def _next_number(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('work_order_number')")
        (serial,) = cursor.fetchone()
    return dated_number("PD", at.astimezone(ZoneInfo(settings.TIME_ZONE)).date(), serial)
