"""Pauses that wait for approval, and what is owed once a result is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from changtong.clocks import queries as clocks
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import aftercare, approving
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.console.tickets import asked as asking
from changtong.web.console.tickets import forms, limits
from changtong.web.console.tickets.actions import Look, respond
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.clocks.models import Clock
    from changtong.tickets.models import Ticket


LISTED_AT_MOST = 100
OWED = (aftercare.PERMANENT_REPAIR, aftercare.CALLBACK)


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed to the applicant of one ticket, and until when."""

    ticket: Ticket
    shown: limits.ClockShown


@staff_only("tickets.view")
def owed(request: HttpRequest) -> HttpResponse:
    """List what waits for a decision or is still owed, within the viewer's reach."""
    viewer = staff_viewer(request)
    visible = queries.visible_to(viewer)
    asked = list(queries.open_pause_requests(visible)[:LISTED_AT_MOST])
    names = wording.names_in(one.requested_by for one in asked)
    open_ = clocks.still_open().filter(metric__in=OWED, subject__in=visible.values("number"))
    running = list(open_.order_by("due_at", "pk")[:LISTED_AT_MOST])
    tickets = {
        one.number: one for one in visible.filter(number__in={one.subject for one in running})
    }
    context = {
        "asked": [asking.shown(one, standard.read(one.ticket.edition_id), names) for one in asked],
        "repairs": _owed(running, tickets, aftercare.PERMANENT_REPAIR),
        "callbacks": _owed(running, tickets, aftercare.CALLBACK),
    }
    return show(request, "tickets/owed.html", context)


@staff_only("tickets.approve_pause")
def approval(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("批准挂起"),
        "check",
        _("已批准，自申请时起暂停计时"),
        note=_("批准后承诺计时自申请时起暂停，法定时限照常计算。"),
    )
    return respond(
        request,
        number,
        forms.PauseApproval,
        lambda act: approving.approve(**act.who, **act.given),
        look,
    )


@staff_only("tickets.approve_pause")
def rejection(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("不批准挂起"), "circle-x", _("已退回，计时没有暂停"), tone="danger")
    return respond(
        request,
        number,
        forms.PauseRejection,
        lambda act: approving.reject(**act.who, **act.given),
        look,
    )


@staff_only("tickets.resolve")
def repair_completion(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(_("登记永久修复"), "wrench", _("已登记永久修复"))
    return respond(
        request,
        number,
        forms.RepairCompletion,
        lambda act: aftercare.complete_repair(**act.who, **act.given),
        look,
    )


@staff_only("tickets.close")
def callback(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("登记回访"),
        "phone-call",
        _("已登记回访"),
        note=_("每次拨打都要登记；不得在客户休息时间拨打。"),
    )
    return respond(
        request,
        number,
        forms.Callback,
        lambda act: aftercare.call_back(**act.who, **act.given),
        look,
    )


def _owed(running: list[Clock], tickets: Mapping[str, Ticket], metric: str) -> list[Owed]:
    return [
        Owed(tickets[one.subject], limits.clock_shown(one, one.subject))
        for one in running
        if one.metric == metric and one.subject in tickets
    ]
