"""Sealed case files."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import P, QueryEx, Router

from changtong.archive import operations, queries
from changtong.infra.clock import now
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1 import schemas


router = Router(tags=["archive"])


def body(record: Any) -> dict[str, Any]:
    """Return a record as it stands in the register."""
    return {
        "number": record.number,
        "sha256": record.sha256,
        "size_bytes": record.size_bytes,
        "retention_class": record.retention_class,
        "retain_until": record.retain_until.isoformat() if record.retain_until else None,
        "clause": record.clause,
        "sealed_at": record.sealed_at,
    }


@router.get(
    "/records",
    response={200: schemas.RecordPage, **PROBLEMS},
    summary="Records, the newest first",
    auth=needs("archive.view"),
)
def records(
    request: HttpRequest,
    cursor: QueryEx[str | None, P(max_length=200)] = None,
    limit: QueryEx[int, P(ge=1, le=paging.LIMIT_AT_MOST)] = 50,
) -> dict[str, Any]:
    found, following = paging.page(
        queries.visible_to(viewer_of(request)),
        field="sealed_at",
        descending=True,
        cursor=cursor,
        limit=limit,
    )
    return {"items": [body(record) for record in found], "next": following}


@router.get(
    "/records/{number}",
    response={200: schemas.RecordBody, **PROBLEMS},
    summary="One record",
    auth=needs("archive.view"),
)
def record(request: HttpRequest, number: str) -> dict[str, Any]:
    return body(queries.by_number(viewer_of(request), number))


@router.get(
    "/records/{number}/package",
    summary="The sealed package",
    auth=needs("archive.view"),
    response=PROBLEMS,
)
def package(request: HttpRequest, number: str) -> FileResponse:
    found = queries.by_number(viewer_of(request), number)
    return FileResponse(
        queries.package_of(found).open("rb"),
        as_attachment=True,
        filename=f"{found.number}.zip",
        content_type="application/zip",
    )


@router.post(
    "/records/{number}/verification",
    response={200: schemas.VerificationBody, **PROBLEMS},
    summary="Check the package, byte by byte",
    auth=needs("archive.verify"),
)
def verify(request: HttpRequest, number: str) -> dict[str, Any]:
    viewer = viewer_of(request)
    found = queries.by_number(viewer, number)
    checked = operations.verify(number=found.number, actor=viewer.actor, at=now())
    return {
        "number": found.number,
        "sound": checked.sound,
        "findings": [{"where": one.where, "what": one.what} for one in checked.findings],
    }
