"""The checklists of a case: what of them is done, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import ticking
from changtong.tickets.queries.ticks import ticks_of
from changtong.web.console import wording
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket
    from changtong.tickets.queries.ticks import Tick


@dataclass(frozen=True, slots=True)
class Shown:
    """One item, and who ticked it when."""

    key: str
    name: str
    clause: str
    required: bool
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownList:
    """One checklist in words."""

    name: str
    items: tuple[Shown, ...]

    @property
    def done(self) -> int:
        return sum(one.at is not None for one in self.items)


@staff_only("tickets.work")
@require_POST
def ticks(request: HttpRequest, number: str) -> HttpResponse:
    """Tick an item, or take its tick back."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    change = ticking.tick if request.POST.get("done") == "1" else ticking.take_back
    change(number=ticket.number, item=request.POST.get("item", ""), actor=viewer.actor, at=now())
    if htmx.wants_part(request):
        context = {"ticket": ticket, **shown(ticket, viewer, ticks_of(ticket.number))}
        return render(request, "console/tickets/checklists.html", context)
    return htmx.go_to(request, reverse("console:ticket", args=[number]))


def shown(ticket: Ticket, viewer: Viewer, made: Mapping[str, Tick]) -> dict[str, Any]:
    """Return the checklists of a case, with who ticked what."""
    edition = standard.read(ticket.edition_id)
    lists = edition.checklists_of(kind=ticket.kind, category=ticket.category)
    names = wording.names_in([one.actor for one in made.values()]) if made else {}

    def said(key: str, name: str, clause: str, *, required: bool) -> Shown:
        tick = made.get(key)
        if tick is None:
            return Shown(key, name, clause, required)
        by = wording.actor(tick.actor, names)
        return Shown(key, name, clause, required, by, tick.at)

    return {
        "checklists": [
            ShownList(
                localized(one),
                tuple(
                    said(key, localized(item), item.clause, required=item.required)
                    for key, item in one.keyed()
                ),
            )
            for one in lists
        ],
        "may_tick": viewer.may("tickets.work") and ticket.state in ticking.TICKABLE,
    }
