"""What stands between cases: links, families, mergers, and what may be the same matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from changtong.infra.hot import Compiled, Slot
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import Kind, State
from changtong.tickets.domain.structure import Ground, Party
from changtong.tickets.models import UNFINISHED, Link, LogEntry, Merger, Ticket


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer


LISTED_AT_MOST = 50
# A parent of many thousands names its first children in its file; each child names it.
LINKS_AT_MOST = 1_000
SUGGESTED_AT_MOST = 5


def locked_pair(number: str, other: str) -> tuple[Ticket, Ticket]:
    """
    Return two tickets, locked in the order of their numbers, so that nobody waits in a ring.

    :raises Missing: ``ticket.unknown``
    """
    found = {one: queries.locked(one) for one in sorted({number, other})}
    return found[number], found[other]


def party(ticket: Ticket) -> Party:
    """Return what of a ticket decides whether it may become one with another."""
    return Party(
        number=ticket.number,
        kind=ticket.kind,
        state=State(ticket.state),
        complained_of=ticket.complained_of_id,
        assignee=ticket.assignee_id,
        carries=ticket.carries,
        has_children=children_of(ticket).exists(),
    )


# -----------------------------------------------------------------------------------------
# Mergers
# -----------------------------------------------------------------------------------------


def standing_merger(number: str) -> Merger | None:
    """Return the merger by which a ticket became part of another, if it stands."""
    found = Merger.objects.filter(ticket__number=number, undone_at=None)
    return found.select_related("ticket", "survivor").first()


def mergers_into(ticket: Ticket) -> QuerySet[Merger]:
    """Return the standing mergers of others into a ticket, the first first."""
    found = Merger.objects.filter(survivor=ticket, undone_at=None)
    return found.select_related("ticket").order_by("id")


def mergers_of(ticket: Ticket) -> list[Merger]:
    """Return every merger that a ticket had a part in, undone ones too, the first first."""
    return _mergers(ticket=ticket.pk)


_mergers = Compiled(
    lambda: (
        Merger.objects.filter(Q(ticket=Slot("ticket")) | Q(survivor=Slot("ticket")))
        .select_related("ticket", "survivor")
        .order_by("id")
    )
)


def carried_by(ticket: Ticket) -> list[str]:
    """Return the numbers of the cases whose promises a ticket carries."""
    return [number for (number,) in _carried(ticket=ticket.pk)] if ticket.carries else []


_carried = Compiled(
    lambda: (
        Merger.objects.filter(survivor=Slot("ticket"), undone_at=None, settled_at=None)
        .order_by("id")
        .values_list("ticket__number")
    )
)


def answerable(ticket: Ticket) -> Ticket:
    """Return the ticket in which a matter is handled: its own, or the one it was merged into."""
    if ticket.state != State.MERGED:
        return ticket
    merger = standing_merger(ticket.number)
    return merger.survivor if merger else ticket


# -----------------------------------------------------------------------------------------
# Families and links
# -----------------------------------------------------------------------------------------


def children_of(ticket: Ticket) -> QuerySet[Ticket]:
    """Return the child cases of a ticket, the first first."""
    links = Link.objects.filter(other=ticket, kind=Link.Kind.CHILD_OF, ended_at=None)
    return Ticket.objects.filter(pk__in=links.values("ticket")).order_by("id")


def open_children(ticket: Ticket, *, after: int = 0) -> QuerySet[Ticket]:
    """Return the child cases that have not ended, the first first."""
    return children_of(ticket).filter(UNFINISHED, pk__gt=after)


def count_open_children(ticket: Ticket) -> int:
    """Count the child cases that have not ended."""
    return len(_open_children(ticket=ticket.pk))


_open_children = Compiled(
    lambda: (
        Link.objects.filter(
            other=Slot("ticket"),
            kind=Link.Kind.CHILD_OF,
            ended_at=None,
            ticket__state__in=sorted(state.value for state in lifecycle.UNFINISHED),
        )
        .order_by("id")
        .values_list("ticket")
    )
)


def parent_of(ticket: Ticket) -> Ticket | None:
    """Return the parent case of a ticket."""
    link = Link.objects.filter(ticket=ticket, kind=Link.Kind.CHILD_OF, ended_at=None)
    found = link.select_related("other").first()
    return found.other if found else None


@dataclass(frozen=True, slots=True)
class Relation:
    """One link as it is seen from one of its ends."""

    pk: int
    kind: str
    # Whether the ticket that is looked at is the one that is linked, or the one linked to.
    outward: bool
    ticket: Ticket
    linked_by: str
    linked_at: datetime


def relations_of(viewer: Viewer, ticket: Ticket) -> list[Relation]:
    """Return the standing links of a ticket to others that the viewer may see."""
    found = Link.objects.filter(Q(ticket=ticket) | Q(other=ticket), ended_at=None)
    rows = list(found.order_by("id")[:LISTED_AT_MOST])
    wanted = {row.other_id if row.ticket_id == ticket.pk else row.ticket_id for row in rows}
    seen = {one.pk: one for one in queries.visible_to(viewer).filter(pk__in=wanted)}
    return [
        Relation(row.pk, row.kind, outward, seen[other], row.linked_by, row.linked_at)
        for row in rows
        for outward in (row.ticket_id == ticket.pk,)
        for other in (row.other_id if outward else row.ticket_id,)
        if other in seen
    ]


def links_of(ticket: Ticket) -> list[Link]:
    """Return every link that a ticket was an end of, ended ones too, the first first."""
    return _links(ticket=ticket.pk)


_links = Compiled(
    lambda: (
        Link.objects.filter(Q(ticket=Slot("ticket")) | Q(other=Slot("ticket")))
        .select_related("ticket", "other")
        .order_by("id")[:LINKS_AT_MOST]
    )
)


def standing_link(ticket: Ticket, pk: int) -> Link:
    """
    Return a link of a ticket that stands.

    :raises Missing: ``link.unknown``
    """
    found = Link.objects.filter(Q(ticket=ticket) | Q(other=ticket), pk=pk, ended_at=None)
    link = found.select_related("ticket", "other").first()
    if link is None:
        raise Missing("link.unknown", number=ticket.number)
    return link


def message(ticket: Ticket, pk: int) -> LogEntry:
    """
    Return one entry of a ticket's log.

    :raises Missing: ``split.message_unknown``
    """
    found = LogEntry.objects.filter(ticket=ticket, pk=pk).first()
    if found is None:
        raise Missing("split.message_unknown", number=ticket.number)
    return found


# -----------------------------------------------------------------------------------------
# The same matter, and the same fault again
# -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that may be the same matter, and on what grounds."""

    ticket: Ticket
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may be the same matter within the standard's window."""

    found: tuple[Suggestion, ...]
    clause: str


