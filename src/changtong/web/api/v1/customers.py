"""Customers and lines, as far as the token sees."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import P, QueryEx, Router

from changtong.parties import queries as parties
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1 import schemas


router = Router(tags=["customers"])


@router.get(
    "/lines",
    response={200: list[schemas.LineBody], **PROBLEMS},
    summary="Find lines by number, name or address",
    auth=needs("customers.view"),
)
def lines(request: HttpRequest, query: QueryEx[str, P(min_length=1, max_length=64)]) -> list[Any]:
    return parties.lines_matching(viewer_of(request), query)
