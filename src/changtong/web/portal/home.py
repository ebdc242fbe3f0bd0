"""The first page: my lines first, then what I can do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from changtong.parties import queries as parties
from changtong.tickets import queries
from changtong.web.ui.access import anyone
from changtong.web.ui.auth import portal_viewer


LINES_AT_MOST = 12
TICKETS_AT_MOST = 6


@anyone
def home(request: HttpRequest) -> HttpResponse:
    viewer = portal_viewer(request)
    lines, tickets = [], []
    if viewer.phone:
        found = parties.lines_visible_to(viewer).select_related("service").order_by("number")
        lines = list(found[:LINES_AT_MOST])
        tickets = list(queries.unfinished(viewer)[:TICKETS_AT_MOST])
        troubled = {ticket.line_id for ticket in tickets if ticket.kind == "fault"}
        for line in lines:
            line.troubled = line.pk in troubled  # type: ignore[attr-defined]
    context = {"viewer": viewer, "lines": lines, "tickets": tickets}
    return render(request, "portal/home.html", context)
