"""Everything about one person as one file: for programs, and for reading."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from changtong.feedback import queries as feedback
from changtong.intake import queries as intake
from changtong.intake.domain import assurance
from changtong.intake.queries import assurances
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.web.ui.formats import localized
from changtong.web.ui.questions import told


TICKETS_AT_MOST = 500
MESSAGES_AT_MOST = 5_000


def package(viewer: Viewer, request: HttpRequest, *, at: datetime) -> bytes:
    """Return a ZIP with all that is kept about whoever has proved the number."""
    content = about(viewer, at=at)
    page = render_to_string("portal/taking_away.html", {"content": content}, request)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data.json", json.dumps(content, ensure_ascii=False, indent=2, default=str))
        made.writestr("data.html", page)
    return file.getvalue()


def about(viewer: Viewer, *, at: datetime) -> dict[str, Any]:
    """Return it as plain values; what staff note for themselves is not the person's to have."""
    customers = parties.customers_visible_to(viewer).select_related("region").order_by("number")
    lines = parties.lines_visible_to(viewer).select_related("service").order_by("number")
    said = feedback.portal_messages(viewer)[:MESSAGES_AT_MOST]
    return {
        "phone": viewer.phone,
        "wants_outage_news": feedback.wants_outage_news(viewer.phone),
        "made_at": at.isoformat(),
        "customers": [
            {
                "number": one.number,
                "name": one.name,
                "phone": one.phone,
                "email": one.email,
                "language": one.language,
                "region": one.region.name,
            }
            for one in customers
        ],
        "lines": [
            {
                "number": one.number,
                "service": one.service.name,
                "address": one.address,
                "state": one.state,
            }
            for one in lines
        ],
        "tickets": [_ticket(one) for one in _tickets(viewer)],
        "messages": [
            {"at": one.sent_at or one.created_at, "subject": one.subject, "text": one.body}
            for one in said
        ],
    }


def _tickets(viewer: Viewer) -> Any:
    found = tickets.newest(viewer).prefetch_related("log", "attachments", "resolutions")
    found = found.annotate(said=intake.all_answers(), assured=assurances.with_told())
    return found[:TICKETS_AT_MOST]


def _ticket(ticket: Any) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "state": ticket.state,
        "title": ticket.title,
        "description": ticket.description,
        "contact_name": ticket.contact_name,
        "contact_phone": ticket.contact_phone,
        "contact_email": ticket.contact_email,
        "address": ticket.address,
        "special_needs": ticket.special_needs,
        "opened_at": ticket.opened_at,
        "closed_at": ticket.closed_at,
        "answers": [
            {"question": localized(one), "answer": localized(one, "says")}
            for one in told(ticket.said)
        ],
        "consents": [
            {"name": localized(one), "at": one.noted_at, "withdrawn_at": one.withdrawn_at}
            for one in assurance.consents(assurances.read(ticket.assured))
        ],
        "results": [one.result for one in ticket.resolutions.all()],
        "said": [
            {"at": one.happened_at, "text": one.text} for one in ticket.log.all() if one.public
        ],
        "files": [one.name for one in ticket.attachments.all() if one.public],
    }


def latest_region(viewer: Viewer) -> str:
    """Return the region of the person's latest matter; nothing if there is none."""
    latest = tickets.newest(viewer).select_related("region").first()
    return latest.region.code if latest else ""
