"""The customer's visit: when it is, and another time for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from changtong.dispatch.operations import appointing
from changtong.dispatch.queries import appointments, orders
from changtong.infra.clock import now
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing
from changtong.tickets import queries
from changtong.web.ui import htmx
from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import portal_viewer
from changtong.web.ui.times import times


if TYPE_CHECKING:
    from changtong.dispatch.models import WorkOrder
    from changtong.tickets.models import Ticket


class Another(forms.Form):
    starts_at = forms.TypedChoiceField(label=_("新的上门时间"), coerce=parse_datetime)

    def __init__(self, *args: object, order: WorkOrder, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offered = appointments.on_offer(order, at=now())
        self.fields["starts_at"].choices = times(offered)  # type: ignore[attr-defined]


def visit_of(order: WorkOrder | None) -> WorkOrder | None:
    """Return the work order if it is a visit that has a time."""
    return order if order and order.mode == "field" and order.planned else None


def missed_wish(ticket: Ticket, order: WorkOrder | None) -> bool:
    """Say whether the visit comes later than was wished for, and not because somebody moved it."""
    visit = visit_of(order)
    if visit is None or ticket.wanted_at is None or visit.planned.lower <= ticket.wanted_at:
        return False
    return not journal.timeline(ticket.number).filter(tag="visit.moved").exists()


@customer_only
def appointment(request: HttpRequest, number: str) -> HttpResponse:
    viewer = portal_viewer(request)
    ticket = queries.by_number(viewer, number)
    order = orders.open_of(ticket.pk)
    if order is None or not appointments.movable(order):
        raise Missing("work_order.unknown", number=number)
    form = Another(request.POST if request.method == "POST" else None, order=order)
    if form.is_valid():
        appointing.reschedule(
            number=order.number,
            starts_at=form.cleaned_data["starts_at"],
            actor=viewer.actor,
            at=now(),
        )
        return htmx.go_to(request, f"/portal/tickets/{number}")
    context = {"ticket": ticket, "order": order, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "portal/tickets/appointment.html", context, status=status)
