"""When somebody could come, while a fault is being reported."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from changtong.dispatch.queries import appointments
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets.domain.lifecycle import Kind
from changtong.tickets.queries import sketches
from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import portal_viewer
from changtong.web.ui.times import times as by_day


if TYPE_CHECKING:
    from changtong.dispatch.domain.slots import Slot


MORNING, AFTERNOON = time(9), time(14)
SOONEST = ("", _("越快越好"))


@customer_only
def times(request: HttpRequest, kind: str) -> HttpResponse:
    """Answer with the free times for what was tapped, or say that nobody has to come."""
    if kind not in set(Kind):
        raise Http404
    at = now()
    offered = free(portal_viewer(request), kind, request.GET, at=at)
    context = {"choices": choices(offered, at=at), "visits": offered, "chosen": ""}
    return render(request, "portal/reports/times.html", context)


def free(viewer: Viewer, kind: str, given: Any, *, at: datetime) -> list[Slot] | None:
    """Return the free times of those who serve the line; None if that cannot be said yet."""
    number, category = given.get("line") or "", given.get("category") or ""
    found = parties.lines_visible_to(viewer).select_related("customer", "region")
    line = found.filter(number=number).first() if number and category else None
    if line is None:
        return None
    try:
        planned = sketches.sketch(kind=kind, category=category, line=line, at=at)
    except Missing:
        return None
    return appointments.on_offer_for(planned, at=at)


def choices(offered: list[Slot] | None, *, at: datetime) -> list[Any]:
    """Return what a customer may choose: free times, or else half days to wish for."""
    return [SOONEST, *(wishes(at) if offered is None else by_day(offered))]


def wishes(at: datetime) -> list[tuple[str, str]]:
    """Return the coming half days in which somebody could be at home."""
    today = localtime(at)
    names = (_("今天"), _("明天"), _("后天"))
    days = [(today + timedelta(days=after), name) for after, name in enumerate(names)]
    found = []
    for day, name in days:
        for hour, part in ((MORNING, _("上午")), (AFTERNOON, _("下午"))):
            start = datetime.combine(day.date(), hour, tzinfo=day.tzinfo)
            if start > at:
                words = gettext("%(day)s%(part)s") % {"day": name, "part": part}
                found.append((start.isoformat(), words))
    return found
