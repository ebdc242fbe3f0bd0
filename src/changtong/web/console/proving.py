"""A code to the number on file: sent from the intake desk, read out by the caller, typed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.intake.operations import proving
from changtong.intake.queries import assurances
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.intake_form import IntakeForm
from changtong.web.ui import messages
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.parties.models import Customer, Line


@staff_only("tickets.open")
@require_POST
def sending(request: HttpRequest) -> HttpResponse:
    """Let a code be sent to the number on file of the line or customer that was chosen."""
    viewer = staff_viewer(request)
    line, customer = _whose(viewer, request)
    at = now()
    try:
        proving.send(line=line, customer=customer, actor=viewer.actor, at=at)
    except Refused as refused:
        # Asked too soon, the code that was sent before may still be typed.
        number = assurances.number_on_file(line, customer)
        sent = assurances.is_awaited(number, asked_by=viewer.actor, at=at)
        return _part(request, line, customer, sent=sent, wrong=messages.sentence(refused))
    return _part(request, line, customer, sent=True)


@staff_only("tickets.open")
@require_POST
def redemption(request: HttpRequest) -> HttpResponse:
    """Take the code that the caller read out; the way to check identity is then chosen."""
    viewer = staff_viewer(request)
    line, customer = _whose(viewer, request)
    typed = request.POST.get("code", "")
    try:
        row = proving.prove(line=line, customer=customer, code=typed, actor=viewer.actor, at=now())
    except Refused as refused:
        still = refused.code == "code.wrong"
        wrong = messages.sentence(refused)
        return _part(request, line, customer, sent=still, wrong=wrong)
    answer = _part(request, line, customer, proof=str(row.pk))
    # Only then does the form hold the way by which the proposal is made anew.
    answer.headers["HX-Trigger-After-Settle"] = "identityProved"
    return answer


def shown(form: IntakeForm, line: Line | None, customer: Customer | None = None) -> dict[str, Any]:
    """Return what the part of the desk shows that sends and takes a code."""
    return {
        "code_way": form.code_way,
        "number_on_file": assurances.number_on_file(line, customer),
        "proof": form["proof"].value() or "",
        "send_url": reverse("console:codes"),
        "send_with": "#id_line, #id_customer",
    }


def _part(
    request: HttpRequest,
    line: Line | None,
    customer: Customer | None,
    *,
    proof: str = "",
    wrong: str = "",
    sent: bool = False,
) -> HttpResponse:
    form = IntakeForm(viewer=staff_viewer(request), initial={"proof": proof})
    if proof and form.code_way:
        form.initial["identity"] = form.code_way.code
    context = {**shown(form, line, customer), "form": form, "line": line}
    context |= {"wrong": wrong, "sent": sent}
    status = UNPROCESSABLE if wrong else 200
    return show(request, "intake/code.html", context, part="code", status=status)


def _whose(viewer: Viewer, request: HttpRequest) -> tuple[Line | None, Customer | None]:
    """Return the line or customer that was chosen, as far as the viewer may see them."""
    lines = parties.lines_visible_to(viewer).select_related("customer")
    line = lines.filter(number=request.POST.get("line") or None).first()
    number = request.POST.get("customer") or None
    customer = parties.customers_visible_to(viewer).filter(number=number).first()
    return line, customer
