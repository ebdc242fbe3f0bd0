"""Give a visit another time, or hand it back: for dispatchers, and for technicians their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.clocks import queries as clocks
from changtong.dispatch.operations import appointing, visiting
from changtong.dispatch.queries import appointments, orders
from changtong.dispatch.queries.candidates import HANDLING
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.tickets import queries as tickets
from changtong.web.console.tickets.actions import Act, Look, respond
from changtong.web.console.tickets.forms import TicketForm
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.times import times


if TYPE_CHECKING:
    from changtong.dispatch.models import WorkOrder


class Appointment(TicketForm):
    starts_at = forms.TypedChoiceField(label=gettext_lazy("新的上门时间"), coerce=parse_datetime)
    asked_by = forms.ChoiceField(
        label=gettext_lazy("谁要改"),
        choices=[("customer", gettext_lazy("客户要求")), ("us", gettext_lazy("我方原因"))],
        widget=forms.RadioSelect,
        help_text=gettext_lazy("客户要求的，服务承诺的计时等到新的时间；法定时限照常计算"),
    )
    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("我方原因改约必须填写，并应致歉"),
    )

    def arrange(self) -> None:
        order = orders.open_of(self.ticket.pk)
        offered = appointments.on_offer(order, at=now()) if order else []
        field = self.fields["starts_at"]
        handling = [one for one in clocks.of(self.ticket.number) if one.metric in HANDLING]
        due_at = min((one.due_at for one in handling if one.is_open), default=None)
        field.choices = times(offered, due_at=due_at)  # type: ignore[attr-defined]
        if not offered:
            field.help_text = _("没有可改的时段：上门已开始，或近日都已排满，可以改派。")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("asked_by") == "us" and not given.get("reason"):
            self.add_error("reason", _("请说明原因。"))
        return given


class HandBack(TicketForm):
    reason = forms.CharField(
        label=gettext_lazy("为什么去不了"),
        max_length=200,
        help_text=gettext_lazy("例如：车辆故障、上一单走不开"),
    )


@staff_only("dispatch.assign")
def appointment(request: HttpRequest, number: str) -> HttpResponse:
    """Move the visit of a ticket; `number` is the ticket's."""
    ticket = tickets.by_number(staff_viewer(request), number)
    order = orders.open_of(ticket.pk)
    if order is None:
        raise Missing("work_order.unknown", number=number)
    return _appointment(request, order)


@staff_only("dispatch.own")
def own_appointment(request: HttpRequest, number: str) -> HttpResponse:
    """Move one's own visit; `number` is the work order's."""
    return _appointment(request, own(request, number))


@staff_only("dispatch.own")
def cancellation(request: HttpRequest, number: str) -> HttpResponse:
    """Hand one's own work back, because one cannot do it."""
    order = own(request, number)
    look = Look(
        _("去不了，交回"),
        "undo-2",
        _("已交回，系统会另派他人或告知调度"),
        tone="danger",
        note=_("其他合适的人会接手；没有人能接时，调度会收到告警。"),
    )

    def run(act: Act) -> object:
        return visiting.cancel(
            number=order.number, reason=act.given["reason"], actor=act.actor, at=act.at
        )

    return respond(request, order.ticket_number, HandBack, run, look)


def own(request: HttpRequest, number: str) -> WorkOrder:
    """
    Return one of the viewer's own work orders.

    :raises Missing: ``work_order.unknown``, also for somebody else's whose ticket may be seen
    """
    viewer = staff_viewer(request)
    order = orders.by_number(viewer, number)
    if order.technician_id != viewer.staff_id:
        raise Missing("work_order.unknown", number=number)
    return order


def _appointment(request: HttpRequest, order: WorkOrder) -> HttpResponse:
    def run(act: Act) -> object:
        who: dict[str, Any] = {"number": order.number, "actor": act.actor, "at": act.at}
        starts_at = act.given["starts_at"]
        if act.given["asked_by"] == "customer":
            return appointing.reschedule(starts_at=starts_at, **who)
        return appointing.replan(starts_at=starts_at, reason=act.given["reason"], **who)

    look = Look(_("改约"), "calendar-clock", _("已改约，客户会收到新的时间"))
    return respond(request, order.ticket_number, Appointment, run, look)
