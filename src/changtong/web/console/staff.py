"""Staff as those see them who look after them: people, qualifications, teams, tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from changtong.catalog import queries as catalog
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.parties import operations as parties_operations
from changtong.parties import queries as parties
from changtong.parties.operations import staffing
from changtong.standard import queries as standard
from changtong.standard.domain.edition import Edition
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.ui import htmx, labels, tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.messages import sentence
from changtong.web.ui.tables import Column


if TYPE_CHECKING:
    from changtong.catalog.models import Region
    from changtong.parties.domain.qualifications import Held
    from changtong.parties.domain.roles import Viewer
    from changtong.parties.models import Staff


PAGE = 50
SOON = timedelta(days=60)
COLUMNS = (
    Column(gettext_lazy("工号"), sort="number"),
    Column(gettext_lazy("姓名")),
    Column(gettext_lazy("岗位")),
    Column(gettext_lazy("地区")),
    Column(gettext_lazy("资质")),
    Column(gettext_lazy("账号")),
)
TEAMS_AT_MOST = 200
TOKENS_AT_MOST = 200
REGIONS_AT_MOST = 200
COLLEAGUES_AT_MOST = 500
# What the list can be narrowed by, and the field behind it.
NARROWED = {
    "role": "role",
    "region": "region__code",
    "team_code": "memberships__team__code",
}


@dataclass(frozen=True, slots=True)
class Qualified:
    """A qualification with how it stands today."""

    name: str
    expires_on: date
    standing: str


class Named(forms.Form):
    """What a team is called."""

    name = forms.CharField(label=gettext_lazy("班组名称"), max_length=64)


class Formed(Named):
    """A team that is formed."""

    code = forms.CharField(label=gettext_lazy("班组代码"), max_length=24)
    mode = forms.ChoiceField(label=gettext_lazy("处理方式"))
    region = forms.ChoiceField(label=gettext_lazy("地区"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mode"].choices = labels.choices("mode")  # type: ignore[attr-defined]
        regions = [(one.code, one.name) for one in catalog.regions()]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


@staff_only("staff.view")
def people(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    rows = parties.personnel(viewer)
    given = {name: request.GET.get(name, "").strip() for name in ("q", *NARROWED)}
    if given["q"]:
        rows = rows.filter(Q(name__contains=given["q"]) | Q(number__iexact=given["q"]))
    for name, field in NARROWED.items():
        if given[name]:
            rows = rows.filter(**{field: given[name]})
    listing = tables.page_of(request, rows, columns=COLUMNS, sort="number", size=PAGE)
    held = parties.qualifications_of([one.pk for one in listing.rows])
    edition = edition_now()
    today = localtime(now()).date()
    context = {
        "listing": listing,
        "given": given,
        "roles": labels.choices("role"),
        "teams": parties.teams_visible_to(viewer)[:TEAMS_AT_MOST],
        "regions": _regions(viewer),
        "people": [(one, _qualified(held[one.pk], edition, today)) for one in listing.rows],
        "tabs": _tabs("staff", viewer.may("tokens.manage")),
    }
    return show(request, "staff/people.html", context)


@staff_only("staff.view")
@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    return _teams(request, Formed())


@staff_only("staff.manage")
@require_POST
def team_formation(request: HttpRequest) -> HttpResponse:
    """Form a team; who is in it is said afterwards."""
    form = Formed(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            parties_operations.form_team(
                code=given["code"],
                name=given["name"],
                region_code=given["region"],
                mode=given["mode"],
                members=[],
                leader=None,
                actor=staff_viewer(request).actor,
                at=now(),
            )
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            return _to_teams(request, _("班组已组建"))
    return _teams(request, form, status=UNPROCESSABLE)


@staff_only("staff.manage")
@require_POST
def team_name(request: HttpRequest, pk: int) -> HttpResponse:
    form, viewer = Named(request.POST), staff_viewer(request)
    if form.is_valid():
        staffing.rename(team_id=pk, name=form.cleaned_data["name"], actor=viewer.actor, at=now())
        return _to_teams(request, _("班组已改名"))
    return _to_teams(request, "")


@staff_only("staff.manage")
@require_POST
def team_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody into a team, or let them lead it or no longer."""
    staffing.join(
        team_id=pk,
        staff_id=_number(request.POST.get("member", "")),
        is_leader=request.POST.get("leads") == "on",
        actor=staff_viewer(request).actor,
        at=now(),
    )
    return _to_teams(request, _("班组成员已登记"))


@staff_only("staff.manage")
@require_POST
def team_parting(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody out of a team."""
    staffing.part(
        team_id=pk,
        staff_id=_number(request.POST.get("member", "")),
        actor=staff_viewer(request).actor,
        at=now(),
    )
    return _to_teams(request, _("已移出班组"))


@staff_only("tokens.manage")
def tokens(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    holders = parties.staff_visible_to(viewer).filter(tokens__isnull=False).distinct()
    every: list[tuple[Staff, Any]] = [
        (one, token)
        for one in holders.prefetch_related("tokens")[:TOKENS_AT_MOST]
        for token in one.tokens.all()
    ]
    every.sort(key=lambda row: row[1].issued_at, reverse=True)
    context = {"tokens": every[:TOKENS_AT_MOST], "at": now(), "tabs": _tabs("staff_tokens", True)}
    return show(request, "staff/tokens.html", context)


def _teams(request: HttpRequest, form: Formed, *, status: int = 200) -> HttpResponse:
    viewer = staff_viewer(request)
    manages = viewer.may("staff.manage")
    colleagues = parties.personnel(viewer).filter(is_active=True)[:COLLEAGUES_AT_MOST]
    found = parties.teams_visible_to(viewer).prefetch_related("memberships__staff")
    context = {
        "teams": found[:TEAMS_AT_MOST],
        "form": form if manages else None,
        "colleagues": list(colleagues) if manages else [],
        "tabs": _tabs("staff_teams", viewer.may("tokens.manage")),
    }
    return show(request, "staff/teams.html", context, status=status)


def edition_now() -> Edition:
    """Return the edition in force."""
    return standard.read(standard.edition_in_force(at=now()).pk)


def standing(expires_on: date, today: date) -> str:
    """Say whether a proof has expired, soon will, or is valid."""
    if expires_on < today:
        return "expired"
    return "soon" if expires_on < today + SOON else "valid"


def _qualified(held: list[Held], edition: Edition, today: date) -> list[Qualified]:
    names = {one.code: localized(one) for one in edition.skills}
    return [
        Qualified(names.get(one.skill, one.skill), one.expires_on, standing(one.expires_on, today))
        for one in held
    ]


def _regions(viewer: Viewer) -> list[Region]:
    everywhere = viewer.may("staff.manage")
    found = catalog.regions() if everywhere else catalog.regions_below(viewer.region_path)
    return list(found[:REGIONS_AT_MOST])


def _number(text: str) -> int:
    """
    Return the person whom a form names.

    :raises Missing: ``staff.unknown``
    """
    if not text.isdecimal():
        raise Missing("staff.unknown", staff=text)
    return int(text)


def _to_teams(request: HttpRequest, words: str) -> HttpResponse:
    if words:
        messages.success(request, words)
    return htmx.go_to(request, reverse("console:staff_teams"))


def _tabs(current: str, with_tokens: bool) -> list[dict[str, Any]]:
    words = [("staff", _("人员与资质")), ("staff_teams", _("班组"))]
    if with_tokens:
        words.append(("staff_tokens", _("程序令牌")))
    return [
        {"label": label, "url": reverse(f"console:{route}"), "active": route == current}
        for route, label in words
    ]
