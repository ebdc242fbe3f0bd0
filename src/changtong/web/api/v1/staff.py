"""Staff and teams, by the numbers and codes that assignment takes and gives."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import P, QueryEx, Router

from changtong.parties import queries as parties
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.schemas import dispatch as schemas


router = Router(tags=["staff"])


@router.get(
    "/me",
    response={200: schemas.Me, **PROBLEMS},
    summary="令牌的身份 · For whom the token acts, and what it may do",
    auth=needs(""),
)
def me(request: HttpRequest) -> dict[str, Any]:
    viewer = viewer_of(request)
    person = parties.staff(viewer.staff_id or 0)
    return {
        "number": person.number,
        "name": person.name,
        "role": person.role,
        "region": person.region.code,
        "reach": str(viewer.reach),
        "permissions": sorted(viewer.permissions),
        "actor": viewer.actor,
    }


@router.get(
    "/staff",
    response={200: schemas.StaffPage, **PROBLEMS},
    summary="员工 · Staff in sight, by number",
    auth=needs("dispatch.view"),
)
def staff(
    request: HttpRequest,
    query: QueryEx[str, P(max_length=64, description="Number, or part of the name.")] = "",
    team_code: QueryEx[str, P(max_length=24)] = "",
    cursor: QueryEx[str | None, P(max_length=200)] = None,
    limit: QueryEx[int, P(ge=1, le=paging.LIMIT_AT_MOST)] = 50,
) -> dict[str, Any]:
    viewer = viewer_of(request)
    rows = parties.staff_visible_to(viewer)
    if query:
        rows = rows.filter(Q(number=query) | Q(name__contains=query))
    if team_code:
        seen = parties.teams_visible_to(viewer).filter(code=team_code)
        rows = rows.filter(memberships__team__in=seen)
    found, following = paging.page(
        rows.prefetch_related("memberships__team"),
        field="number",
        descending=False,
        cursor=cursor,
        limit=limit,
    )
    held = parties.qualifications_of(one.pk for one in found)
    return {"items": [_person(one, held[one.pk]) for one in found], "next": following}


def _person(person: Any, held: list[Any]) -> dict[str, Any]:
    return {
        "number": person.number,
        "name": person.name,
        "role": person.role,
        "region": person.region.code,
        "is_active": person.is_active,
        "teams": sorted(one.team.code for one in person.memberships.all()),
        "qualifications": held,
        "actor": person.actor,
    }


@router.get(
    "/teams",
    response={200: schemas.TeamPage, **PROBLEMS},
    summary="班组 · Teams in sight, by code",
    auth=needs("dispatch.view"),
)
def teams(
    request: HttpRequest,
    cursor: QueryEx[str | None, P(max_length=200)] = None,
    limit: QueryEx[int, P(ge=1, le=paging.LIMIT_AT_MOST)] = 50,
) -> dict[str, Any]:
    rows = parties.teams_visible_to(viewer_of(request))
    found, following = paging.page(
        rows, field="code", descending=False, cursor=cursor, limit=limit
    )
    shown = [
        {"code": one.code, "name": one.name, "region": one.region.code, "mode": one.mode}
        for one in found
    ]
    return {"items": shown, "next": following}
