"""The standard: editions, their clauses, and the codes that may be given."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from changtong.handbook import queries as handbooks
from changtong.handbook.domain.book import Lang
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.standard.domain import comparing
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Body
from changtong.web.api.auth import needs
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.schemas import standard as schemas
from changtong.web.api.v1.schemas.shared import Kind


MEASURED_OVER = timedelta(days=90)
HANDBOOK = {
    "responses": {
        200: {
            "description": "the handbook",
            "content": {
                kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
                for kind in handbooks.TYPES.values()
            },
        }
    }
}

router = Router(tags=["standard"])


def _edition(version: str) -> Edition:
    row = standard.editions().filter(version=version).first()
    if row is None:
        raise Missing("edition.unknown", edition=version)
    return standard.read(row.pk)


@router.get(
    "/editions",
    response={200: list[schemas.EditionBody], **PROBLEMS},
    summary="标准版本 · Editions, the newest first",
    auth=needs("standard.view"),
)
def editions(request: HttpRequest) -> list[dict[str, Any]]:
    governing = standard.edition_in_force(at=now()).pk
    return [
        {
            "code": row.code,
            "version": row.version,
            "title": row.title,
            "effective_from": row.effective_from,
            "in_force": row.pk == governing,
            "digest": row.digest,
        }
        for row in standard.editions()
    ]


@router.get(
    "/editions/{version}/clauses",
    response={200: list[schemas.ClauseBody], **PROBLEMS},
    summary="条款 · All clauses of an edition, in order",
    auth=needs("standard.view"),
)
def clauses(request: HttpRequest, version: str) -> list[Any]:
    return list(_edition(version).clauses.values())


@router.get(
    "/editions/{version}/clauses/{number}",
    response={200: schemas.ClauseBody, **PROBLEMS},
    summary="一条条款 · One clause",
    auth=needs("standard.view"),
)
def clause(request: HttpRequest, version: str, number: str) -> Any:
    return _edition(version).clause(number)


@router.get(
    "/editions/{version}/kinds/{kind}",
    response={200: schemas.KindBody, **PROBLEMS},
    summary="可选代码 · The codes that may be given for a kind of ticket",
    auth=needs("standard.view"),
)
def codes(request: HttpRequest, version: str, kind: Kind) -> dict[str, Any]:
    edition = _edition(version)
    return {
        "kind": kind,
        "categories": [one for one in edition.leaves() if one.kind == kind],
        "rejections": edition.rejections(kind=kind),
        "pause_reasons": edition.pause_reasons(kind=kind),
        "causes": edition.causes(kind=kind),
        "fixes": edition.fixes(kind=kind),
        "closing_conditions": edition.closing_conditions(kind=kind),
        "evaluation_tags": edition.evaluation(kind=kind).tags,
    }


@router.get(
    "/editions/{version}/comparison/{other}",
    response={200: schemas.ComparisonBody, **PROBLEMS},
    summary="比较 · What another edition says differently",
    auth=needs("standard.view"),
)
def comparison(request: HttpRequest, version: str, other: str) -> dict[str, Any]:
    return _compared(_body(version), _body(other))


@router.get(
    "/editions/{version}/handbook",
    response=PROBLEMS,
    summary="手册 · The handbook of an edition as a file",
    auth=needs("standard.view"),
    openapi_extra=HANDBOOK,
)
def handbook(
    request: HttpRequest,
    version: str,
    since: date | None = None,
    until: date | None = None,
    lang: Lang = "zh",
    format: Literal["pdf", "docx", "html"] = "pdf",  # noqa: A002
) -> HttpResponse:
    row = standard.editions().filter(version=version).first()
    if row is None:
        raise Missing("edition.unknown", edition=version)
    last = until or timezone.localdate(now())
    first = min(since or last - MEASURED_OVER, last)
    book = handbooks.of_edition(row, lang=lang, since=first, until=last)
    return HttpResponse(handbooks.rendered(book, format), content_type=handbooks.TYPES[format])


@router.get(
    "/drafts/{draft_id}/comparison",
    response={200: schemas.ComparisonBody, **PROBLEMS},
    summary="草案改动 · What a draft says differently from the edition that it began with",
    auth=needs("standard.review"),
)
def draft_comparison(request: HttpRequest, draft_id: int) -> dict[str, Any]:
    draft = standard.draft_by_id(draft_id)
    if draft.based_on_id is None:
        raise Missing("edition.unknown", edition="")
    return _compared(standard.body(draft.based_on_id), standard.body_of(draft))


def _body(version: str) -> Body:
    row = standard.editions().filter(version=version).first()
    if row is None:
        raise Missing("edition.unknown", edition=version)
    return standard.body(row.pk)


def _compared(old: Body, new: Body) -> dict[str, Any]:
    found = comparing.compare(old, new)
    return {
        "step": found.step,
        "clauses": [
            {
                "number": one.number,
                "how": one.how,
                "fields": [field.key for field in one.fields],
                "pieces": one.pieces,
            }
            for one in found.clauses
        ],
        "limits": [
            {
                "how": one.how,
                "judged": one.judged,
                "metric": one.target.metric,
                "basis": one.target.basis,
                "kinds": one.kinds,
                "when": {key: list(values) for key, values in one.when.items()},
                "before": [str(target.within) for target in one.before],
                "after": [str(target.within) for target in one.after],
                "clause": one.target.clause,
            }
            for one in found.limits
        ],
        "entries": [
            {
                "how": one.how,
                "file": one.file,
                "name": one.name,
                "fields": [field.key for field in one.fields],
            }
            for one in found.entries
        ],
    }
