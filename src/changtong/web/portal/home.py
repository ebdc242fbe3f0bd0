"""The first page: how my lines are, then what I can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from changtong.feedback import queries as feedback
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries
from changtong.web.portal.progress import Followed, day_and_time, followed
from changtong.web.ui.access import anyone
from changtong.web.ui.auth import portal_viewer


if TYPE_CHECKING:
    from changtong.feedback.models import Announcement
    from changtong.parties.models import Line


LINES_AT_MOST = 12
TICKETS_AT_MOST = 12
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Told:
    """An announcement as its readers see it."""

    made: Announcement
    since: str
    until: str
    begun: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one line: its own state, its open fault, what its area is told."""

    line: Line
    fault: Followed | None
    told: tuple[Told, ...]

    @property
    def outage(self) -> Told | None:
        """Return the outage that the line is touched by now."""
        return next((one for one in self.told if one.made.kind == "outage" and one.begun), None)

    @property
    def state(self) -> str:
        """Return the one word that matters most."""
        if self.line.state != ACTIVE:
            return str(self.line.state)
        if self.fault is not None:
            return "fault"
        if self.outage is not None:
            return "outage"
        return "works" if any(one.begun for one in self.told) else "well"


@anyone
def home(request: HttpRequest) -> HttpResponse:
    viewer = portal_viewer(request)
    if not viewer.phone:
        return render(request, "portal/home.html", {"viewer": viewer})
    at = now()
    matters = followed(list(queries.unfinished(viewer)[:TICKETS_AT_MOST]), at=at)
    health = healths(lines_of(viewer), matters, at=at)
    of_lines = {one.fault.ticket.pk for one in health if one.fault is not None}
    told = {one.made.pk: one for line in health for one in line.told}
    context = {
        "viewer": viewer,
        "health": health,
        "told": told.values(),
        "matters": [one for one in matters if one.ticket.pk not in of_lines],
        "only": health[0].line if len(health) == 1 else None,
    }
    return render(request, "portal/home.html", context)


def lines_of(viewer: Viewer) -> list[Line]:
    """Return the viewer's lines as the portal shows them."""
    found = parties.lines_visible_to(viewer).select_related("service", "region")
    return list(found.order_by("number")[:LINES_AT_MOST])


def healths(lines: Sequence[Line], matters: Sequence[Followed], *, at: datetime) -> list[Health]:
    """Return how each line is; what needs attention comes first."""
    faults = {one.ticket.line_id: one for one in matters if one.ticket.kind == "fault"}
    standing = feedback.standing(at=at) if lines else []
    found = [Health(line, faults.get(line.pk), told_to(line, standing, at=at)) for line in lines]
    return sorted(found, key=lambda one: one.state == "well")


def told_to(line: Line, standing: Sequence[Announcement], *, at: datetime) -> tuple[Told, ...]:
    """Return what is announced for a line."""
    made = feedback.concerning(standing, region_path=line.region.path, family=line.family)
    return tuple(
        Told(
            made=one,
            since=day_and_time(one.starts_at, at=at),
            until=day_and_time(one.ends_at, at=at),
            begun=one.starts_at <= at,
            late=one.ends_at <= at,
        )
        for one in made
    )
