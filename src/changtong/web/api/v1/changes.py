"""What changes to a ticket share: whose it is, and how it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from changtong.infra.clock import now
from changtong.tickets import queries
from changtong.web.api.auth import viewer_of


if TYPE_CHECKING:
    from django.http import HttpRequest

# Of what belongs to one ticket; nobody reads further, and no list is without an end.
LISTED_AT_MOST = 500


def own(request: HttpRequest, number: str) -> tuple[str, str, datetime]:
    """Return number, actor and time of a change to a ticket that the viewer may see."""
    viewer = viewer_of(request)
    return queries.by_number(viewer, number).number, viewer.actor, now()


def moved(ticket: Any) -> dict[str, Any]:
    """Return where a ticket stands after a change."""
    return {"number": ticket.number, "state": ticket.state, "due_at": ticket.due_at}
