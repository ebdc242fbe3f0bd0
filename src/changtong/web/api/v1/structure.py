"""What stands between tickets: links, families, mergers, splits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import cascading, linking, merging, splitting
from changtong.tickets.operations.splitting import Matter
from changtong.tickets.queries import relations as related
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.changes import LISTED_AT_MOST, moved, own
from changtong.web.api.v1.schemas import shared
from changtong.web.api.v1.schemas import structure as schemas


router = Router(tags=["structure"])


@router.get(
    "/{number}/relations",
    response={200: schemas.RelationsBody, **PROBLEMS},
    summary="关联 · What it has to do with other tickets, and what may be the same matter",
    auth=needs("tickets.view"),
)
def relations(request: HttpRequest, number: str) -> dict[str, Any]:
    viewer = viewer_of(request)
    ticket = queries.by_number(viewer, number)
    seen = queries.visible_to(viewer)
    found, repeat = related.suggestions(viewer, ticket), related.repeat_of(viewer, ticket)
    parent = related.parent_of(ticket)
    children = related.children_of(ticket).values("pk")
    return {
        "mergers": [_merger(one) for one in related.mergers_of(ticket) if not one.undone_at],
        "parent": seen.filter(pk=parent.pk).first() if parent else None,
        "children": list(seen.filter(pk__in=children).order_by("id")[:LISTED_AT_MOST]),
        "links": [_link(one) for one in related.relations_of(viewer, ticket)],
        "suggestions": [
            {"ticket": one.ticket, "grounds": list(one.grounds)} for one in found.found
        ],
        "suggestions_clause": found.clause,
        "repeat_of": list(repeat.earlier) if repeat else [],
        "repeat_clause": repeat.clause if repeat else "",
    }


@router.post(
    "/{number}/merger",
    response={201: schemas.MergerBody, **PROBLEMS},
    summary="并案 · Merge it into another ticket, which carries what was promised",
    auth=needs("tickets.accept"),
)
def merge(request: HttpRequest, number: str, given: schemas.NewMerger) -> Status[Any]:
    into = queries.by_number(viewer_of(request), given.into).number
    number, actor, at = own(request, number)
    made = merging.merge(number=number, into=into, reason=given.reason, actor=actor, at=at)
    return Status(201, _merger(made))


@router.delete(
    "/{number}/merger",
    response={200: shared.Moved, **PROBLEMS},
    summary="撤销并案 · Undo its merger, as if it had never been",
    auth=needs("tickets.accept"),
)
def undo_merger(request: HttpRequest, number: str, given: schemas.MergerUndone) -> dict[str, Any]:
    number, actor, at = own(request, number)
    merging.undo(number=number, reason=given.reason, actor=actor, at=at)
    return moved(queries.by_number(viewer_of(request), number))


@router.post(
    "/{number}/links",
    response={201: schemas.LinkBody, **PROBLEMS},
    summary="关联 · Link it to another ticket",
    auth=needs("tickets.work"),
)
def link(request: HttpRequest, number: str, given: schemas.NewLink) -> Status[Any]:
    viewer = viewer_of(request)
    other = queries.by_number(viewer, given.other).number
    number, actor, at = own(request, number)
    made = linking.link(number=number, other=other, kind=given.kind, actor=actor, at=at)
    ticket = queries.by_number(viewer, number)
    found = next(one for one in related.relations_of(viewer, ticket) if one.pk == made.pk)
    return Status(201, _link(found))


@router.delete(
    "/{number}/links/{link_id}",
    response={200: shared.Moved, **PROBLEMS},
    summary="解除关联 · End a link",
    auth=needs("tickets.work"),
)
def unlink(request: HttpRequest, number: str, link_id: int) -> dict[str, Any]:
    number, actor, at = own(request, number)
    linking.unlink(number=number, link=link_id, actor=actor, at=at)
    return moved(queries.by_number(viewer_of(request), number))


@router.post(
    "/{number}/split",
    response={201: shared.Moved, **PROBLEMS},
    summary="拆案 · Open a ticket for another matter, timed from the message that raised it",
    auth=needs("tickets.accept"),
)
def split(request: HttpRequest, number: str, given: schemas.NewSplit) -> Status[Any]:
    number, actor, at = own(request, number)
    ticket = queries.by_number(viewer_of(request), number)
    category = standard.read(ticket.edition_id).category(given.category)
    matter = Matter(category.kind, category.code, given.title)
    made = splitting.split(number=number, entry=given.entry, matter=matter, actor=actor, at=at)
    return Status(201, moved(made))


@router.post(
    "/{number}/parent",
    response={201: schemas.Near, **PROBLEMS},
    summary="归入主案 · Put it under a parent",
    auth=needs("tickets.accept"),
)
def adopt(request: HttpRequest, number: str, given: schemas.NewParent) -> Status[Any]:
    parent = queries.by_number(viewer_of(request), given.parent)
    number, actor, at = own(request, number)
    linking.make_child(number=number, parent=parent.number, actor=actor, at=at)
    return Status(201, parent)


@router.delete(
    "/{number}/parent",
    response={200: shared.Moved, **PROBLEMS},
    summary="脱离主案 · Take it out from under its parent",
    auth=needs("tickets.accept"),
)
def leave(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = own(request, number)
    linking.leave_parent(number=number, actor=actor, at=at)
    return moved(queries.by_number(viewer_of(request), number))


@router.post(
    "/{number}/children/message",
    response={202: shared.Moved, **PROBLEMS},
    summary="转告子案 · Write something down on it and on all its open children",
    auth=needs("tickets.work"),
)
def tell_children(request: HttpRequest, number: str, given: schemas.ChildrenTold) -> Status[Any]:
    number, actor, at = own(request, number)
    cascading.tell(number=number, text=given.text, public=given.public, actor=actor, at=at)
    return Status(202, moved(queries.by_number(viewer_of(request), number)))


@router.post(
    "/{number}/children/resolution",
    response={202: shared.Moved, **PROBLEMS},
    summary="处理子案 · Resolve its open children with its own cause and result",
    auth=needs("tickets.resolve"),
)
def resolve_children(request: HttpRequest, number: str) -> Status[Any]:
    number, actor, at = own(request, number)
    cascading.resolve(number=number, actor=actor, at=at)
    return Status(202, moved(queries.by_number(viewer_of(request), number)))


def _merger(merger: Any) -> dict[str, Any]:
    return {
        "number": merger.ticket.number,
        "into": merger.survivor.number,
        "reason": merger.reason,
        "clause": merger.clause,
        "merged_at": merger.merged_at,
        "settled_at": merger.settled_at,
    }


def _link(link: related.Relation) -> dict[str, Any]:
    return {
        "id": link.pk,
        "kind": link.kind,
        "outward": link.outward,
        "ticket": link.ticket,
        "linked_at": link.linked_at,
    }
