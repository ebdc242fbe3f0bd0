"""The standard: editions and clauses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.web.api.auth import needs
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1 import schemas


router = Router(tags=["standard"])


@router.get(
    "/editions",
    response={200: list[schemas.EditionBody], **PROBLEMS},
    summary="Editions",
    auth=needs("standard.view"),
)
def editions(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "code": row.code,
            "version": row.version,
            "title": row.title,
            "effective_from": row.effective_from.isoformat(),
            "digest": row.digest,
        }
        for row in standard.editions()
    ]


@router.get(
    "/editions/{version}/clauses/{number}",
    response={200: schemas.ClauseBody, **PROBLEMS},
    summary="One clause",
    auth=needs("standard.view"),
)
def clause(request: HttpRequest, version: str, number: str) -> Any:
    row = standard.editions().filter(version=version).first()
    if row is None:
        raise Missing("edition.unknown", edition=version)
    return standard.clause(row.pk, number)
