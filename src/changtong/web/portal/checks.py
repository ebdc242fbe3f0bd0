"""Look at it yourself first: one question at a time, and the answers go with the report."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from changtong.feedback.operations import self_checking
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.standard.domain.self_checks import REPORT
from changtong.web.ui import checks as walking
from changtong.web.ui import htmx
from changtong.web.ui.access import anyone, customer_only
from changtong.web.ui.auth import portal_viewer


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition


@anyone
def checks(request: HttpRequest) -> HttpResponse:
    """Offer the self-checks, those for the customer's own lines first."""
    # Nothing here is anybody's, so nobody has to prove a number before their line works again.
    viewer = portal_viewer(request)
    lines = parties.lines_visible_to(viewer).values_list("family", flat=True)
    families = set(lines) if viewer.phone else set()
    found = sorted(_edition(now()).self_checks, key=lambda one: not families & set(one.families))
    return render(request, "portal/checks/list.html", {"checks": found})


@anyone
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Ask the next question of a self-check, or show where its path ends."""
    found = _edition(now()).self_check(code)
    taken = request.GET.get("path", "")
    walk = walking.walk(found, taken)
    if walk.end == REPORT:
        asked = urlencode({"check": code, "path": taken, "line": request.GET.get("line", "")})
        return htmx.go_to(request, f"{reverse('portal_report', args=['fault'])}?{asked}&other=1")
    context = {
        "check": found,
        "walk": walk,
        "line": request.GET.get("line", ""),
        "counted": "counted" in request.GET,
    }
    return render(request, "portal/checks/check.html", context)


@customer_only
@require_POST
def solution(request: HttpRequest, code: str) -> HttpResponse:
    """Count that it works again."""
    taken = request.POST.get("path", "")
    viewer = portal_viewer(request)
    path = walking.path_of(taken)
    self_checking.note_solved(code=code, path=path, actor=viewer.actor, at=now())
    asked = urlencode({"path": taken, "counted": "1"})
    return htmx.go_to(request, f"{reverse('portal_check', args=[code])}?{asked}")


def found_out(code: str, taken: str, *, at: datetime) -> tuple[str, str, dict[str, object]]:
    """
    Return what a self-check found: the category, the words, and the facts that are kept.

    :raises Refused: ``self_check.path_unknown``
    :raises Missing: ``self_check.unknown``
    """
    found = _edition(at).self_check(code)
    walk = walking.walk(found, taken)
    facts: dict[str, object] = {
        "self_check": code,
        "answers": [{"step": step.code, "answer": option.name} for step, option in walk.walked],
        "clause": found.clause,
    }
    return walk.category, walk.said, facts


def _edition(at: datetime) -> Edition:
    return standard.read(standard.edition_in_force(at=at).pk)
