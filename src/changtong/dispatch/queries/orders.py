"""Work orders and alarms, as far as a viewer may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from changtong.dispatch.models import UNARRIVED, UNFINISHED, Alarm, Booking, WorkOrder
from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


LISTED_AT_MOST = 200
# What an alarm is about that only an arrival or another time ends.
MISSED = "missed"


def visible_to(viewer: Viewer) -> QuerySet[WorkOrder]:
    """Return the work orders of the tickets that the viewer may see, and their own."""
    visible = Q(ticket__in=tickets.visible_to(viewer).values("pk"))
    if viewer.staff_id is not None and viewer.may("dispatch.own"):
        visible |= Q(technician_id=viewer.staff_id) & ~Q(ticket__complained_of_id=viewer.staff_id)
    return WorkOrder.objects.filter(visible)


def by_number(viewer: Viewer, number: str) -> WorkOrder:
    """
    Return one work order that the viewer may see, with what a page about it shows.

    :raises Missing: ``work_order.unknown``, the same whether it is foreign or does not exist
    """
    work_order = _shown(visible_to(viewer)).filter(number=number).first()
    if work_order is None:
        raise Missing("work_order.unknown", number=number)
    return work_order


def unfinished(viewer: Viewer) -> QuerySet[WorkOrder]:
    """Return open work orders, the oldest first."""
    return _shown(visible_to(viewer)).filter(UNFINISHED).order_by("issued_at", "id")


def mine(viewer: Viewer) -> QuerySet[WorkOrder]:
    """Return the viewer's own open work orders, in the order in which they are planned."""
    return (
        _shown(WorkOrder.objects.filter(UNFINISHED, technician_id=viewer.staff_id or 0))
        .exclude(ticket__complained_of_id=viewer.staff_id or 0)
        .order_by("planned__startswith", "issued_at", "id")
    )


def of_ticket(viewer: Viewer, number: str) -> QuerySet[WorkOrder]:
    """Return all work orders of a ticket, the newest first."""
    return _shown(visible_to(viewer)).filter(ticket_number=number).order_by("-id")


def bookings_of(number: str) -> QuerySet[Booking]:
    """Return everything that was ever booked for the work orders of a ticket, the first first."""
    return Booking.objects.filter(work_order__ticket_number=number).order_by("id")


def alarms(viewer: Viewer) -> QuerySet[Alarm]:
    """Return the open alarms of the viewer's tickets, unacknowledged and older ones first."""
    if not viewer.may("dispatch.view"):
        return Alarm.objects.none()
    return (
        Alarm.objects.filter(cleared_at=None, ticket__in=tickets.visible_to(viewer).values("pk"))
        .select_related("ticket__region")
        .order_by("acknowledged_at", "raised_at", "id")
    )


def locked(number: str) -> WorkOrder:
    """
    Return the work order, locked until the transaction ends.

    :raises Missing: ``work_order.unknown``
    """
    work_order = WorkOrder.objects.select_for_update().filter(number=number).first()
    if work_order is None:
        raise Missing("work_order.unknown", number=number)
    return work_order


def locked_with_ticket(number: str) -> tuple[Ticket, WorkOrder]:
    """
    Return a work order after its ticket, locked in the order in which everybody locks them.

    :raises Missing: ``work_order.unknown``
    """
    ticket = tickets.locked(ticket_number_of(number))
    return ticket, locked(number)


def ticket_number_of(number: str) -> str:
    """
    Return the number of the ticket that a work order belongs to.

    :raises Missing: ``work_order.unknown``
    """
    found = WorkOrder.objects.filter(number=number).values_list("ticket_number").first()
    if found is None:
        raise Missing("work_order.unknown", number=number)
    return str(found[0])


def open_among(tickets: Sequence[int]) -> dict[int, WorkOrder]:
    """Return the work that is open on each of the tickets, with who does it."""
    rows = WorkOrder.objects.filter(UNFINISHED, ticket__in=tickets).order_by("id")
    return {row.ticket_id: row for row in rows.select_related("technician", "team")}


def open_of(ticket_id: int) -> WorkOrder | None:
    """Return a ticket's open work order; the ticket's lock protects it."""
    return WorkOrder.objects.filter(UNFINISHED, ticket_id=ticket_id).first()


def open_alarm_of(ticket_id: int) -> Alarm | None:
    """Return a ticket's open alarm."""
    return Alarm.objects.filter(ticket_id=ticket_id, cleared_at=None).first()


def alarms_to_retry() -> list[str]:
    """Return the tickets with open alarms, those tried longest ago first."""
    rows = Alarm.objects.filter(cleared_at=None).exclude(reasons__by=MISSED)
    rows = rows.order_by("tried_at", "id")
    return list(rows.values_list("ticket_number", flat=True)[:LISTED_AT_MOST])


def tickets_of(staff_id: int) -> list[str]:
    """Return the tickets on which somebody has open work."""
    rows = WorkOrder.objects.filter(UNFINISHED, technician_id=staff_id).order_by("id")
    return list(rows.values_list("ticket_number", flat=True))


def kept_too_long(*, at: datetime) -> list[str]:
    """Return the numbers of visits that a pause has kept until now or before, oldest first."""
    rows = WorkOrder.objects.filter(kept_until__lte=at).order_by("kept_until", "id")
    return list(rows.values_list("number", flat=True)[:LISTED_AT_MOST])


def late(*, at: datetime) -> list[WorkOrder]:
    """Return visits that should have begun, without arrival and alarm, the oldest first."""
    alarmed = Alarm.objects.filter(cleared_at=None).values("ticket_id")
    rows = WorkOrder.objects.filter(UNARRIVED, planned__startswith__lt=at).exclude(
        ticket_id__in=alarmed
    )
    return list(rows.select_related("ticket").order_by("planned__startswith")[:LISTED_AT_MOST])


def unclaimed(*, at: datetime) -> list[WorkOrder]:
    """Return what teams were given and nobody has claimed, without alarm, the oldest first."""
    alarmed = Alarm.objects.filter(cleared_at=None).values("ticket_id")
    rows = WorkOrder.objects.filter(UNFINISHED, technician=None, issued_at__lte=at).exclude(
        ticket_id__in=alarmed
    )
    return list(rows.select_related("ticket").order_by("issued_at", "id")[:LISTED_AT_MOST])


def _shown(rows: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    return rows.select_related("ticket", "team", "technician").prefetch_related(
        "bookings__resource"
    )
