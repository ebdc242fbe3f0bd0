"""Check identity and take a consent back on the case page, after it was registered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.intake.domain import assurance
from changtong.intake.operations import assuring, proving
from changtong.intake.queries import assurances
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.tickets.actions import Act, Look, back_to_case, respond
from changtong.web.console.tickets.forms import TicketForm, named
from changtong.web.ui import labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


class Checking(TicketForm):
    method = forms.ChoiceField(label=gettext_lazy("怎样核对的"))

    def arrange(self) -> None:
        rule, method = self.edition.identity, self.fields["method"]
        # The way that a code proves is not for anybody to say.
        ways = [one for one in (rule.methods if rule else ()) if not one.by_code]
        method.choices = named(ways)  # type: ignore[attr-defined]
        about = {"channel": self.ticket.channel, "category": self.ticket.category}
        required = rule.required_for(**about) if rule else None
        enough = (one.code for one in ways if required and one.code in required.methods)
        method.initial = next(enough, None)


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
        extra="console/tickets/identity_code.html",
    )

    def run(act: Act) -> object:
        return assuring.check(**act.who, **act.given)

    return respond(request, number, Checking, run, look, _code_of)


def _code_of(ticket: Ticket) -> dict[str, Any]:
    """Return what the part of the dialog shows that sends and takes a code."""
    rule = standard.read(ticket.edition_id).identity
    return {
        "ticket": ticket,
        "code_way": rule.code if rule else None,
        "number_on_file": assurances.number_on_file(ticket.line, ticket.customer),
        "send_url": reverse("console:ticket_codes", args=[ticket.number]),
        "send_with": "",
        "line": ticket.line,
    }


@staff_only("tickets.work")
@require_POST
def codes(request: HttpRequest, number: str) -> HttpResponse:
    """Let a code be sent to the number on file of a case's line or customer."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    at = now()
    try:
        proving.send(line=ticket.line, customer=ticket.customer, actor=viewer.actor, at=at)
    except Refused as refused:
        # Asked too soon, the code that was sent before may still be typed.
        number = assurances.number_on_file(ticket.line, ticket.customer)
        sent = assurances.is_awaited(number, asked_by=viewer.actor, at=at)
        return _part(request, ticket, sent=sent, wrong=sentence(refused))
    return _part(request, ticket, sent=True)


@staff_only("tickets.work")
@require_POST
def code_redemption(request: HttpRequest, number: str) -> HttpResponse:
    """Take the code that the customer read out, and record that it proved who they are."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    by: dict[str, Any] = {"actor": viewer.actor, "at": now()}
    typed = request.POST.get("code", "")
    try:
        row = proving.prove(line=ticket.line, customer=ticket.customer, code=typed, **by)
        way = _code_of(ticket)["code_way"]
        method = way.code if way else ""
        assuring.check(number=ticket.number, method=method, proof=str(row.pk), **by)
    except Refused as refused:
        sent = refused.code == "code.wrong"
        return _part(request, ticket, sent=sent, wrong=sentence(refused))
    return back_to_case(request, number, _("已核验并登记"))


def _part(request: HttpRequest, ticket: Ticket, *, sent: bool, wrong: str = "") -> HttpResponse:
    context = {**_code_of(ticket), "sent": sent, "wrong": wrong}
    status = UNPROCESSABLE if wrong else 200
    return show(request, "intake/code.html", context, part="code", status=status)


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
    # Under the codes of the desk, where a wrong one is counted although it is refused.
    path(f"codes/{_TICKET}", codes, name="ticket_codes"),
    path(f"codes/{_TICKET}/redemption", code_redemption, name="ticket_code_redemption"),
    path(f"{_TICKET}/consents/withdrawal", withdrawal, name="ticket_consent_withdrawal"),
]
