"""What a case's line hangs on, what else fails there, and finding out what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from changtong.infra.clock import now
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import working
from changtong.tickets.queries.access import path_of
from changtong.web.console.frame import show
from changtong.web.console.tickets.actions import back_to_case
from changtong.web.ui import checks
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.standard.domain.self_checks import SelfCheck
    from changtong.tickets.models import Ticket


@staff_only("tickets.view")
def access(request: HttpRequest, number: str) -> HttpResponse:
    """Show the way from the network to the line, with the unfinished cases of others on it."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    context = {
        "ticket": ticket,
        "elements": path_of(viewer, ticket),
        "checks": _checks(ticket) if _may_diagnose(viewer, ticket) else [],
    }
    return show(request, "tickets/access.html", context, part="access")


@staff_only("tickets.work")
def diagnosis(request: HttpRequest, number: str) -> HttpResponse:
    """Ask the next question of a check, or write down what it found out."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    given = request.POST if request.method == "POST" else request.GET
    edition = standard.read(ticket.edition_id)
    check = edition.self_check(given.get("check", ""))
    walk = checks.walk(check, given.get("path", ""))
    if request.method == "POST":
        working.log(
            number=number,
            type_="remote_action",
            text="\n".join([walk.said, _result(walk)]),
            details={"item": localized(check)},
            actor=viewer.actor,
            at=now(),
        )
        return back_to_case(request, number, _("诊断已记入工单"))
    points_to = walk.category if walk.category != ticket.category else ""
    context: dict[str, Any] = {
        "ticket": ticket,
        "check": check,
        "walk": walk,
        "points_to": points_to,
        "category_name": localized(edition.category(points_to)) if points_to else "",
        "may_reclassify": viewer.may("tickets.accept"),
    }
    return show(request, "tickets/diagnosis.html", context, part="diagnosis")


def _may_diagnose(viewer: Viewer, ticket: Ticket) -> bool:
    return viewer.may("tickets.work") and not queries.is_final(ticket)


def _checks(ticket: Ticket) -> list[SelfCheck]:
    every = standard.read(ticket.edition_id).self_checks
    return [one for one in every if ticket.family in one.families]


def _result(walk: checks.Walk) -> str:
    if walk.is_solved:
        return _("结果：已恢复")
    return _("结果：需要处理") if walk.is_over else _("结果：没有做完")


_TICKET = "tickets/<str:number>"
urlpatterns: Sequence[Any] = [
    path(f"{_TICKET}/access", access, name="ticket_access"),
    path(f"{_TICKET}/diagnosis", diagnosis, name="ticket_diagnosis"),
]
