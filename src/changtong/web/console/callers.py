"""Who is on the telephone or at the counter, and what we know before the first word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from changtong.feedback import queries as feedback
from changtong.infra.clock import now
from changtong.intake import queries as contacts
from changtong.parties import queries as parties
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import UNFINISHED
from changtong.web.console.frame import show
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from changtong.feedback.models import Announcement
    from changtong.intake.models import Contact
    from changtong.parties.domain.roles import Viewer
    from changtong.parties.models import Line
    from changtong.tickets.models import Ticket


READ_AT_MOST = 30
OPEN_AT_MOST = 5
PAST_AT_MOST = 3
CONTACTS_AT_MOST = 3
LINES_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class Known:
    """What the desk shows of a caller: their lines, what is open, what was, what is announced."""

    # What is open on the chosen line, then what is open on the customer's others.
    open: Sequence[Ticket] = ()
    past: Sequence[Ticket] = ()
    contacts: Sequence[Contact] = ()
    lines: Sequence[Line] = ()
    told: Sequence[Announcement] = ()
    at: datetime | None = None


@staff_only("tickets.open")
def my_call(request: HttpRequest) -> HttpResponse:
    """Show who calls the viewer at this moment; nobody sees another's calls."""
    viewer = staff_viewer(request)
    call = contacts.current_call(viewer.staff_id, at=now())
    found = lines_of(viewer, call.caller) if call else []
    names = list(dict.fromkeys(one.customer.name for one in found))
    return show(request, "intake/call.html", {"call": call, "names": names})


def known_of(viewer: Viewer, line: Line | None) -> Known:
    """Return what the viewer may know of the customer whose line it is."""
    if line is None:
        return Known()
    at = now()
    history = list(tickets.of_customer(viewer, line.customer_id)[:READ_AT_MOST])
    unfinished = [one for one in history if one.state in UNFINISHED]
    past = [one for one in history if one.state not in UNFINISHED]
    others = parties.lines_visible_to(viewer).filter(customer=line.customer_id)
    others = others.exclude(pk=line.pk).select_related("service", "customer")
    standing = [one for one in feedback.standing(at=at) if one.starts_at <= at]
    return Known(
        open=sorted(unfinished, key=lambda one: one.line_id != line.pk)[:OPEN_AT_MOST],
        past=past[:PAST_AT_MOST],
        contacts=contacts.latest_contacts([one.pk for one in history], at_most=CONTACTS_AT_MOST),
        lines=list(others.order_by("number")[:LINES_AT_MOST]),
        told=feedback.concerning(standing, region_path=line.region.path, family=line.family),
        at=at,
    )


def number_of_call(viewer: Viewer, pk: str) -> str:
    """Return from which number a call of the viewer's came."""
    call = contacts.call_of(viewer.staff_id, int(pk)) if pk.isascii() and pk.isdigit() else None
    return call.caller if call else ""


def lines_of(viewer: Viewer, phone: str) -> list[Line]:
    """Return the lines that a number belongs to: itself, or its owner's."""
    return parties.lines_matching(viewer, phone) if phone.strip() else []
