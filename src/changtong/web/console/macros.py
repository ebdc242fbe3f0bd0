"""The macros that somebody has: written, changed, put in order, removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.web.console.frame import show
from changtong.web.console.tickets.forms import named
from changtong.web.console.tickets.macro_steps import KINDS, allowed
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence
from changtong.workspace.domain import phrases
from changtong.workspace.domain.macros import FIELDS, NAME_AT_MOST, STEPS_AT_MOST, Step, read
from changtong.workspace.operations import macros as operations
from changtong.workspace.queries import macros as kept


if TYPE_CHECKING:
    from django.http import QueryDict


REFUSED = 409


@dataclass(frozen=True, slots=True)
class Sheet:
    """A macro as somebody is writing it."""

    name: str = ""
    kind: str = ""
    team: str = ""
    steps: tuple[Step, ...] = ()


@staff_only("tickets.work")
@require_safe
def macros(request: HttpRequest) -> HttpResponse:
    """Show the viewer's macros, with what each of them does."""
    viewer = staff_viewer(request)
    led = {one.pk for one in parties.teams_led_by(viewer.staff_id)}
    rows = [
        {
            "kept": one,
            "dialog": f"remove-{one.pk}",
            "steps": [{"text": step.text, "kind": KINDS[step.do]} for step in read(one.steps)],
            "is_mine": one.team_id is None or one.team_id in led,
        }
        for one in kept.of(viewer)
    ]
    return show(request, "macros/macros.html", {"rows": rows})


@staff_only("tickets.work")
def new(request: HttpRequest) -> HttpResponse:
    """Write a macro."""
    return _written(request, Sheet(steps=(Step("note"),)), None)


@staff_only("tickets.work")
def macro(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a macro of one's own, or of a team one leads."""
    found = kept.one(staff_viewer(request), pk)
    team = str(found.team_id or "")
    return _written(request, Sheet(found.name, found.kind, team, read(found.steps)), pk)


@staff_only("tickets.work")
@require_POST
def removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a macro."""
    operations.drop(viewer=staff_viewer(request), macro_id=pk)
    messages.success(request, _("已删除"))
    return htmx.go_to(request, reverse("console:macros"))


def _written(request: HttpRequest, sheet: Sheet, pk: int | None) -> HttpResponse:
    viewer = staff_viewer(request)
    if request.method != "POST":
        return _page(request, viewer, sheet, pk)
    sheet = _given(request.POST)
    if change := request.POST.get("change", ""):
        steps = _changed(sheet.steps, change, request.POST.get("added", ""))
        return _page(request, viewer, replace(sheet, steps=steps), pk)
    try:
        operations.keep(
            viewer=viewer,
            name=sheet.name,
            kind=sheet.kind if sheet.kind in labels.KINDS else "",
            steps=sheet.steps,
            team_id=int(sheet.team) if sheet.team.isascii() and sheet.team.isdecimal() else None,
            macro_id=pk,
        )
    except Refused as refused:
        return _page(request, viewer, sheet, pk, error=sentence(refused), status=REFUSED)
    messages.success(request, _("快捷处理已保存"))
    return htmx.go_to(request, reverse("console:macros"))


def _given(post: QueryDict) -> Sheet:
    """Return the sheet as it was filled in; every step has all fields, unused ones empty."""
    names = ("do", "text", "choice", "fix")
    columns = [post.getlist(name)[: STEPS_AT_MOST + 1] for name in names]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]
    return Sheet(
        name=post.get("name", ""),
        kind=post.get("kind", ""),
        team=post.get("team", ""),
        steps=read(rows),
    )


def _changed(steps: tuple[Step, ...], change: str, added: str) -> tuple[Step, ...]:
    """Return the steps with one added, removed, or moved up or down."""
    rows = list(steps)
    what, _colon, place = change.partition(":")
    at = int(place) if place.isascii() and place.isdecimal() else len(rows)
    if what == "add" and added in KINDS and len(rows) < STEPS_AT_MOST:
        rows.append(Step(added))
    elif what == "remove" and at < len(rows):
        del rows[at]
    elif what == "up" and 0 < at < len(rows):
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
    elif what == "down" and at + 1 < len(rows):
        rows[at], rows[at + 1] = rows[at + 1], rows[at]
    return tuple(rows)


def _page(
    request: HttpRequest,
    viewer: Viewer,
    sheet: Sheet,
    pk: int | None,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    choices = _choices(viewer, sheet.kind)
    context = {
        "sheet": sheet,
        "pk": pk,
        "error": error,
        "rows": [
            {
                "place": str(place),
                "step": step,
                "kind": KINDS[step.do],
                "fields": FIELDS[step.do],
                "choices": choices.get(step.do, []),
                "fixes": choices["fix"],
            }
            for place, step in enumerate(sheet.steps)
        ],
        "is_full": len(sheet.steps) >= STEPS_AT_MOST,
        "offered": [(code, kind) for code, kind in KINDS.items() if allowed(kind, viewer)],
        "kinds": labels.choices("kind"),
        "teams": parties.teams_led_by(viewer.staff_id),
        "variables": phrases.VARIABLES,
        "text_at_most": phrases.TEXT_AT_MOST,
        "name_at_most": NAME_AT_MOST,
    }
    return show(request, "macros/sheet.html", context, part="sheet", status=status)


def _choices(viewer: Viewer, kind: str) -> dict[str, list[tuple[str, str]]]:
    """Return what may be chosen for a step, for one kind of case or for all."""
    edition = standard.read(standard.edition_in_force(at=now()).pk)
    kinds = [kind] if kind in labels.KINDS else list(labels.KINDS)

    def merged(of: Any) -> list[tuple[str, str]]:
        return list(dict(pair for one in kinds for pair in named(of(kind=one))).items())

    return {
        "pause": merged(edition.pause_reasons),
        "resolution": merged(edition.causes),
        "fix": merged(edition.fixes),
        "assignment": [(str(one.pk), one.name) for one in parties.teams_visible_to(viewer)],
    }
