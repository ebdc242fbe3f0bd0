"""Work orders: who does what, why them, and how far they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import P, QueryEx, Router, Status

from changtong.dispatch.operations import alarming, assigning, visiting
from changtong.dispatch.queries import orders
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.tickets import queries as tickets
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.paging import LIMIT_AT_MOST
from changtong.web.api.v1 import schemas


router = Router(tags=["dispatch"])


def body(work_order: Any) -> dict[str, Any]:
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
        "reason": work_order.reason,
    }


def _ticket(request: HttpRequest, number: str) -> tuple[str, str, datetime]:
    """Return number, actor and time of a change to a ticket that the viewer may see."""
    viewer = viewer_of(request)
    return tickets.by_number(viewer, number).number, viewer.actor, now()


def _in_sight(request: HttpRequest, given: schemas.Assignment) -> None:
    """Check that the person or team is the viewer's to give work to."""
    parties.require_in_sight(viewer_of(request), staff_id=given.staff_id, team_id=given.team_id)


def _answer(request: HttpRequest, made: Any) -> Status[dict[str, Any]]:
    """Answer with the work order, or 202 with the alarm that nobody was available."""
    if hasattr(made, "raised_at"):
        return Status(202, {"ticket": made.ticket_number, "reasons": made.reasons})
    return Status(201, body(orders.by_number(viewer_of(request), made.number)))


ASSIGNED: dict[Any, Any] = {201: schemas.WorkOrderBody, 202: schemas.AlarmBody, **PROBLEMS}


@router.post(
    "/tickets/{number}/assignment",
    response=ASSIGNED,
    summary="Assign, automatically unless a person or team is given",
    auth=needs("dispatch.assign"),
)
def assign(request: HttpRequest, number: str, given: schemas.Assignment) -> Status[dict[str, Any]]:
    number, actor, at = _ticket(request, number)
    _in_sight(request, given)
    if given.staff_id is None and given.team_id is None:
        return _answer(request, assigning.assign_automatically(number=number, actor=actor, at=at))
    made = assigning.assign_to(number=number, actor=actor, at=at, **given.dict())
    return _answer(request, made)


@router.post(
    "/tickets/{number}/reassignment",
    response=ASSIGNED,
    summary="Give the ticket to somebody else",
    auth=needs("dispatch.assign"),
)
def reassign(
    request: HttpRequest, number: str, given: schemas.Assignment
) -> Status[dict[str, Any]]:
    number, actor, at = _ticket(request, number)
    _in_sight(request, given)
    made = assigning.reassign(number=number, actor=actor, at=at, **given.dict())
    return _answer(request, made)


@router.post(
    "/tickets/{number}/claim",
    response={201: schemas.WorkOrderBody, **PROBLEMS},
    summary="Take the ticket oneself",
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
    summary="Its work orders, the newest first",
    auth=needs("tickets.view"),
)
def of_ticket(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    viewer = viewer_of(request)
    found = tickets.by_number(viewer, number)
    return [body(one) for one in orders.of_ticket(viewer, found.number)[:LIMIT_AT_MOST]]


@router.get(
    "/work-orders",
    response={200: list[schemas.WorkOrderBody], **PROBLEMS},
    summary="One's own open work orders, in the order in which they are planned",
    auth=needs("dispatch.claim"),
)
def mine(
    request: HttpRequest, limit: QueryEx[int, P(ge=1, le=LIMIT_AT_MOST)] = 50
) -> list[dict[str, Any]]:
    return [body(one) for one in orders.mine(viewer_of(request))[:limit]]


@router.get(
    "/alarms",
    response={200: list[schemas.AlarmBody], **PROBLEMS},
    summary="Tickets for which nobody was available",
    auth=needs("dispatch.view"),
)
def alarms(
    request: HttpRequest, limit: QueryEx[int, P(ge=1, le=LIMIT_AT_MOST)] = 50
) -> list[dict[str, Any]]:
    found = orders.alarms(viewer_of(request))[:limit]
    return [{"ticket": one.ticket_number, "reasons": one.reasons} for one in found]


@router.post(
    "/tickets/{number}/alarm/acknowledgement",
    response={200: schemas.AlarmBody, **PROBLEMS},
    summary="Acknowledge the alarm",
    auth=needs("dispatch.assign"),
)
def acknowledge(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = _ticket(request, number)
    alarm = alarming.acknowledge_alarm(number=number, actor=actor, at=at)
    return {"ticket": alarm.ticket_number, "reasons": alarm.reasons}


def _move(
    request: HttpRequest, number: str, change: Callable[..., Any], **more: Any
) -> dict[str, Any]:
    viewer = viewer_of(request)
    found = orders.by_number(viewer, number)
    change(number=found.number, actor=viewer.actor, at=now(), **more)
    return body(orders.by_number(viewer, number))


MOVED: dict[Any, Any] = {200: schemas.WorkOrderBody, **PROBLEMS}


@router.post(
    "/work-orders/{number}/start", response=MOVED, summary="Begin", auth=needs("tickets.work")
)
def start(request: HttpRequest, number: str) -> dict[str, Any]:
    return _move(request, number, visiting.start)


@router.post(
    "/work-orders/{number}/arrival", response=MOVED, summary="Arrive", auth=needs("tickets.work")
)
def arrive(request: HttpRequest, number: str) -> dict[str, Any]:
    return _move(request, number, visiting.arrive)


@router.post(
    "/work-orders/{number}/completion",
    response=MOVED,
    summary="Finish",
    auth=needs("tickets.work"),
)
def complete(request: HttpRequest, number: str) -> dict[str, Any]:
    return _move(request, number, visiting.complete)


@router.post(
    "/work-orders/{number}/cancellation",
    response=MOVED,
    summary="Give up; the ticket waits for somebody again",
    auth=needs("tickets.work"),
)
def cancel(request: HttpRequest, number: str, given: schemas.Reasoned) -> dict[str, Any]:
    return _move(request, number, visiting.cancel, reason=given.reason)
