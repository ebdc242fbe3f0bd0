"""The supervisor's figures; each leads to the list behind it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from changtong.dispatch.queries import orders
from changtong.feedback import queries as feedback
from changtong.infra.clock import now
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.web.console import menu
from changtong.web.console.frame import show
from changtong.web.console.tickets import narrowing
from changtong.web.console.tickets.rows import COLUMNS, listed, rows_of
from changtong.web.ui import labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.tables import bounded
from changtong.workspace.queries import settings


LISTED_AT_MOST = 12
COUNTED_AT_MOST = 1_000
EVALUATED = timedelta(days=30)
OPEN_STATES = (
    "acknowledged",
    "accepted",
    "assigned",
    "in_progress",
    "pending",
    "held",
    "resolved",
)


@staff_only("")
def start(request: HttpRequest) -> HttpResponse:
    """Begin the day where this person wants to, or where their role's work is."""
    viewer = staff_viewer(request)
    return redirect(menu.start(viewer, settings.of(viewer.staff_id).start_page))


@staff_only("")
def home(request: HttpRequest) -> HttpResponse:
    """Show the figures to whoever may see them; send others to where their work begins."""
    viewer = staff_viewer(request)
    if not viewer.may("dashboard.view"):
        return redirect(menu.start(viewer))
    at = now()
    open_ = tickets.unfinished(viewer)
    intake = tickets.intake_since(viewer, narrowing.today(at))
    by_state = tickets.open_by_state(viewer)
    soon = narrowing.soon(open_, at)
    context = {
        "at": at,
        "today": sum(count for _channel, _kind, count in intake),
        "intake": _intake_chart(intake),
        "intake_links": _intake_links(intake),
        "states": _states(by_state),
        "open_total": sum(by_state.values()),
        "soon": rows_of(listed(soon)[:LISTED_AT_MOST], at=at),
        "soon_count": _counted(soon),
        "late_count": _counted(narrowing.late(open_, at)),
        "breached_today": _counted(narrowing.breached_today(tickets.newest(viewer), at)),
        "satisfaction": feedback.average(viewer, since=at - EVALUATED),
        "alarms": _counted(orders.alarms(viewer)) if viewer.may("dispatch.view") else None,
        "columns": COLUMNS,
        "queue_url": reverse("console:tickets"),
    }
    return show(request, "dashboard/home.html", context, part="live")


def _counted(rows: QuerySet[Any, Any]) -> str:
    return bounded(len(rows.values_list("pk")[:COUNTED_AT_MOST]), COUNTED_AT_MOST)


def _intake_links(intake: list[tuple[str, str, int]]) -> list[list[dict[str, Any]]]:
    """Return the ways to today's tickets of each kind and of each channel."""
    url = f"{reverse('console:tickets')}?tab=newest&when=opened-today"
    counted = {"kind": Counter[str](), "channel": Counter[str]()}
    for channel, kind, count in intake:
        counted["kind"][kind] += count
        counted["channel"][channel] += count
    return [
        [
            {"label": look.words, "count": counts[code], "url": f"{url}&{name}={code}"}
            for code, look in labels.TABLES[name].items()
            if counts[code]
        ]
        for name, counts in counted.items()
    ]


def _intake_chart(intake: list[tuple[str, str, int]]) -> dict[str, Any]:
    """Return today's intake as a stacked chart: kinds over channels."""
    channels = [code for code in labels.CHANNELS if any(row[0] == code for row in intake)]
    counted = {(channel, kind): count for channel, kind, count in intake}
    return {
        "labels": [labels.label("channel", code) for code in channels],
        "series": [
            {
                "name": labels.label("kind", kind),
                "values": [counted.get((channel, kind), 0) for channel in channels],
            }
            for kind in labels.KINDS
        ],
    }


def _states(by_state: dict[str, int]) -> list[dict[str, Any]]:
    queue = reverse("console:tickets")
    tabs = {
        State.ACKNOWLEDGED: "registered",
        State.ACCEPTED: "unassigned",
        State.RESOLVED: "resolved",
    }
    largest = max(by_state.values(), default=1)
    return [
        {
            "code": code,
            "count": by_state.get(code, 0),
            "largest": largest,
            "url": f"{queue}?tab={tabs[State(code)]}"
            if State(code) in tabs
            else f"{queue}?tab=open&state={code}",
        }
        for code in OPEN_STATES
    ]
