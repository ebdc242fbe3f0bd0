"""The course of a ticket: its limits, its journal, what was written down, its files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import File, Router, Status
from ninja.files import UploadedFile

from changtong.clocks import queries as clocks
from changtong.infra.clock import now
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import ticking, working
from changtong.tickets.queries.ticks import ticks_of
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.changes import LISTED_AT_MOST, own
from changtong.web.api.v1.schemas import course as schemas
from changtong.web.api.v1.schemas.shared import FILE
from changtong.web.ui import explained
from changtong.web.ui.downloads import download


router = Router(tags=["course"])


@router.get(
    "/{number}/clocks",
    response={200: list[schemas.ClockBody], **PROBLEMS},
    summary="时限 · Its limits, the most urgent first",
    auth=needs("tickets.view"),
)
def clocks_of(request: HttpRequest, number: str) -> list[Any]:
    return list(clocks.of(queries.by_number(viewer_of(request), number).number))


@router.get(
    "/{number}/clocks/{clock_id}",
    response={200: schemas.ClockExplained, **PROBLEMS},
    summary="时限如何算出 · Why a limit is due when it is",
    auth=needs("tickets.view"),
)
def clock(request: HttpRequest, number: str, clock_id: int) -> dict[str, Any]:
    ticket = queries.by_number(viewer_of(request), number)
    found = clocks.of(ticket.number).filter(pk=clock_id).first()
    if found is None:
        raise Missing("clock.unknown", number=number)
    why = clocks.explanation(found, at=now())
    total = why.arithmetic
    edition = standard.read(found.edition_id)
    return {
        **{name: getattr(found, name) for name in schemas.ClockBody.model_fields},
        "governs": why.governs,
        "steps": why.steps,
        "sentences": [explained.line(one, edition, kind=ticket.kind) for one in total.lines],
        "remarks": [
            {
                "code": one.code,
                "clause": edition.article(one.source, one.article),
                "sentence": explained.remark(one),
            }
            for one in total.remarks
        ],
        "days": [
            {"day": one.day, "kind": one.kind, "counted_seconds": _seconds(one.counted)}
            for one in total.days
        ],
        "days_cut": total.is_cut,
        "allowed_seconds": _seconds(total.allowed),
        "counted_seconds": _seconds(total.counted),
        "left_seconds": _seconds(total.left),
        "is_provisional": total.is_provisional,
    }


@router.get(
    "/{number}/limits",
    response={200: list[schemas.LimitConsidered], **PROBLEMS},
    summary="哪些时限适用 · Every limit that was looked at, and why some do not run",
    auth=needs("tickets.view"),
)
def limits(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    ticket = queries.by_number(viewer_of(request), number)
    edition = standard.read(ticket.edition_id)
    return [
        {
            "limit": one.limit,
            "metric": one.target.metric,
            "basis": one.target.basis,
            "clause": one.target.clause,
            "within": str(one.target.within),
            "starts_on": one.target.starts_on,
            "stops_on": one.target.stops_on,
            "why": one.why,
            "differences": one.differences,
            "sentences": explained.reasons(one, edition),
        }
        for one in queries.limits_considered(ticket)
    ]


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())


@router.get(
    "/{number}/timeline",
    response={200: list[schemas.EntryBody], **PROBLEMS},
    summary="日志 · Its journal, the first entry first",
    auth=needs("tickets.view"),
)
def timeline(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(journal.timeline(found.number)[:LISTED_AT_MOST])


@router.get(
    "/{number}/log",
    response={200: list[schemas.LogBody], **PROBLEMS},
    summary="处理记录 · What was done and said, the first first",
    auth=needs("tickets.view"),
)
def log(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(found.log.order_by("id")[:LISTED_AT_MOST])


@router.post(
    "/{number}/log",
    response={201: schemas.LogBody, **PROBLEMS},
    summary="写处理记录或备注 · Write down work, a call, a note",
    auth=needs("tickets.work"),
)
def add_log(request: HttpRequest, number: str, given: schemas.LogLine) -> Status[Any]:
    number, actor, at = own(request, number)
    line = working.log(
        number=number,
        type_=given.type,
        text=given.text,
        public=given.public,
        details=given.details,
        minutes=given.minutes,
        actor=actor,
        at=at,
    )
    return Status(201, line)


@router.get(
    "/{number}/attachments",
    response={200: list[schemas.AttachmentBody], **PROBLEMS},
    summary="附件 · Its files, the first first",
    auth=needs("tickets.view"),
)
def attachments(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(found.attachments.order_by("id")[:LISTED_AT_MOST])


@router.post(
    "/{number}/attachments",
    response={201: schemas.AttachmentBody, **PROBLEMS},
    summary="上传附件 · Attach a file (multipart/form-data)",
    auth=needs("tickets.work"),
)
def attach(
    request: HttpRequest, number: str, file: File[UploadedFile], public: bool = False
) -> Status[Any]:
    number, actor, at = own(request, number)
    attachment = working.attach(
        number=number,
        name=file.name or "",
        chunks=file.chunks(),
        public=public,
        actor=actor,
        at=at,
    )
    return Status(201, attachment)


@router.get(
    "/{number}/attachments/{sha256}",
    response=PROBLEMS,
    openapi_extra=FILE,
    summary="下载附件 · Download a file",
    auth=needs("tickets.view"),
)
def attachment(request: HttpRequest, number: str, sha256: str) -> FileResponse:
    ticket = queries.by_number(viewer_of(request), number)
    found = ticket.attachments.filter(sha256=sha256).first()
    if found is None:
        raise Missing("attachment.unknown", number=number)
    return download(sha256=found.sha256, name=found.name, media_type=found.media_type)


@router.get(
    "/{number}/supplements",
    response={200: list[schemas.SupplementBody], **PROBLEMS},
    summary="补充 · What the applicant was asked and answered, the first first",
    auth=needs("tickets.view"),
)
def supplements(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(found.supplements.order_by("id")[:LISTED_AT_MOST])


@router.get(
    "/{number}/holds",
    response={200: list[schemas.HoldBody], **PROBLEMS},
    summary="关闭限制 · What keeps or kept it from being closed, the first first",
    auth=needs("tickets.view"),
)
def holds(request: HttpRequest, number: str) -> list[Any]:
    found = queries.by_number(viewer_of(request), number)
    return list(found.holds.order_by("id")[:LISTED_AT_MOST])


@router.get(
    "/{number}/checklist",
    response={200: list[schemas.ItemBody], **PROBLEMS},
    summary="办理清单 · What handling it takes, and what of that is done",
    auth=needs("tickets.view"),
)
def checklist(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    return _items(queries.by_number(viewer_of(request), number))


@router.post(
    "/{number}/checklist",
    response={200: list[schemas.ItemBody], **PROBLEMS},
    summary="勾选清单 · Tick an item, or take its tick back",
    auth=needs("tickets.work"),
)
def tick(request: HttpRequest, number: str, given: schemas.NewTick) -> list[dict[str, Any]]:
    change = ticking.tick if given.done else ticking.take_back
    number, actor, at = own(request, number)
    change(number=number, item=given.item, actor=actor, at=at)
    return _items(queries.by_number(viewer_of(request), number))


def _items(ticket: Any) -> list[dict[str, Any]]:
    edition = standard.read(ticket.edition_id)
    lists = edition.checklists_of(kind=ticket.kind, category=ticket.category)
    ticks = ticks_of(ticket.number) if lists else {}
    return [
        {
            "item": key,
            "name": item.name,
            "name_en": item.name_en,
            "required": item.required,
            "clause": item.clause,
            "done_by": ticks[key].actor if key in ticks else "",
            "done_at": ticks[key].at if key in ticks else None,
        }
        for one in lists
        for key, item in one.keyed()
    ]
