"""What broken limits owe the customer: shown with the sum, granted or turned down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import remedying as rules
from changtong.tickets.operations import remedying
from changtong.web.console import wording
from changtong.web.ui import formats
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Remedy, Ticket


@dataclass(frozen=True, slots=True)
class Shown:
    """A remedy in words, and what the viewer may do about it."""

    remedy: Remedy
    name: str
    terms: tuple[str, ...]
    cap: str
    by: str
    may_settle: bool
    lacks_base: bool
    accept_url: str
    refuse_url: str


@staff_only("tickets.compensate")
@require_POST
def acceptance(request: HttpRequest, number: str, code: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    given = request.POST.get("base", "").strip()
    remedying.accept(
        number=ticket.number,
        code=code,
        base=rules.money(given) if given else None,
        actor=viewer.actor,
        at=now(),
    )
    messages.success(request, _("已同意补偿"))
    return HttpResponseRedirect(reverse("console:ticket", args=[number]))


@staff_only("tickets.compensate")
@require_POST
def refusal(request: HttpRequest, number: str, code: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    reason = request.POST.get("reason", "")
    remedying.decline(number=ticket.number, code=code, reason=reason, actor=viewer.actor, at=now())
    messages.success(request, _("已登记不予补偿"))
    return HttpResponseRedirect(reverse("console:ticket", args=[number]))


def shown(ticket: Ticket, viewer: Viewer) -> list[Shown]:
    """Return what is or was owed for the broken limits of a ticket, in words."""
    found = [one for one in queries.remedies(ticket) if one.state != "withdrawn"]
    if not found:
        return []
    edition = standard.read(ticket.edition_id)
    names = {one.code: formats.localized(one) for one in edition.remedies(kind=ticket.kind)}
    people = wording.names_in(one.settled_by for one in found)
    may = viewer.may("tickets.compensate")
    return [_shown(one, ticket, names, people, may=may) for one in found]


def _shown(
    remedy: Remedy,
    ticket: Ticket,
    names: Mapping[str, str],
    people: Mapping[int, str],
    *,
    may: bool,
) -> Shown:
    is_open = remedy.state == "proposed"
    is_done = ticket.resolved_at is not None or queries.is_final(ticket)
    place = [ticket.number, remedy.code]
    total = sum((Decimal(term["amount"]) for term in remedy.terms), Decimal())
    capped = remedy.at_most is not None and total > remedy.at_most
    return Shown(
        remedy=remedy,
        name=names.get(remedy.code, remedy.code),
        terms=tuple(_term(term) for term in remedy.terms),
        cap=_("封顶 %(amount)s 元") % {"amount": remedy.at_most} if capped else "",
        by=wording.actor(remedy.settled_by, people) if remedy.settled_by else "",
        may_settle=may and is_open and is_done,
        lacks_base=is_open and remedy.amount is None,
        accept_url=reverse("console:remedy_acceptance", args=place),
        refuse_url=reverse("console:remedy_refusal", args=place),
    )


def _term(term: Mapping[str, Any]) -> str:
    each = Decimal(term["each"])
    shown = {
        "each": each.quantize(Decimal("0.01")) if each == each.quantize(Decimal("0.01")) else each,
        "days": Decimal(term["days"]).normalize().to_integral_value()
        if Decimal(term["days"]) == Decimal(term["days"]).to_integral_value()
        else term["days"],
        "amount": term["amount"],
    }
    if term["per"] == "case":
        return _("每单 %(each)s 元") % shown
    if term["of"] == "monthly_rent":
        return _("日租 %(each)s 元 × %(days)s 天 = %(amount)s 元") % shown
    if term["of"]:
        return _("每日 %(each)s 元（费用的比例）× %(days)s 天 = %(amount)s 元") % shown
    return _("每日 %(each)s 元 × %(days)s 天 = %(amount)s 元") % shown
