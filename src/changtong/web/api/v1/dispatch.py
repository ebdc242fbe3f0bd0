"""Work orders: who does what, why them, and how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import P, QueryEx, Router, Status

from changtong.dispatch.operations import alarming, appointing, assigning, visiting
from changtong.dispatch.queries import appointments, orders
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.tickets import queries as tickets
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.paging import LIMIT_AT_MOST
from changtong.web.api.v1 import naming
from changtong.web.api.v1.naming import Names
from changtong.web.api.v1.schemas import dispatch as schemas
from changtong.web.api.v1.schemas import shared


router = Router(tags=["dispatch"])


def body(work_order: Any, names: Names | None = None) -> dict[str, Any]:
    """Return a work order with the reasons for its choice."""
    planned = work_order.planned
    return {
        "number": work_order.number,
        "ticket": work_order.ticket_number,
        "state": work_order.state,
        "mode": work_order.mode,
        "team": work_order.team.code if work_order.team else None,
        "technician": work_order.technician.number if work_order.technician else None,
        "starts_at": planned.lower if planned else None,
        "ends_at": planned.upper if planned else None,
        "clause": work_order.clause,
        "reason": (names or naming.of([work_order.reason])).said(work_order.reason),
    }


def bodies(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Return work orders, asking for the names in all their reasons at once."""
    listed = list(found)
    names = naming.of([one.reason for one in listed])
    return [body(one, names) for one in listed]


def alarm_body(alarm: Any, names: Names | None = None) -> dict[str, Any]:
    """Return an alarm with why nobody could be given the ticket."""
    return {
        "ticket": alarm.ticket_number,
        "raised_at": alarm.raised_at,
        "tried_at": alarm.tried_at,
        "acknowledged_at": alarm.acknowledged_at,
        "clause": alarm.clause,
        "reasons": (names or naming.of([alarm.reasons])).said(alarm.reasons),
    }


def _ticket(request: HttpRequest, number: str) -> tuple[str, str, datetime]:
    """Return number, actor and time of a change to a ticket that the viewer may see."""
    viewer = viewer_of(request)
    return tickets.by_number(viewer, number).number, viewer.actor, now()


def _named(request: HttpRequest, given: schemas.Assignment) -> dict[str, Any]:
    """
    Return the person or team meant, among those who are the viewer's to give work to.

    :raises Missing: ``staff.unknown``, ``team.unknown``
    """
    viewer = viewer_of(request)
    found: dict[str, Any] = {"staff_id": None, "team_id": None, "reason": given.reason}
    if given.staff_number:
        seen = parties.staff_visible_to(viewer)
        person = seen.filter(number__iexact=given.staff_number).first()
        if person is None:
            raise Missing("staff.unknown", staff=given.staff_number)
        found["staff_id"] = person.pk
    if given.team_code:
        team = parties.teams_visible_to(viewer).filter(code=given.team_code).first()
        if team is None:
            raise Missing("team.unknown", team=given.team_code)
        found["team_id"] = team.pk
    return found


def _answer(request: HttpRequest, made: Any) -> Status[dict[str, Any]]:
    """Answer with the work order, or 202 with the alarm that nobody was available."""
    if hasattr(made, "raised_at"):
        return Status(202, alarm_body(made))
    return Status(201, body(orders.by_number(viewer_of(request), made.number)))


ASSIGNED: dict[Any, Any] = {201: schemas.WorkOrderBody, 202: schemas.AlarmBody, **PROBLEMS}


@router.post(
    "/tickets/{number}/assignment",
    response=ASSIGNED,
    summary="派单 · Assign, automatically unless a person or team is given",
    auth=needs("dispatch.assign"),
)
def assign(request: HttpRequest, number: str, given: schemas.Assignment) -> Status[dict[str, Any]]:
    number, actor, at = _ticket(request, number)
    named = _named(request, given)
    if not given.staff_number and not given.team_code:
        return _answer(request, assigning.assign_automatically(number=number, actor=actor, at=at))
    return _answer(request, assigning.assign_to(number=number, actor=actor, at=at, **named))


@router.post(
    "/tickets/{number}/reassignment",
    response=ASSIGNED,
    summary="改派 · Give the ticket to somebody else",
    auth=needs("dispatch.assign"),
)
def reassign(
    request: HttpRequest, number: str, given: schemas.Assignment
) -> Status[dict[str, Any]]:
    number, actor, at = _ticket(request, number)
    named = _named(request, given)
    return _answer(request, assigning.reassign(number=number, actor=actor, at=at, **named))


@router.post(
    "/tickets/{number}/claim",
    response={201: schemas.WorkOrderBody, **PROBLEMS},
    summary="接单 · Take the ticket oneself",
    auth=needs("dispatch.claim"),
)
def claim(request: HttpRequest, number: str) -> Status[dict[str, Any]]:
    number, actor, at = _ticket(request, number)
    staff_id = viewer_of(request).staff_id
    if staff_id is None:
        raise PermissionDenied
    return _answer(request, assigning.claim(number=number, staff_id=staff_id, actor=actor, at=at))


