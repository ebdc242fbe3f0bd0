"""Tickets: open, find, follow and move through the loop."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import File, P, QueryEx, Router, Status
from ninja.files import UploadedFile

from changtong.clocks import queries as clocks
from changtong.feedback.operations import evaluating
from changtong.infra.clock import now
from changtong.infra.db import one_transaction
from changtong.intake import operations as intake
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties import queries as parties
from changtong.tickets import queries
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import asking, closing, opening, pausing, working
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1 import schemas


router = Router(tags=["tickets"])

PAGE = 50
TIMELINE_AT_MOST = 500


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
    plain = ("description", "contact_name", "contact_phone", "contact_email", "impact", "urgency")
    times = ("wanted_at", "accepted_at", "assigned_at", "responded_at", "resolved_at")
    return {
        **row(ticket),
        **{name: getattr(ticket, name) for name in (*plain, *times)},
        "special_needs": ticket.special_needs,
        "confirmed_at": ticket.confirmed_at,
        "reopened_count": ticket.reopened_count,
        "line": ticket.line.number if ticket.line else None,
        "customer": ticket.customer.number if ticket.customer else None,
        "edition": f"{ticket.edition.code} {ticket.edition.version}",
        "decisions": ticket.decisions,
    }


def moved(ticket: Any) -> dict[str, Any]:
    return {"number": ticket.number, "state": ticket.state, "due_at": ticket.due_at}


@router.post(
    "",
    response={201: schemas.Opened, **PROBLEMS},
    summary="Open a ticket",
    auth=needs("tickets.open"),
)
def open_ticket(
    request: HttpRequest,
    new: schemas.NewTicket,
) -> Status[dict[str, Any]]:
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
    return Status(
        201,
        {
            **moved(ticket),
            "priority": ticket.priority,
            "category": ticket.category,
            "joined": received.joined,
        },
    )


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
    summary="List tickets",
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
    summary="One ticket",
    auth=needs("tickets.view"),
)
def ticket(request: HttpRequest, number: str) -> dict[str, Any]:
    return body(queries.by_number(viewer_of(request), number))


@router.get(
    "/{number}/clocks",
    response={200: list[schemas.ClockBody], **PROBLEMS},
    summary="Its clocks",
    auth=needs("tickets.view"),
)
def clocks_of(request: HttpRequest, number: str) -> list[Any]:
    return list(clocks.of(queries.by_number(viewer_of(request), number).number))


@router.get(
    "/{number}/timeline",
    response={200: list[schemas.EntryBody], **PROBLEMS},
    summary="Its journal",
    auth=needs("tickets.view"),
)
def timeline(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(journal.timeline(found.number)[:TIMELINE_AT_MOST])


@router.get(
    "/{number}/log",
    response={200: list[schemas.LogBody], **PROBLEMS},
    summary="Its operation log",
    auth=needs("tickets.view"),
)
def log(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(found.log.order_by("id")[:TIMELINE_AT_MOST])


def _own(request: HttpRequest, number: str) -> tuple[str, str, datetime]:
    """Return number, actor and time of a change to a ticket that the viewer may see."""
    viewer = viewer_of(request)
    return queries.by_number(viewer, number).number, viewer.actor, now()


@router.post(
    "/{number}/acceptance",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Accept",
    auth=needs("tickets.accept"),
)
def accept(request: HttpRequest, number: str, given: schemas.Acceptance) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(opening.accept(number=number, actor=actor, at=at, **given.dict()))


@router.post(
    "/{number}/rejection",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Reject",
    auth=needs("tickets.accept"),
)
def reject(request: HttpRequest, number: str, given: schemas.Rejection) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(opening.reject(number=number, reason=given.reason, actor=actor, at=at))


@router.post(
    "/{number}/reclassification",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Reclassify",
    auth=needs("tickets.accept"),
)
def reclassify(
    request: HttpRequest, number: str, given: schemas.Reclassification
) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(opening.reclassify(number=number, actor=actor, at=at, **given.dict()))


@router.post(
    "/{number}/cancellation",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Withdraw",
    auth=needs("tickets.open"),
)
def cancel(request: HttpRequest, number: str, given: schemas.Reasoned) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(opening.cancel(number=number, reason=given.reason, actor=actor, at=at))


@router.post(
    "/{number}/supplement",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Ask the applicant",
    auth=needs("tickets.accept"),
)
def ask(request: HttpRequest, number: str, given: schemas.Question) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    supplement = asking.ask(number=number, question=given.question, actor=actor, at=at)
    return moved(supplement.ticket)


@router.post(
    "/{number}/supplement/answer",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Record the applicant's answer",
    auth=needs("tickets.accept"),
)
def answer(request: HttpRequest, number: str, given: schemas.Text) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(asking.answer(number=number, text=given.text, actor=actor, at=at))


@router.post(
    "/{number}/start",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Begin work",
    auth=needs("tickets.work"),
)
def start(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(working.start(number=number, actor=actor, at=at))


@router.post(
    "/{number}/log",
    response={201: schemas.LogBody, **PROBLEMS},
    summary="Log work",
    auth=needs("tickets.work"),
)
def add_log(request: HttpRequest, number: str, given: schemas.LogLine) -> Status[Any]:
    number, actor, at = _own(request, number)
    line = working.log(
        number=number,
        type_=given.type,
        text=given.text,
        public=given.public,
        details=given.details,
        actor=actor,
        at=at,
    )
    return Status(201, line)


@router.post(
    "/{number}/attachments",
    response={201: schemas.AttachmentBody, **PROBLEMS},
    summary="Attach a file",
    auth=needs("tickets.work"),
)
def attach(
    request: HttpRequest, number: str, file: File[UploadedFile], public: bool = False
) -> Status[Any]:
    number, actor, at = _own(request, number)
    attachment = working.attach(
        number=number,
        name=file.name or "",
        chunks=file.chunks(),
        public=public,
        actor=actor,
        at=at,
    )
    return Status(201, attachment)


@router.post(
    "/{number}/pause",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Set aside",
    auth=needs("tickets.work"),
)
def pause(request: HttpRequest, number: str, given: schemas.Pause) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(pausing.pause(number=number, actor=actor, at=at, **given.dict()))


@router.delete(
    "/{number}/pause",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Take up",
    auth=needs("tickets.work"),
)
def resume(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(pausing.resume(number=number, actor=actor, at=at))


@router.post(
    "/{number}/resolution",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Resolve",
    auth=needs("tickets.resolve"),
)
def resolve(request: HttpRequest, number: str, given: schemas.Resolution) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(closing.resolve(number=number, actor=actor, at=at, **given.dict()).ticket)


@router.post(
    "/{number}/confirmation",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Record that the applicant accepts the result",
    auth=needs("feedback.record"),
)
def confirm(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(closing.confirm(number=number, actor=actor, at=at))


@router.post(
    "/{number}/refusal",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Record that the applicant does not accept the result",
    auth=needs("feedback.record"),
)
def refuse(request: HttpRequest, number: str, given: schemas.Reasoned) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(closing.refuse(number=number, reason=given.reason, actor=actor, at=at))


@router.post(
    "/{number}/closure",
    response={200: schemas.Moved, **PROBLEMS},
    summary="Close",
    auth=needs("tickets.close"),
)
def close(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = _own(request, number)
    return moved(closing.close(number=number, actor=actor, at=at))


@router.post(
    "/{number}/evaluation",
    response={200: schemas.EvaluationBody, **PROBLEMS},
    summary="Record what the applicant said of the result; it is also accepted by that",
    auth=needs("feedback.record"),
)
def evaluate(request: HttpRequest, number: str, given: schemas.Evaluation) -> Any:
    number, actor, at = _own(request, number)
    return evaluating.confirm_and_evaluate(number=number, actor=actor, at=at, **given.dict())
