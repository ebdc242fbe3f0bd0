"""Check identity and take a consent back on the case page, after it was registered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.intake.domain import assurance
from changtong.intake.operations import assuring
from changtong.intake.queries import assurances
from changtong.web.console.tickets.actions import Look, respond
from changtong.web.console.tickets.forms import TicketForm, named
from changtong.web.ui import labels
from changtong.web.ui.access import staff_only


class Checking(TicketForm):
    method = forms.ChoiceField(label=gettext_lazy("怎样核对的"))

    def arrange(self) -> None:
        rule, method = self.edition.identity, self.fields["method"]
        # The way that a code proves is not for anybody to say.
        ways = [one for one in (rule.methods if rule else ()) if not one.by_code]
        method.choices = named(ways)  # type: ignore[attr-defined]


class Withdrawing(TicketForm):
    consent = forms.ChoiceField(label=gettext_lazy("撤回哪一项"))
    channel = forms.ChoiceField(
        label=gettext_lazy("客户怎样提出的"),
        choices=[(code, labels.CHANNELS[code].words) for code in ("phone", "counter", "email")],
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, required=False)

    def arrange(self) -> None:
        given = assurance.consents(assurances.told_of(self.ticket.number))
        standing = [one for one in given if one.stands]
        self.fields["consent"].choices = named(standing)  # type: ignore[attr-defined]


@staff_only("tickets.work")
def identity(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("登记身份核对"),
        "user-check",
        _("已登记身份核对"),
        note=_("只登记怎样核对的，不要登记证件号码。"),
    )
    return respond(
        request, number, Checking, lambda act: assuring.check(**act.who, **act.given), look
    )


@staff_only("tickets.work")
def withdrawal(request: HttpRequest, number: str) -> HttpResponse:
    look = Look(
        _("撤回同意"),
        "undo-2",
        _("已登记撤回"),
        note=_("撤回以前的处理照常有效；工单继续办理，以后不再依据这项同意联系或处理。"),
    )
    return respond(
        request, number, Withdrawing, lambda act: assuring.withdraw(**act.who, **act.given), look
    )


_TICKET = "tickets/<str:number>"
urlpatterns: Sequence[Any] = [
    path(f"{_TICKET}/identity", identity, name="ticket_identity"),
    path(f"{_TICKET}/consents/withdrawal", withdrawal, name="ticket_consent_withdrawal"),
]
