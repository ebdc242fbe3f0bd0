from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.workspace.models import Watch


if TYPE_CHECKING:
    from collections.abc import Iterable

    from changtong.parties.models import Staff
    from changtong.tickets.models import Ticket


NAMED_AT_MOST = 8
COLLEAGUES_AT_MOST = 500


def watched_by(staff_id: int | None) -> Exists:
    """Return the condition on tickets that somebody watches them."""
    return Exists(Watch.objects.filter(staff=staff_id, ticket=OuterRef("pk")))


def is_watching(staff_id: int | None, ticket: Ticket) -> bool:
    """Say whether somebody watches a ticket."""
    return Watch.objects.filter(staff=staff_id, ticket=ticket).exists()


def watchers(ticket: Ticket) -> list[Staff]:
    """Return who watches a ticket and may still see it."""
    rows = Watch.objects.select_related("staff__region").filter(ticket=ticket).order_by("id")
    return who_see(ticket, [one.staff for one in rows])


def colleagues(viewer: Viewer, typed: str = "") -> list[Staff]:
    """Return the colleagues of the viewer whose names begin as typed."""
    rows = parties.staff_visible_to(viewer).filter(is_active=True, name__startswith=typed)
    return list(rows.exclude(pk=viewer.staff_id or 0)[:COLLEAGUES_AT_MOST])


def who_see(ticket: Ticket, people: Iterable[Staff]) -> list[Staff]:
    """Return those of the people who may see a ticket."""
    return [
        one
        for one in people
        if one.is_active
        and tickets.visible_to(parties.viewer_of(one)).filter(pk=ticket.pk).exists()
    ]
