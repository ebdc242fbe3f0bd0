"""What I was told or agreed to when I reported something, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.intake.domain import assurance
from changtong.intake.operations import assuring
from changtong.intake.queries import assurances
from changtong.kernel.errors import Missing
from changtong.tickets import queries as tickets
from changtong.web.ui import htmx
from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import portal_viewer
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.intake.domain.assurance import Given
    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


TICKETS_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Consented:
    """A consent of the viewer's own, and the case that it came with."""

    ticket: Ticket
    kept: Given
    name: str


def of(viewer: Viewer) -> list[Consented]:
    """Return what whoever has proved the number was told or agreed to, of their latest cases."""
    found = tickets.newest(viewer).filter(contact_phone=viewer.phone)
    return [
        Consented(ticket, one, localized(one))
        for ticket in found.annotate(assured=assurances.with_told())[:TICKETS_AT_MOST]
        for one in assurance.consents(assurances.read(ticket.assured))
    ]


@customer_only
@require_POST
def withdrawal(request: HttpRequest) -> HttpResponse:
    """Take a consent back; only whoever applied may."""
    viewer = portal_viewer(request)
    number = request.POST.get("ticket", "")
    ticket = tickets.by_number(viewer, number)
    if ticket.contact_phone != viewer.phone:
        raise Missing("ticket.unknown", number=number)
    assuring.withdraw(
        number=ticket.number,
        consent=request.POST.get("consent", ""),
        channel="web",
        reason="",
        actor=viewer.actor,
        at=now(),
    )
    messages.success(request, gettext("已撤回同意"))
    return htmx.go_to(request, "/portal/mine")
