"""The supervisor's figures; each leads to the list behind it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import get_current_timezone, localtime

from changtong.clocks import queries as clocks
from changtong.dispatch.queries import orders
from changtong.feedback import queries as feedback
from changtong.infra.clock import now
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.web.console import menu
from changtong.web.console.frame import show
from changtong.web.console.tickets.queue import COLUMNS, rows_of
from changtong.web.ui import labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


RISK_WITHIN = timedelta(hours=2)
RISK_LISTED = 12
COUNTED_AT_MOST = 200
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
def home(request: HttpRequest) -> HttpResponse:
    """Show the figures to whoever may see them; send others to where their work begins."""
    viewer = staff_viewer(request)
    if not viewer.may("dashboard.view"):
        return redirect(menu.start(viewer))
    at = now()
    today = datetime.combine(localtime(at).date(), time(), tzinfo=get_current_timezone())
    intake = tickets.intake_since(viewer, today)
    by_state = tickets.open_by_state(viewer)
    risky = tickets.unfinished(viewer).filter(due_at__gte=at, due_at__lt=at + RISK_WITHIN)
    late = tickets.unfinished(viewer).filter(due_at__lt=at)
    alarms = len(orders.alarms(viewer)[:COUNTED_AT_MOST]) if viewer.may("dispatch.view") else None
    rows = rows_of(risky, COUNTED_AT_MOST)
    context = {
        "at": at,
        "today": sum(count for _channel, _kind, count in intake),
        "intake": _intake_chart(intake),
        "states": _states(by_state),
        "open_total": sum(by_state.values()),
        "risky": rows[:RISK_LISTED],
        "risky_count": _bounded(len(rows)),
        "late_count": _bounded(len(late.values_list("pk")[:COUNTED_AT_MOST])),
        "breached_today": _bounded(_breached_today(viewer, today)),
        "satisfaction": feedback.average(viewer, since=at - EVALUATED),
        "alarms": None if alarms is None else _bounded(alarms),
        "columns": COLUMNS,
        "queue_url": reverse("console:tickets"),
    }
    return show(request, "dashboard/home.html", context, part="live")


def _breached_today(viewer: Viewer, today: datetime) -> int:
    subjects = {one.subject for one in clocks.breached(since=today)}
    return len(tickets.visible_to(viewer).filter(number__in=subjects).values_list("pk"))


def _bounded(count: int) -> str:
    return f"{COUNTED_AT_MOST}+" if count >= COUNTED_AT_MOST else str(count)


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