def suggestions(viewer: Viewer, ticket: Ticket) -> Suggestions:
    """Return open cases that may be the same matter, those with the most grounds first."""
    rule = standard.read(ticket.edition_id).duplicates(kind=ticket.kind)
    if queries.is_final(ticket):
        return Suggestions((), rule.clause)
    near = (ticket.opened_at - rule.within, ticket.opened_at + rule.within)
    same = Q(pk=None)
    for name in ("line_id", "customer_id", "contact_phone"):
        if value := getattr(ticket, name):
            same |= Q(**{name: value})
    found = queries.visible_to(viewer).filter(
        UNFINISHED, same, kind=ticket.kind, opened_at__range=near
    )
    known = Link.objects.filter(Q(ticket=ticket) | Q(other=ticket), ended_at=None)
    linked = {pk for pair in known.values_list("ticket", "other") for pk in pair}
    rows = found.exclude(pk__in={ticket.pk, *linked}).exclude(state=State.RESOLVED)
    rated = [
        Suggestion(one, _grounds(ticket, one))
        for one in rows.order_by("-opened_at")[:LISTED_AT_MOST]
    ]
    rated.sort(key=lambda one: -len(one.grounds))
    return Suggestions(tuple(rated[:SUGGESTED_AT_MOST]), rule.clause)


def _grounds(ticket: Ticket, other: Ticket) -> tuple[Ground, ...]:
    held = {
        Ground.SAME_LINE: ticket.line_id and ticket.line_id == other.line_id,
        Ground.SAME_CUSTOMER: ticket.customer_id and ticket.customer_id == other.customer_id,
        Ground.SAME_PHONE: ticket.contact_phone and ticket.contact_phone == other.contact_phone,
        Ground.SAME_CATEGORY: ticket.category and ticket.category == other.category,
    }
    return tuple(ground for ground, holds in held.items() if holds)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The earlier faults of the line of a case that make it a repeated one."""

    earlier: tuple[Ticket, ...]
    clause: str

    @property
    def count(self) -> int:
        return len(self.earlier)


def repeat_of(viewer: Viewer, ticket: Ticket) -> Repeat | None:
    """Return what makes a fault a repeated one by the window of its edition, if it is one."""
    rule = standard.read(ticket.edition_id).repeats(kind=ticket.kind)
    if rule is None or ticket.line_id is None or ticket.kind != Kind.FAULT:
        return None
    before = queries.of_line(viewer, ticket.line_id).filter(
        kind=ticket.kind,
        state=State.CLOSED,
        opened_at__lt=ticket.opened_at,
        closed_at__gte=ticket.opened_at - rule.within,
    )
    earlier = tuple(before[:SUGGESTED_AT_MOST])
    return Repeat(earlier, rule.clause) if earlier else None
