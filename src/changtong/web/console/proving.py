"""A code to the number on file: sent from the intake desk, read out by the caller, typed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.intake.operations import proving
from changtong.intake.queries import assurances
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.standard import queries as standard
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
    try:
        proving.send(line=line, customer=customer, actor=viewer.actor, at=now())
    except Refused as refused:
        # Asked too soon, the code that was sent before may still be typed.
        sent = refused.code == "code.too_soon"
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
        return _part(request, line, customer, sent=still, wrong=wrong, typed=typed)
    answer = _part(request, line, customer, proof=str(row.pk))
    # Only then does the form hold the way by which the proposal is made anew.
    answer.headers["HX-Trigger-After-Settle"] = "identityProved"
    return answer


def shown(
    line: Line | None, customer: Customer | None = None, *, proof: str = ""
) -> dict[str, Any]:
    """Return what the part of the desk shows that sends and takes a code."""
    rule = standard.read(standard.edition_in_force(at=now()).pk).identity
    return {
        "code_way": rule.code if rule else None,
        "number_on_file": assurances.number_on_file(line, customer),
        "proof": proof,
    }


def _part(
    request: HttpRequest,
    line: Line | None,
    customer: Customer | None,
    *,
    proof: str = "",
    wrong: str = "",
    **context: Any,
) -> HttpResponse:
    context |= {**shown(line, customer, proof=proof), "wrong": wrong}
    if proof:
        chosen = {"identity": context["code_way"].code, "proof": proof}
        context["form"] = IntakeForm(viewer=staff_viewer(request), initial=chosen)
    status = UNPROCESSABLE if wrong else 200
    return show(request, "intake/code.html", context, part="code", status=status)


def _whose(viewer: Viewer, request: HttpRequest) -> tuple[Line | None, Customer | None]:
    """Return the line or customer that was chosen, as far as the viewer may see them."""
    lines = parties.lines_visible_to(viewer).select_related("customer")
    line = lines.filter(number=request.POST.get("line") or None).first()
    number = request.POST.get("customer") or None
    customer = parties.customers_visible_to(viewer).filter(number=number).first()
    return line, customer
