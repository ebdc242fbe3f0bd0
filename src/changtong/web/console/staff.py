"""Staff as an administrator sees them: accounts, qualifications, teams, tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.standard.domain.edition import Edition
from changtong.web.console.frame import show
from changtong.web.ui import tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.tables import Column


if TYPE_CHECKING:
    from changtong.parties.domain.qualifications import Held
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


@dataclass(frozen=True, slots=True)
class Qualified:
    """A qualification with how it stands today."""

    name: str
    expires_on: date
    standing: str


@staff_only("staff.view")
def people(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    rows = parties.staff_visible_to(viewer)
    if wanted := request.GET.get("q", "").strip():
        rows = rows.filter(name__contains=wanted)
    listing = tables.page_of(request, rows, columns=COLUMNS, sort="number", size=PAGE)
    held = parties.qualifications_of([one.pk for one in listing.rows])
    edition = _edition()
    today = localtime(now()).date()
    context = {
        "listing": listing,
        "q": wanted,
        "people": [(one, _qualified(held[one.pk], edition, today)) for one in listing.rows],
        "tabs": _tabs("staff", viewer.may("tokens.manage")),
    }
    return show(request, "staff/people.html", context)


@staff_only("staff.view")
def teams(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    found = parties.teams().prefetch_related("memberships__staff")[:TEAMS_AT_MOST]
    context = {"teams": found, "tabs": _tabs("staff_teams", viewer.may("tokens.manage"))}
    return show(request, "staff/teams.html", context)


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


def _edition() -> Edition:
    return standard.read(standard.edition_in_force(at=now()).pk)


def _qualified(held: list[Held], edition: Edition, today: date) -> list[Qualified]:
    names = {one.code: localized(one) for one in edition.skills}
    return [
        Qualified(names.get(one.skill, one.skill), one.expires_on, _standing(one, today))
        for one in held
    ]


def _standing(held: Held, today: date) -> str:
    if held.expires_on < today:
        return "expired"
    return "soon" if held.expires_on < today + SOON else "valid"


def _tabs(current: str, with_tokens: bool) -> list[dict[str, Any]]:
    words = [("staff", _("人员与资质")), ("staff_teams", _("班组"))]
    if with_tokens:
        words.append(("staff_tokens", _("程序令牌")))
    return [
        {"label": label, "url": reverse(f"console:{route}"), "active": route == current}
        for route, label in words
    ]
