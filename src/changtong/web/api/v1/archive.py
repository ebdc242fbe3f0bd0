"""Sealed case files."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import P, QueryEx, Router

from changtong.archive import operations, queries
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.schemas import archive as schemas
from changtong.web.api.v1.schemas.shared import FILE


router = Router(tags=["archive"])


def body(record: Any) -> dict[str, Any]:
    """Return a record as it stands in the register."""
    return {
        "number": record.number,
        "sha256": record.sha256,
        "size_bytes": record.size_bytes,
        "retention_class": record.retention_class,
        "retain_until": record.retain_until,
        "clause": record.clause,
        "sealed_at": record.sealed_at,
    }


@router.get(
    "/records",
    response={200: schemas.RecordPage, **PROBLEMS},
    summary="档案 · Records, the newest first",
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
    summary="一份档案 · One record",
    auth=needs("archive.view"),
)
def record(request: HttpRequest, number: str) -> dict[str, Any]:
    return body(queries.by_number(viewer_of(request), number))


@router.get(
    "/records/{number}/package",
    summary="档案包 · The sealed package (zip)",
    auth=needs("archive.view"),
    response=PROBLEMS,
    openapi_extra=FILE,
)
def package(request: HttpRequest, number: str) -> FileResponse:
    found = queries.by_number(viewer_of(request), number)
    path = queries.package_of(found)
    if not path.is_file():
        raise Missing("record.package_missing", number=number)
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{found.number}.zip",
        content_type="application/zip",
    )


@router.get(
    "/records/{number}/receipt",
    response={200: schemas.Receipt, **PROBLEMS},
    summary="档案回执 · The proof that the journal knows the package",
    auth=needs("archive.view"),
)
def receipt(request: HttpRequest, number: str) -> dict[str, Any]:
    proof = queries.receipt(queries.by_number(viewer_of(request), number))
    if proof is None:
        raise Missing("record.unsealed", number=number)
    return proof


@router.post(
    "/records/{number}/verification",
    response={200: schemas.VerificationBody, **PROBLEMS},
    summary="校验档案 · Check the package, byte by byte",
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
