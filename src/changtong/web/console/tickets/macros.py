"""Several steps on a case at once: shown, filled in and tried first, then taken all or none."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.web.console.frame import show
from changtong.web.console.tickets.forms import TEXT_AT_MOST, named
from changtong.web.console.tickets.macro_steps import KINDS, Outcome, Unfit, take
from changtong.web.console.tickets.writing import values_of
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.workspace.domain import macros as rules
from changtong.workspace.domain import phrases
from changtong.workspace.operations import macros as operations
from changtong.workspace.queries import macros as kept


if TYPE_CHECKING:
    from datetime import datetime

    from changtong.tickets.models import Ticket
    from changtong.workspace.models import Macro


@staff_only("tickets.work")
@require_safe
def offered(request: HttpRequest, number: str) -> HttpResponse:
    """Offer the macros for this kind of case."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    shown = [
        {
            "kept": one,
            "steps": [KINDS[step.do].label for step in rules.read(one.steps)],
            "url": reverse("console:ticket_macro", args=[number, one.pk]),
        }
        for one in kept.for_kind(viewer, ticket.kind)
    ]
    return show(request, "macros/offered.html", {"ticket": ticket, "macros": shown}, part="form")


@staff_only("tickets.work")
def macro(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Show a macro's steps, filled in from this case; or take them, all or none."""
    viewer = staff_viewer(request)
    ticket, chosen = queries.by_number(viewer, number), kept.one(viewer, pk)
    if request.method != "POST":
        return _page(request, ticket, chosen, _filled(ticket, viewer, chosen))
    steps, at = _given(request, chosen), now()
    with transaction.atomic():
        outcomes = take(viewer, number, steps, at=at, trial=False)
        if any(one.why_not for one in outcomes):
            return _page(request, ticket, chosen, outcomes, tried=True, status=409)
        operations.record_run(viewer=viewer, macro=chosen, number=number, at=at)
    messages.success(request, _("“%(name)s”已办完") % {"name": chosen.name})
    return htmx.go_to(request, reverse("console:ticket", args=[number]))


@staff_only("tickets.work")
@require_POST
def trial(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Show for each step whether it would be taken, or why not; nothing is kept or sent."""
    viewer = staff_viewer(request)
    ticket, chosen = queries.by_number(viewer, number), kept.one(viewer, pk)
    outcomes = take(viewer, number, _given(request, chosen), at=now(), trial=True)
    return _page(request, ticket, chosen, outcomes, tried=True)


@transaction.atomic
def run(viewer: Viewer, chosen: Macro, ticket: Ticket, *, at: datetime) -> list[Outcome]:
    """
    Take a macro's steps on one of several cases, filled in from it: all or none.

    :raises Unfit: in the words of the first step that cannot be taken
    """
    if chosen.kind not in {"", ticket.kind}:
        kind = labels.label("kind", chosen.kind)
        raise Unfit(_("这项快捷处理只用于%(kind)s") % {"kind": kind})
    steps = [one.step for one in _filled(ticket, viewer, chosen)]
    outcomes = take(viewer, ticket.number, steps, at=at, trial=False)
    for place, one in enumerate(outcomes, start=1):
        if one.why_not:
            named = {"place": place, "step": KINDS[one.step.do].label, "why": one.why_not}
            raise Unfit(_("第 %(place)s 步“%(step)s”：%(why)s") % named, one.clause)
    operations.record_run(viewer=viewer, macro=chosen, number=ticket.number, at=at)
    return outcomes


def _filled(ticket: Ticket, viewer: Viewer, chosen: Macro) -> list[Outcome]:
    values = values_of(ticket, viewer)
    steps = rules.read(chosen.steps)
    return [Outcome(replace(one, text=phrases.filled(one.text, values))) for one in steps]


def _given(request: HttpRequest, chosen: Macro) -> list[rules.Step]:
    """Return the macro's steps with the words as they were edited."""
    steps, texts = rules.read(chosen.steps), request.POST.getlist("text")
    if request.POST.get("shown") != print_of(chosen) or len(texts) != len(steps):
        # Whoever runs it has seen other steps than there are now.
        raise Refused("macro.changed")
    return [
        replace(step, text=text.strip()[:TEXT_AT_MOST])
        for step, text in zip(steps, texts, strict=True)
    ]


def print_of(chosen: Macro) -> str:
    """Return what differs as soon as a macro's steps do."""
    written = json.dumps(chosen.steps, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()[:16]


def _page(
    request: HttpRequest,
    ticket: Ticket,
    chosen: Macro,
    outcomes: list[Outcome],
    *,
    tried: bool = False,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "ticket": ticket,
        "macro": chosen,
        "shown": print_of(chosen),
        "rows": [{"of": one, **_worded(one, ticket, staff_viewer(request))} for one in outcomes],
        "tried": tried,
        "able": not any(one.why_not for one in outcomes),
        "at_most": TEXT_AT_MOST,
        "run_url": reverse("console:ticket_macro", args=[ticket.number, chosen.pk]),
        "trial_url": reverse("console:ticket_macro_trial", args=[ticket.number, chosen.pk]),
    }
    part = "steps" if request.method == "POST" else "form"
    return show(request, "macros/macro.html", context, part=part, status=status)


def _worded(one: Outcome, ticket: Ticket, viewer: Viewer) -> dict[str, Any]:
    """Word what is chosen for a step: a team, a reason, or a cause and a fix."""
    step, edition = one.step, standard.read(ticket.edition_id)
    names: dict[str, str] = {}
    if step.do == "assignment":
        names = {str(team.pk): team.name for team in parties.teams_visible_to(viewer)}
    elif step.do == "pause":
        names = dict(named(edition.pause_reasons(kind=ticket.kind)))
    elif step.do == "resolution":
        names = dict(named(edition.causes(kind=ticket.kind)))
    fixes = dict(named(edition.fixes(kind=ticket.kind)))
    # What this kind of case does not know is shown as it is kept; its form will refuse it.
    chosen = [names.get(step.choice, step.choice), fixes.get(step.fix, step.fix)]
    return {"kind": KINDS[step.do], "chosen": [words for words in chosen if words]}
