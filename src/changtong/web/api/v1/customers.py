"""Customers, lines and places, as far as the token sees."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import P, QueryEx, Router

from changtong.catalog import queries as catalog
from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.tickets import queries as tickets
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.schemas import customers as schemas
from changtong.web.api.v1.schemas.tickets import TicketRow
from changtong.web.api.v1.tickets import row


router = Router(tags=["customers"])

Query = QueryEx[str, P(min_length=1, max_length=64)]


@router.get(
    "/customers",
    response={200: list[schemas.CustomerBody], **PROBLEMS},
    summary="找客户 · Find customers by number, phone or part of the name",
    auth=needs("customers.view"),
)
def customers(request: HttpRequest, query: Query) -> list[Any]:
    return [_customer(one) for one in parties.customers_matching(viewer_of(request), query)]


@router.get(
    "/customers/{number}",
    response={200: schemas.CustomerBody, **PROBLEMS},
    summary="一位客户 · One customer",
    auth=needs("customers.view"),
)
def customer(request: HttpRequest, number: str) -> dict[str, Any]:
    return _customer(_seen(request, number))


@router.get(
    "/customers/{number}/lines",
    response={200: list[schemas.LineBody], **PROBLEMS},
    summary="客户的业务 · The customer's lines",
    auth=needs("customers.view"),
)
def lines_of(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    found = parties.lines_visible_to(viewer_of(request)).filter(customer=_seen(request, number))
    rows = found.select_related("customer", "service", "region").order_by("number")
    return [_line(one) for one in rows[: paging.LIMIT_AT_MOST]]


@router.get(
    "/customers/{number}/tickets",
    response={200: list[TicketRow], **PROBLEMS},
    summary="客户的工单 · The customer's tickets, the newest first",
    auth=needs("customers.view"),
)
def tickets_of(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    found = tickets.of_customer(viewer_of(request), _seen(request, number).pk)
    rows = found.select_related("region", "team", "assignee")
    return [row(one) for one in rows[: paging.LIMIT_AT_MOST]]


@router.get(
    "/lines",
    response={200: list[schemas.LineBody], **PROBLEMS},
    summary="找业务 · Find lines by number, name or address",
    auth=needs("customers.view"),
)
def lines(request: HttpRequest, query: Query) -> list[dict[str, Any]]:
    return [_line(one) for one in parties.lines_matching(viewer_of(request), query)]


@router.get(
    "/lines/{number}",
    response={200: schemas.LineBody, **PROBLEMS},
    summary="一项业务 · One line",
    auth=needs("customers.view"),
)
def line(request: HttpRequest, number: str) -> dict[str, Any]:
    rows = parties.lines_visible_to(viewer_of(request))
    found = rows.select_related("customer", "service", "region").filter(number=number).first()
    if found is None:
        raise Missing("line.unknown", number=number)
    return _line(found)


@router.get(
    "/regions",
    response={200: schemas.RegionPage, **PROBLEMS},
    summary="地区 · Regions, parents before children",
    auth=needs("standard.view"),
)
def regions(
    request: HttpRequest,
    cursor: QueryEx[str | None, P(max_length=200)] = None,
    limit: QueryEx[int, P(ge=1, le=paging.LIMIT_AT_MOST)] = 50,
) -> dict[str, Any]:
    rows = catalog.regions().select_related("parent")
    found, following = paging.page(
        rows, field="path", descending=False, cursor=cursor, limit=limit
    )
    shown = [
        {
            "code": one.code,
            "name": one.name,
            "parent": one.parent.code if one.parent else None,
            "type": one.region_type,
        }
        for one in found
    ]
    return {"items": shown, "next": following}


def _seen(request: HttpRequest, number: str) -> Any:
    visible = parties.customers_visible_to(viewer_of(request)).select_related("region")
    found = visible.filter(number=number).first()
    if found is None:
        raise Missing("customer.unknown", number=number)
    return found


def _customer(found: Any) -> dict[str, Any]:
    plain = ("number", "name", "kind", "tier", "phone", "email")
    return {**{name: getattr(found, name) for name in plain}, "region": found.region.code}


def _line(found: Any) -> dict[str, Any]:
    plain = ("number", "family", "address", "state")
    return {
        **{name: getattr(found, name) for name in plain},
        "service": found.service.code,
        "region": found.region.code,
        "customer": found.customer.number,
        "customer_name": found.customer.name,
        "tier": found.customer.tier,
    }
