"""What the applicant takes home from the counter, on paper of 80 mm or of a usual size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno

from changtong.clocks import queries as clocks
from changtong.feedback import queries as feedback
from changtong.intake.queries import queueing as numbers
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.console.intake import PROMISED
from changtong.web.console.tickets.case import lacking
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


# The light edge that a reader of the code needs, in modules.
EDGE = 4


@staff_only("tickets.open")
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the applicant takes home: the number, what was promised, and how to follow it."""
    ticket = tickets.by_number(staff_viewer(request), number)
    edition = standard.read(ticket.edition_id)
    running = [one for one in clocks.of(number).prefetch_related(None) if one.is_open]
    link = feedback.tracking_link(number)
    came_with = numbers.number_of(ticket)
    context = {
        "ticket": ticket,
        "edition": edition,
        "category_name": wording.category(ticket.category, edition),
        "promises": [one for one in running if one.metric in PROMISED],
        "code": _drawn(link),
        "came_with": came_with,
        "lacking": lacking(ticket, edition),
    }
    return show(request, "intake/receipt.html", context)


def _drawn(text: str) -> dict[str, object]:
    """Return the QR code of a text as a path for SVG, with its size in modules."""
    code = segno.make_qr(text, error="m")
    rows = enumerate(code.matrix_iter(border=EDGE))
    dark = [f"M{x} {y}h1v1h-1z" for y, row in rows for x, set_ in enumerate(row) if set_]
    return {"size": code.symbol_size(border=EDGE)[0], "path": "".join(dark)}
