"""What is kept about me: see it, take it away, have it put right or deleted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from changtong.feedback import queries as feedback
from changtong.feedback.operations import spreading
from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.kernel.errors import Missing
from changtong.parties import operations as changing
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets.domain.report import Report
from changtong.web.portal import consents, taking_away
from changtong.web.ui import htmx
from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import PORTAL_TYPE, portal_viewer
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.parties.models import Customer


# Set by the request for the file and taken by the download: a link alone gives nothing.
ASKED = "portal_export"
# The clause on the rights of the person, which these requests rest on.
RIGHTS = "23.4"


class Contact(forms.Form):
    """What a customer may change alone: nothing here proves who they are."""

    email = forms.EmailField(label=_("电子邮箱"), required=False)
    language = forms.ChoiceField(label=_("消息语言"), choices=settings.LANGUAGES)
    outage_news = forms.BooleanField(
        label=_("所在区域的故障恢复或延期时，发短信或邮件告诉我"), required=False
    )


class Request(forms.Form):
    text = forms.CharField(label=_("请写明"), max_length=1000, widget=forms.Textarea)


@customer_only
def mine(request: HttpRequest) -> HttpResponse:
    viewer = portal_viewer(request)
    found = parties.customer_by_phone(viewer.phone)
    return _page(request, viewer, _contact(found), found)


def _page(
    request: HttpRequest, viewer: Viewer, contact: Contact | None, customer: Customer | None
) -> HttpResponse:
    edition = standard.read(standard.edition_in_force(at=now()).pk)
    kept = {one.code: one for one in edition.retentions.values()}
    context = {
        "viewer": viewer,
        "customer": customer,
        "contact": contact,
        "wish": Request(),
        "kept": kept.values(),
        "consents": consents.of(viewer),
        "rights": RIGHTS if RIGHTS in edition.clauses else "",
    }
    status = 422 if contact is not None and contact.errors else 200
    return render(request, "portal/mine.html", context, status=status)


def _contact(customer: Customer | None) -> Contact | None:
    if customer is None:
        return None
    return Contact(
        initial={
            "email": customer.email,
            "language": customer.language,
            "outage_news": feedback.wants_outage_news(customer.phone),
        }
    )


@customer_only
@require_POST
def contact(request: HttpRequest) -> HttpResponse:
    """Put right how the customer is reached."""
    viewer = portal_viewer(request)
    customer = parties.customer_by_phone(viewer.phone)
    if customer is None:
        raise Missing("customer.unknown", number="")
    form = Contact(request.POST)
    if not form.is_valid():
        return _page(request, viewer, form, customer)
    at, given = now(), form.cleaned_data
    spreading.want(phone=viewer.phone, wanted=given.pop("outage_news"), actor=viewer.actor, at=at)
    changing.correct_contact(customer_id=customer.pk, actor=viewer.actor, at=at, **given)
    messages.success(request, gettext("已更正"))
    return htmx.go_to(request, "/portal/mine")


@customer_only
@require_POST
def type_size(request: HttpRequest) -> HttpResponse:
    """Keep large or usual type for this customer, on whatever device they log in next."""
    large = request.POST.get("type") == "large"
    changing.enlarge(phone=portal_viewer(request).phone, large=large)
    request.session[PORTAL_TYPE] = "large" if large else "usual"
    return HttpResponse(status=204)


@customer_only
@require_POST
def correction(request: HttpRequest) -> HttpResponse:
    """Ask for what needs a look at a document to be put right: name, number, address."""
    return _request(request, gettext("更正个人信息申请"), request.POST.get("text", ""))


@customer_only
@require_POST
def erasure(request: HttpRequest) -> HttpResponse:
    """Ask for deletion; the case says what the law demands to be kept."""
    edition = standard.read(standard.edition_in_force(at=now()).pk)
    kept = {one.code: one for one in edition.retentions.values()}
    lines = [
        gettext("%(name)s：保存%(months)s个月（%(basis)s，条款%(clause)s）")
        % {
            "name": localized(one),
            "months": one.months,
            "basis": one.basis,
            "clause": one.clause,
        }
        for one in kept.values()
    ]
    told = gettext("依据条款%(clause)s申请删除。依法须留存、期满删除的：") % {"clause": RIGHTS}
    said = request.POST.get("text", "").strip()
    return _request(
        request, gettext("删除个人信息申请"), "\n".join(filter(None, [said, told, *lines]))
    )


def _request(request: HttpRequest, title: str, text: str) -> HttpResponse:
    viewer, at = portal_viewer(request), now()
    received = intake.receive(
        report=Report(
            kind="service_request",
            channel="web",
            title=title,
            description=text.strip() or title,
            contact_name=_name(viewer),
            contact_phone=viewer.phone,
            language=getattr(request, "LANGUAGE_CODE", "zh-hans"),
        ),
        region_code=_region(viewer, at=at),
        anyway=True,
        actor=viewer.actor,
        at=at,
    )
    return htmx.go_to(request, f"/portal/tickets/{received.ticket.number}?new=1")


def _name(viewer: Viewer) -> str:
    customer = parties.customer_by_phone(viewer.phone)
    return customer.name if customer else ""


def _region(viewer: Viewer, *, at: datetime) -> str:
    """Return where the matter belongs: the customer's place, else that of their latest matter."""
    customer = parties.customer_by_phone(viewer.phone)
    if customer is not None:
        return customer.region.code
    return taking_away.latest_region(viewer)


@customer_only
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Note that somebody takes their data away, and lead to the file."""
    viewer = portal_viewer(request)
    changing.note_export(actor=viewer.actor, phone=viewer.phone, at=now())
    request.session[ASKED] = True
    return htmx.go_to(request, "/portal/mine/data.zip")


@customer_only
def package(request: HttpRequest) -> HttpResponse:
    """Send the file that was asked for, once."""
    if not request.session.pop(ASKED, False):
        return htmx.go_to(request, "/portal/mine")
    viewer, at = portal_viewer(request), now()
    response = HttpResponse(
        taking_away.package(viewer, request, at=at), content_type="application/zip"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="changtong-{at:%Y%m%d}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response
