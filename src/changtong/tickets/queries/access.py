"""What else is unfinished on the way from the network to a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from changtong.parties import queries as parties
from changtong.tickets import queries
from changtong.tickets.models import UNFINISHED


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


SHOWN = 5
COUNTED_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of the network that a line hangs on, and the cases of others on it."""

    name: str
    resource: str
    cases: tuple[Ticket, ...]

    @property
    def shown(self) -> tuple[Ticket, ...]:
        return self.cases[:SHOWN]

    @property
    def count(self) -> int:
        return min(len(self.cases), COUNTED_AT_MOST)

    @property
    def more(self) -> bool:
        return len(self.cases) > COUNTED_AT_MOST


def path_of(viewer: Viewer, ticket: Ticket) -> list[Element]:
    """
    Return what the line of a case hangs on, the widest first, with what else is unfinished there.

    Only cases that the viewer may see are counted; nothing if the resource is not known.
    """
    if ticket.line is None:
        return []
    return [
        Element(name, resource, tuple(_unfinished_on(viewer, ticket, resource)))
        for name, resource in parties.elements(ticket.line.access_resource)
    ]


def _unfinished_on(viewer: Viewer, ticket: Ticket, resource: str) -> list[Ticket]:
    found = queries.visible_to(viewer).filter(UNFINISHED, line__in=parties.lines_on(resource))
    return list(found.exclude(pk=ticket.pk).order_by("-id")[: COUNTED_AT_MOST + 1])
