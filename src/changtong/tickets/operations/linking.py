"""Tie cases together: as related, as cause and effect, as parent and child."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.tickets import queries
from changtong.tickets.domain import structure
from changtong.tickets.models import Link, LogEntry, Ticket
from changtong.tickets.queries import relations


@transaction.atomic
def link(*, number: str, other: str, kind: str, actor: str, at: datetime) -> Link:
    """
    Link a case to another; a second time changes nothing.

    :raises Refused: ``link.of_itself``, ``link.kind_unknown``
    :raises Missing: ``ticket.unknown``
    """
    if number == other:
        raise Refused("link.of_itself")
    if kind not in {Link.Kind.RELATED, Link.Kind.CAUSED_BY}:
        raise Refused("link.kind_unknown", kind=kind)
    ticket, linked = relations.locked_pair(number, other)
    if kind == Link.Kind.RELATED and linked.pk < ticket.pk:
        # It says the same from both sides, so it is written from one of them.
        ticket, linked = linked, ticket
    return join(ticket, linked, kind=Link.Kind(kind), actor=actor, at=at)


def join(
    ticket: Ticket,
    other: Ticket,
    *,
    kind: Link.Kind,
    actor: str,
    at: datetime,
    entry: LogEntry | None = None,
    tags: tuple[str, str] = ("ticket.linked", "ticket.linked"),
) -> Link:
    """Write a link between two locked cases, and tell both."""
    made, is_new = Link.objects.get_or_create(
        ticket=ticket,
        other=other,
        kind=kind,
        ended_at=None,
        defaults={"linked_by": actor, "linked_at": at, "entry": entry},
    )
    if is_new:
        _tell(tags, made, actor=actor, at=at)
    return made


@transaction.atomic
def unlink(*, number: str, link: int, actor: str, at: datetime) -> Link:
    """
    Undo a link; where a case was split from stays known.

    :raises Refused: ``link.is_history``
    :raises Missing: ``link.unknown``, ``ticket.unknown``
    """
    ticket = queries.locked(number)
    found = relations.standing_link(ticket, link)
    if found.kind == Link.Kind.SPLIT_FROM:
        raise Refused("link.is_history", clause=structure.SPLITTING)
    tags = ("ticket.unlinked", "ticket.unlinked")
    if found.kind == Link.Kind.CHILD_OF:
        tags = ("ticket.orphaned", "child.removed")
    return _end(found, tags, actor=actor, at=at)


@transaction.atomic
def make_child(*, number: str, parent: str, actor: str, at: datetime) -> Link:
    """
    Put a case under a parent; it leaves the one that it had.

    :raises Refused: as `structure.check_parent`
    :raises Missing: ``ticket.unknown``
    """
    ticket, wanted = relations.locked_pair(number, parent)
    structure.check_parent(
        child=relations.party(ticket),
        parent=relations.party(wanted),
        parent_is_child=relations.parent_of(wanted) is not None,
    )
    standing = Link.objects.filter(ticket=ticket, kind=Link.Kind.CHILD_OF, ended_at=None).first()
    if standing is not None and standing.other_id != wanted.pk:
        _end(standing, ("ticket.orphaned", "child.removed"), actor=actor, at=at)
    tags = ("ticket.adopted", "child.added")
    return join(ticket, wanted, kind=Link.Kind.CHILD_OF, actor=actor, at=at, tags=tags)


@transaction.atomic
def leave_parent(*, number: str, actor: str, at: datetime) -> Link:
    """
    Take a case out from under its parent.

    :raises Refused: ``parent.none``
    :raises Missing: ``ticket.unknown``
    """
    ticket = queries.locked(number)
    standing = Link.objects.filter(ticket=ticket, kind=Link.Kind.CHILD_OF, ended_at=None).first()
    if standing is None:
        raise Refused("parent.none", number=number)
    return _end(standing, ("ticket.orphaned", "child.removed"), actor=actor, at=at)


def _end(found: Link, tags: tuple[str, str], *, actor: str, at: datetime) -> Link:
    found.ended_by, found.ended_at = actor, at
    found.save(update_fields=["ended_by", "ended_at"])
    _tell(tags, found, actor=actor, at=at)
    return found


def _tell(tags: tuple[str, str], link: Link, *, actor: str, at: datetime) -> None:
    ends = (link.ticket.number, link.other.number)
    for tag, subject, other in zip(tags, ends, reversed(ends), strict=True):
        journal.record(
            tag=tag, subject=subject, actor=actor, at=at, other=other, relation=link.kind
        )
