"""Prove a telephone number with a one-time code; no account is needed."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.web.ui import htmx
from changtong.web.ui.access import anyone
from changtong.web.ui.auth import PORTAL_PHONE, PORTAL_TYPE
from changtong.web.ui.messages import sentence


ASKED = "portal_asked"


class Phone(forms.Form):
    phone = forms.CharField(label=_("手机号码"), max_length=20)


class Code(forms.Form):
    code = forms.CharField(label=_("短信验证码"), max_length=12)


@anyone
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the number and let a code be sent."""
    form = Phone(request.POST or None)
    following = _next(request)
    if request.method == "POST" and form.is_valid():
        try:
            row = intake.request_code(phone=form.cleaned_data["phone"], at=now())
        except Refused as refused:
            form.add_error("phone", sentence(refused))
        else:
            request.session[ASKED] = row.phone
            return htmx.go_to(request, f"/portal/login/code?{urlencode({'next': following})}")
    status = 422 if form.errors else 200
    context = {"form": form, "next": following, "demo": settings.DEMO}
    return render(request, "portal/login.html", context, status=status)


@anyone
def code(request: HttpRequest) -> HttpResponse:
    """Take the code; the number is proved for this session."""
    phone = request.session.get(ASKED)
    if not phone:
        return htmx.go_to(request, "/portal/login")
    form = Code(request.POST or None)
    following = _next(request)
    if request.method == "POST" and form.is_valid():
        try:
            proved = intake.redeem_code(phone=phone, code=form.cleaned_data["code"], at=now())
        except Refused as refused:
            form.add_error("code", sentence(refused))
        else:
            # A new session key: whoever knew the old one gains nothing by our logging in.
            request.session.cycle_key()
            request.session[PORTAL_PHONE] = proved
            customer = parties.customer_by_phone(proved)
            if customer is not None and customer.large_type is not None:
                request.session[PORTAL_TYPE] = "large" if customer.large_type else "usual"
            return htmx.go_to(request, following)
    status = 422 if form.errors else 200
    context = {"form": form, "next": following, "phone": phone, "demo": settings.DEMO}
    return render(request, "portal/code.html", context, status=status)


@anyone
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Forget the proved number."""
    for kept in (PORTAL_PHONE, PORTAL_TYPE, ASKED):
        request.session.pop(kept, None)
    return htmx.go_to(request, "/")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours and wanted.startswith("/") else "/"
