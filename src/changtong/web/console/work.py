"""The technician's own work: today's orders and one big next action for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.dispatch.operations import visiting
from changtong.dispatch.queries import appointments, orders
from changtong.infra.clock import now
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.web.console import wording
from changtong.web.console.appointments import own
from changtong.web.console.frame import show
from changtong.web.console.tickets.rows import listed, risky_from, rows_of
from changtong.web.console.tickets.steps import OPEN
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import Promise

    from changtong.dispatch.models import WorkOrder


ORDERS_AT_MOST = 40
CLAIMABLE_AT_MOST = 20
UNTESTED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Next:
    """The one thing to press now."""

    label: str | Promise
    icon: str
    url: str
    opens_form: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A work order as its technician meets it."""

    order: WorkOrder
    category: str
    next: Next | None
    notes: tuple[Next, ...]
    warn_at: datetime | None
    resources: tuple[str, ...]
    changes: tuple[Next, ...] = ()


NOTES: tuple[tuple[str, str | Promise, str], ...] = (
    ("measurement", gettext_lazy("测量"), "gauge"),
    ("part_used", gettext_lazy("用料"), "package"),
    ("retest", gettext_lazy("复测"), "activity"),
    ("call", gettext_lazy("通话"), "phone"),
    ("note", gettext_lazy("备注"), "notebook-pen"),
)


@staff_only("dispatch.own")
def mine(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    # An order whose ticket is done goes at once, before the worker has ended it.
    found = orders.mine(viewer).filter(ticket__state__in=OPEN)[:ORDERS_AT_MOST]
    claimable = tickets.unfinished(viewer).filter(
        state__in=[State.ACCEPTED, State.ASSIGNED], assignee=None, team_id__in=viewer.team_ids
    )
    context = {
        "jobs": [_job(one) for one in found],
        "claimable": rows_of(listed(claimable)[:CLAIMABLE_AT_MOST], at=now()),
        "untested": tickets.without_retest(viewer, at_most=UNTESTED_AT_MOST),
    }
    return show(request, "work/mine.html", context, part="jobs")


@staff_only("dispatch.own")
@require_POST
def start(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    order = own(request, number)
    visiting.start(number=order.number, actor=viewer.actor, at=now())
    return _back(request, _("已出发") if order.mode == "field" else _("已开始处理"))


@staff_only("dispatch.own")
@require_POST
def arrival(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    order = own(request, number)
    visiting.arrive(number=order.number, actor=viewer.actor, at=now())
    return _back(request, _("已登记到场"))


def _back(request: HttpRequest, done: str) -> HttpResponse:
    messages.success(request, done)
    return htmx.go_to(request, reverse("console:work"))


def _job(order: WorkOrder) -> Job:
    ticket = order.ticket
    edition = standard.read(ticket.edition_id)
    log_url = reverse("console:ticket_log", args=[ticket.number])
    photo = Next(
        _("照片"),
        "camera",
        f"{reverse('console:ticket_attachments', args=[ticket.number])}?back=work",
        opens_form=True,
    )
    notes = [
        Next(label, icon, f"{log_url}?type={code}&back=work", opens_form=True)
        for code, label, icon in NOTES
    ]
    return Job(
        order=order,
        category=wording.category(ticket.category, edition),
        next=_next(order),
        notes=(*notes, photo),
        changes=_changes(order),
        warn_at=risky_from(ticket.opened_at, ticket.due_at),
        resources=tuple(
            one.resource.name for one in order.bookings.all() if one.resource and one.active
        ),
    )


def _changes(order: WorkOrder) -> tuple[Next, ...]:
    """Return what may come between: another time, a pause, or not being able to."""
    if order.state == "held":
        return ()
    paused = f"{reverse('console:ticket_pause', args=[order.ticket_number])}?back=work"
    pause = Next(_("挂起"), "circle-pause", paused, opens_form=True)
    pauses = (pause,) if order.ticket.state == State.IN_PROGRESS else ()
    if order.arrived_at is not None:
        return pauses
    moved, returned = (
        f"{reverse(f'console:work_{what}', args=[order.number])}?back=work"
        for what in ("appointment", "cancellation")
    )
    words = _("去不了") if order.mode == "field" else _("做不了")
    hand_back = Next(words, "undo-2", returned, opens_form=True)
    if not appointments.movable(order):
        return (*pauses, hand_back)
    return (Next(_("改约"), "calendar-clock", moved, opens_form=True), hand_back)


def _next(order: WorkOrder) -> Next | None:
    ticket = order.ticket
    if ticket.state == State.HELD:
        resumed = f"{reverse('console:ticket_resumption', args=[ticket.number])}?back=work"
        return Next(_("恢复处理"), "circle-play", resumed)
    if ticket.state == State.PENDING:
        return None
    if order.state == "acknowledged":
        field = order.mode == "field"
        return Next(
            _("接单并出发") if field else _("接单并开始"),
            "truck" if field else "circle-play",
            reverse("console:work_start", args=[order.number]),
        )
    if order.mode == "field" and order.arrived_at is None:
        return Next(_("已到场"), "map-pin", reverse("console:work_arrival", args=[order.number]))
    return Next(
        _("完成：提交结果"),
        "check",
        f"{reverse('console:ticket_resolution', args=[ticket.number])}?back=work",
        opens_form=True,
    )
