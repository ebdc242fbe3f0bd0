"""Tickets: open, find, follow and move through the loop."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import P, QueryEx, Router, Status

from changtong.infra.clock import now
from changtong.infra.db import one_transaction
from changtong.intake import operations as intake
from changtong.intake import queries as contacts
from changtong.kernel.errors import Missing, Refused
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import closing as rules
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import (
    aftercare,
    approving,
    asking,
    closing,
    opening,
    pausing,
    working,
)
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.changes import moved, own
from changtong.web.api.v1.schemas import shared
from changtong.web.api.v1.schemas import tickets as schemas


router = Router(tags=["tickets"])

PAGE = 50


def row(ticket: Any) -> dict[str, Any]:
    """Return a ticket as it stands in a list."""
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "state": ticket.state,
        "channel": ticket.channel,
        "title": ticket.title,
        "category": ticket.category,
        "priority": ticket.priority,
        "region": ticket.region.code,
        "family": ticket.family,
        "tier": ticket.tier,
        "team": ticket.team.code if ticket.team else None,
        "assignee": ticket.assignee.number if ticket.assignee else None,
        "due_at": ticket.due_at,
        "opened_at": ticket.opened_at,
        "closed_at": ticket.closed_at,
    }


def body(ticket: Any) -> dict[str, Any]:
    """Return a ticket whole."""
    edition = standard.read(ticket.edition_id)
    contact = ("contact_name", "contact_phone", "contact_email", "address")
    plain = ("description", *contact, "impact", "urgency")
    times = ("wanted_at", "accepted_at", "assigned_at", "responded_at", "resolved_at")
    return {
        **row(ticket),
        **{name: getattr(ticket, name) for name in (*plain, *times)},
        "special_needs": ticket.special_needs,
        "confirmed_at": ticket.confirmed_at,
        "reopened_count": ticket.reopened_count,
        "line": ticket.line.number if ticket.line else None,
        "customer": ticket.customer.number if ticket.customer else None,
        "complained_of": ticket.complained_of.number if ticket.complained_of else None,
        "standard": edition.code,
        "edition": edition.version,
        "decisions": ticket.decisions,
        "answers": ticket.answers or [],
    }


@router.post(
    "",
    response={201: schemas.Opened, **PROBLEMS},
    summary="登记工单 · Open a ticket",
    auth=needs("tickets.open"),
)
def open_ticket(
    request: HttpRequest,
    new: schemas.NewTicket,
) -> Status[schemas.Opened]:
    given = new.dict(
        exclude={
            "line_number",
            "customer_number",
            "region_code",
            "same_as",
            "anyway",
            "complained_of",
        }
    )
    complained_of_id = complained_of(request, new)
    # A refusal ends the request, whose transaction is then rolled back as a whole.
    with one_transaction():
        received = intake.receive(
            report=Report(channel="api", complained_of_id=complained_of_id, **given),
            line_number=new.line_number,
            customer_number=new.customer_number,
            region_code=new.region_code,
            same_as=new.same_as,
            anyway=new.anyway,
            actor=viewer_of(request).actor,
            viewer=viewer_of(request),
            at=now(),
        )
    ticket = received.ticket
    opened = schemas.Opened.model_construct(
        **moved(ticket),
        priority=ticket.priority,
        category=ticket.category,
        joined=received.joined,
    )
    return Status(201, opened)


def complained_of(request: HttpRequest, new: schemas.NewTicket) -> int | None:
    """
    Return whom a complaint is about.

    :raises Refused: ``report.complained_of_no_complaint``
    :raises Missing: ``staff.unknown``
    """
    if not new.complained_of:
        return None
    if new.kind != "complaint":
        raise Refused("report.complained_of_no_complaint", kind=new.kind)
    seen = parties.staff_visible_to(viewer_of(request))
    found = seen.filter(number__iexact=new.complained_of).first()
    if found is None:
        raise Missing("staff.unknown", staff=new.complained_of)
    return found.pk


@router.get(
    "",
    response={200: schemas.TicketPage, **PROBLEMS},
    summary="工单列表 · List tickets",
    auth=needs("tickets.view"),
)
def tickets(
    request: HttpRequest,
    order: QueryEx[str, P(pattern="^(due|newest)$")] = "due",
    state: QueryEx[str, P(max_length=16)] = "",
    kind: QueryEx[str, P(max_length=16)] = "",
    cursor: QueryEx[str | None, P(max_length=200)] = None,
    limit: QueryEx[int, P(ge=1, le=paging.LIMIT_AT_MOST)] = PAGE,
) -> dict[str, Any]:
    viewer = viewer_of(request)
    newest = order == "newest"
    rows = queries.newest(viewer) if newest else queries.unfinished(viewer)
    filters = {name: value for name, value in (("state", state), ("kind", kind)) if value}
    found, following = paging.page(
        rows.filter(**filters).select_related("region", "team", "assignee"),
        field="opened_at" if newest else "due_at",
        descending=newest,
        cursor=cursor,
        limit=limit,
    )
    return {"items": [row(ticket) for ticket in found], "next": following}


@router.get(
    "/{number}",
    response={200: schemas.TicketBody, **PROBLEMS},
    summary="一张工单 · One ticket",
    auth=needs("tickets.view"),
)
def ticket(request: HttpRequest, number: str) -> dict[str, Any]:
    answers = contacts.first_answers()
    return body(queries.by_number(viewer_of(request), number, answers=answers))


@router.post(
    "/{number}/acceptance",
    response={200: shared.Moved, **PROBLEMS},
    summary="受理 · Accept",
    auth=needs("tickets.accept"),
)
def accept(request: HttpRequest, number: str, given: schemas.Acceptance) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(opening.accept(number=number, actor=actor, at=at, **given.dict()))


@router.post(
    "/{number}/rejection",
    response={200: shared.Moved, **PROBLEMS},
    summary="不予受理 · Reject",
    auth=needs("tickets.accept"),
)
def reject(request: HttpRequest, number: str, given: schemas.Rejection) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(opening.reject(number=number, reason=given.reason, actor=actor, at=at))


@router.post(
    "/{number}/reclassification",
    response={200: shared.Moved, **PROBLEMS},
    summary="改分类或优先级 · Reclassify",
    auth=needs("tickets.accept"),
)
def reclassify(
    request: HttpRequest, number: str, given: schemas.Reclassification
) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(opening.reclassify(number=number, actor=actor, at=at, **given.dict()))


@router.post(
    "/{number}/cancellation",
    response={200: shared.Moved, **PROBLEMS},
    summary="撤销 · Withdraw",
    auth=needs("tickets.accept"),
)
def cancel(request: HttpRequest, number: str, given: shared.Reasoned) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(opening.cancel(number=number, reason=given.reason, actor=actor, at=at))


@router.post(
    "/{number}/supplement",
    response={200: shared.Moved, **PROBLEMS},
    summary="请客户补充 · Ask the applicant to add something",
    auth=needs("tickets.work"),
)
def ask(request: HttpRequest, number: str, given: schemas.Question) -> dict[str, Any]:
    number, actor, at = own(request, number)
    supplement = asking.ask(number=number, question=given.question, actor=actor, at=at)
    return moved(supplement.ticket)


@router.post(
    "/{number}/supplement/answer",
    response={200: shared.Moved, **PROBLEMS},
    summary="登记客户补充 · Record the applicant's answer",
    auth=needs("tickets.work"),
)
def answer(request: HttpRequest, number: str, given: shared.Text) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(asking.answer(number=number, text=given.text, actor=actor, at=at))


@router.post(
    "/{number}/start",
    response={200: shared.Moved, **PROBLEMS},
    summary="开始处理 · Begin work",
    auth=needs("tickets.work"),
)
def start(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(working.start(number=number, actor=actor, at=at))


@router.post(
    "/{number}/pause",
    response={200: shared.Moved, **PROBLEMS},
    summary="挂起 · Set aside; promised limits pause",
    auth=needs("tickets.work"),
)
def pause(request: HttpRequest, number: str, given: schemas.Pause) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(pausing.pause(number=number, actor=actor, at=at, **given.dict()))


@router.post(
    "/{number}/pause/request",
    response={200: schemas.PauseRequestBody, **PROBLEMS},
    summary="申请挂起 · Ask for a pause that a second person must approve",
    auth=needs("tickets.work"),
)
def request_pause(request: HttpRequest, number: str, given: schemas.Pause) -> Any:
    number, actor, at = own(request, number)
    return approving.request(number=number, actor=actor, at=at, **given.dict())


@router.get(
    "/{number}/pause/requests",
    response={200: list[schemas.PauseRequestBody], **PROBLEMS},
    summary="挂起申请 · Its requests to pause, the latest first",
    auth=needs("tickets.view"),
)
def pause_requests(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(found.pause_requests.order_by("-id")[: paging.LIMIT_AT_MOST])


@router.post(
    "/{number}/pause/approval",
    response={200: shared.Moved, **PROBLEMS},
    summary="批准挂起 · Approve; the pause counts from its request",
    auth=needs("tickets.approve_pause"),
)
def approve_pause(request: HttpRequest, number: str, given: schemas.PauseAnswer) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(approving.approve(number=number, answer=given.answer, actor=actor, at=at))


@router.post(
    "/{number}/pause/rejection",
    response={200: schemas.PauseRequestBody, **PROBLEMS},
    summary="不批准挂起 · Reject, with a reason",
    auth=needs("tickets.approve_pause"),
)
def reject_pause(request: HttpRequest, number: str, given: schemas.PauseAnswer) -> Any:
    number, actor, at = own(request, number)
    return approving.reject(number=number, answer=given.answer, actor=actor, at=at)


@router.delete(
    "/{number}/pause",
    response={200: shared.Moved, **PROBLEMS},
    summary="恢复处理 · Take up again",
    auth=needs("tickets.work"),
)
def resume(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(pausing.resume(number=number, actor=actor, at=at))


@router.post(
    "/{number}/resolution",
    response={200: shared.Moved, **PROBLEMS},
    summary="提交处理结果 · Resolve",
    auth=needs("tickets.resolve"),
)
def resolve(request: HttpRequest, number: str, given: schemas.Resolution) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(closing.resolve(number=number, actor=actor, at=at, **given.dict()).ticket)


@router.post(
    "/{number}/repair",
    response={200: shared.Moved, **PROBLEMS},
    summary="登记永久修复 · What was restored provisionally is repaired for good",
    auth=needs("tickets.resolve"),
)
def complete_repair(request: HttpRequest, number: str, given: shared.Text) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(aftercare.complete_repair(number=number, text=given.text, actor=actor, at=at))


@router.post(
    "/{number}/callback",
    response={200: shared.Moved, **PROBLEMS},
    summary="登记回访 · Record an attempt to call the applicant back",
    auth=needs("tickets.close"),
)
def call_back(request: HttpRequest, number: str, given: schemas.Callback) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(aftercare.call_back(number=number, actor=actor, at=at, **given.dict()))


@router.get(
    "/{number}/resolutions",
    response={200: list[schemas.ResolutionBody], **PROBLEMS},
    summary="处理结果 · Its results, the latest first",
    auth=needs("tickets.view"),
)
def resolutions(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(found.resolutions.order_by("-id")[: paging.LIMIT_AT_MOST])


@router.get(
    "/{number}/closure",
    response={200: list[schemas.Condition], **PROBLEMS},
    summary="关闭条件 · What the standard demands before it may be closed",
    auth=needs("tickets.view"),
)
def conditions(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    found = queries.by_number(viewer_of(request), number)
    demanded = standard.read(found.edition_id).closing_conditions(kind=found.kind)
    missing = rules.unmet(conditions=demanded, situation=queries.situation(found))
    return [
        {
            "code": one.code,
            "name": one.name,
            "name_en": one.name_en,
            "clause": one.clause,
            "met": one not in missing,
        }
        for one in demanded
    ]


@router.post(
    "/{number}/closure",
    response={200: shared.Moved, **PROBLEMS},
    summary="关闭 · Close",
    auth=needs("tickets.close"),
)
def close(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(closing.close(number=number, actor=actor, at=at))