@router.get(
    "/tickets/{number}/work-orders",
    response={200: list[schemas.WorkOrderBody], **PROBLEMS},
    summary="工单的派工单 · Its work orders, the newest first",
    auth=needs("tickets.view"),
)
def of_ticket(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    viewer = viewer_of(request)
    found = tickets.by_number(viewer, number)
    return bodies(orders.of_ticket(viewer, found.number)[:LIMIT_AT_MOST])


@router.get(
    "/work-orders",
    response={200: list[schemas.WorkOrderBody], **PROBLEMS},
    summary="派工单列表 · Open work orders: one's own as planned, or all in sight, oldest first",
    auth=needs("tickets.view"),
)
def open_orders(
    request: HttpRequest,
    own: bool = True,
    limit: QueryEx[int, P(ge=1, le=LIMIT_AT_MOST)] = 50,
) -> list[dict[str, Any]]:
    viewer = viewer_of(request)
    return bodies((orders.mine(viewer) if own else orders.unfinished(viewer))[:limit])


@router.get(
    "/work-orders/{number}",
    response={200: schemas.WorkOrderBody, **PROBLEMS},
    summary="一张派工单 · One work order",
    auth=needs("tickets.view"),
)
def work_order(request: HttpRequest, number: str) -> dict[str, Any]:
    return body(orders.by_number(viewer_of(request), number))


@router.get(
    "/alarms",
    response={200: list[schemas.AlarmBody], **PROBLEMS},
    summary="无人可派告警 · Tickets for which nobody was available",
    auth=needs("dispatch.view"),
)
def alarms(
    request: HttpRequest, limit: QueryEx[int, P(ge=1, le=LIMIT_AT_MOST)] = 50
) -> list[dict[str, Any]]:
    found = list(orders.alarms(viewer_of(request))[:limit])
    names = naming.of([one.reasons for one in found])
    return [alarm_body(one, names) for one in found]


@router.post(
    "/tickets/{number}/alarm/acknowledgement",
    response={200: schemas.AlarmBody, **PROBLEMS},
    summary="确认告警 · Acknowledge the alarm",
    auth=needs("dispatch.assign"),
)
def acknowledge(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = _ticket(request, number)
    alarm = alarming.acknowledge_alarm(number=number, actor=actor, at=at)
    return alarm_body(alarm)


def _move(
    request: HttpRequest, number: str, change: Callable[..., Any], **more: Any
) -> dict[str, Any]:
    viewer = viewer_of(request)
    found = orders.by_number(viewer, number)
    change(number=found.number, actor=viewer.actor, at=now(), **more)
    return body(orders.by_number(viewer, number))


MOVED: dict[Any, Any] = {200: schemas.WorkOrderBody, **PROBLEMS}


@router.post(
    "/work-orders/{number}/start",
    response=MOVED,
    summary="开始派工 · Begin",
    auth=needs("tickets.work"),
)
def start(request: HttpRequest, number: str) -> dict[str, Any]:
    return _move(request, number, visiting.start)


@router.post(
    "/work-orders/{number}/arrival",
    response=MOVED,
    summary="到场 · Arrive",
    auth=needs("tickets.work"),
)
def arrive(request: HttpRequest, number: str) -> dict[str, Any]:
    return _move(request, number, visiting.arrive)


@router.get(
    "/work-orders/{number}/slots",
    response={200: list[schemas.SlotBody], **PROBLEMS},
    summary="可约时段 · Other times at which the same person could come",
    auth=needs("tickets.view"),
)
def slots(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    found = orders.by_number(viewer_of(request), number)
    return [
        {"starts_at": one.period.start, "ends_at": one.period.end}
        for one in appointments.on_offer(found, at=now())
    ]


@router.post(
    "/work-orders/{number}/appointment",
    response=MOVED,
    summary="改约 · Give the visit another time",
    auth=needs("dispatch.assign"),
)
def appointment(request: HttpRequest, number: str, given: schemas.Appointment) -> dict[str, Any]:
    if given.for_customer:
        return _move(request, number, appointing.reschedule, starts_at=given.starts_at)
    return _move(
        request, number, appointing.replan, starts_at=given.starts_at, reason=given.reason
    )


@router.post(
    "/work-orders/{number}/completion",
    response=MOVED,
    summary="完成派工 · Finish",
    auth=needs("tickets.work"),
)
def complete(request: HttpRequest, number: str) -> dict[str, Any]:
    return _move(request, number, visiting.complete)


@router.post(
    "/work-orders/{number}/cancellation",
    response=MOVED,
    summary="退回派工单 · Give up; the ticket waits for somebody again",
    auth=needs("tickets.work"),
)
def cancel(request: HttpRequest, number: str, given: shared.Reasoned) -> dict[str, Any]:
    return _move(request, number, visiting.cancel, reason=given.reason)
