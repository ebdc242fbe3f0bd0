"""Search by any words, as far as the token sees."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import P, QueryEx, Router
from pydantic import AwareDatetime

from changtong.catalog import queries as catalog
from changtong.infra.clock import now
from changtong.search.domain.narrowing import Filters
from changtong.search.queries import searching
from changtong.search.queries.searching import Group, Hit
from changtong.search.queries.sources import KINDS, TICKET, TIMELESS
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.schemas import search as schemas
from changtong.web.api.v1.schemas.shared import Kind


router = Router(tags=["search"])


@router.get(
    "/search",
    response={200: schemas.FoundBody, **PROBLEMS},
    summary="检索 · Find tickets, messages, customers and lines by their words",
    auth=needs("tickets.view"),
)
def search(
    request: HttpRequest,
    query: QueryEx[str, P(min_length=1, max_length=160)],
    only: QueryEx[schemas.What | None, P()] = None,
    kind: QueryEx[Kind | None, P()] = None,
    state: QueryEx[str, P(max_length=16)] = "",
    category: QueryEx[str, P(max_length=64)] = "",
    region: QueryEx[str, P(max_length=12)] = "",
    since: QueryEx[AwareDatetime | None, P()] = None,
    until: QueryEx[AwareDatetime | None, P()] = None,
    order: QueryEx[Literal["best", "newest"], P()] = "best",
    cursor: QueryEx[str, P(max_length=200)] = "",
    limit: QueryEx[int, P(ge=1, le=paging.LIMIT_AT_MOST)] = 20,
) -> dict[str, Any]:
    """
    Return each kind by itself. A cursor goes on in one kind, which `only` names.

    `state`, `kind`, `category`, `since` and `until` are of tickets; with them nothing else is
    found. Words are found in any order and in traditional or full-width characters, names by
    their pinyin, numbers by their end.
    """
    place = catalog.region(region) if region else None
    found = searching.search(
        viewer_of(request),
        query,
        at=now(),
        kinds=(only or TICKET,) if only or cursor else KINDS,
        filters=Filters(
            kind=kind or "",
            state=state,
            category=category,
            region_path=place.path if place else "",
            since=since,
            until=until,
        ),
        order=order,
        size=limit,
        cursor=cursor,
    )
    return {"groups": [_group(one) for one in found.groups], "loosely": found.loosely}


def _group(group: Group) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "count": group.count,
        "more": group.more,
        "items": [_hit(one) for one in group.hits],
        "next": group.next or None,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "number": hit.number,
        "title": hit.title,
        "excerpt": hit.excerpt,
        "at": hit.at if hit.at != TIMELESS else None,
        "score": hit.score,
    }
