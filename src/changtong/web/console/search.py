"""Search: cases, what was said in them, customers and lines, by any of their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from changtong.catalog import queries as catalog
from changtong.infra.clock import now
from changtong.knowledge import queries as knowledge
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.search.domain.highlighting import Piece
from changtong.search.domain.narrowing import Filters
from changtong.search.queries import searching
from changtong.search.queries.searching import Found, Group, Hit
from changtong.search.queries.sources import ARTICLE, CUSTOMER, KINDS, LINE, MESSAGE, TICKET
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.web.console import wording
from changtong.web.console.frame import Tab, show
from changtong.web.console.tickets.rows import listed
from changtong.web.ui import labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.components.markup import filled


if TYPE_CHECKING:
    from django.utils.functional import Promise


LETTERS_AT_MOST = 120
PAGE, GLANCE = 20, {TICKET: 8, MESSAGE: 4, CUSTOMER: 5, LINE: 5, ARTICLE: 4}
REGIONS_AT_MOST = 400
DEEPER = 2
HEADINGS: dict[str, tuple[str | Promise, str]] = {
    TICKET: (_("工单"), "ticket"),
    MESSAGE: (_("消息"), "message-square"),
    CUSTOMER: (_("客户"), "users"),
    LINE: (_("号码"), "phone"),
    ARTICLE: (_("知识"), "library"),
}
PERIODS: tuple[tuple[str, str | Promise], ...] = (
    ("7", _("近七日")),
    ("30", _("近三十日")),
    ("90", _("近九十日")),
    ("365", _("近一年")),
)
ORDERS: tuple[tuple[str, str | Promise], ...] = ((searching.NEWEST, _("最新在前")),)
MARK = '<mark class="rounded-sm bg-warning/30 text-inherit">{}</mark>'


@dataclass(frozen=True, slots=True)
class Choice:
    """One select beside the words."""

    name: str
    every: str | Promise
    value: str
    options: Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit as the page shows it; `row` is what it stands for, as it is now."""

    url: str
    title: SafeString
    excerpt: SafeString
    names: SafeString
    number: str
    row: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Section:
    """What was found of one kind."""

    kind: str
    label: str | Promise
    icon: str
    count: str
    hits: Sequence[Shown]
    url: str
    more: bool
    next: str


@staff_only("tickets.view")
def search(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    text = request.GET.get("q", "").strip()[:LETTERS_AT_MOST]
    exact = tickets.visible_to(viewer).filter(number=text.upper()).first() if text else None
    if exact is not None:
        return redirect("console:ticket", number=exact.number)
    at = now()
    given = _given(request)
    chosen = given["tab"] if given["tab"] in KINDS else ""
    found = Found()
    if text:
        found = searching.search(
            viewer,
            text,
            at=at,
            filters=_filters(given, at),
            order=given["order"] or searching.BEST,
            size=PAGE if chosen else max(GLANCE.values()),
            cursor=request.GET.get("after", "") if chosen else "",
            kinds=(chosen,) if chosen and request.GET.get("after") else KINDS,
        )
    narrowed = {name: value for name, value in given.items() if value}
    context = {
        "global_query": text,
        "found": found,
        "sections": _sections(viewer, found, chosen, {"q": text, **narrowed}),
        "tabs": _tabs(found, chosen, {"q": text, **narrowed}),
        "tab": chosen,
        "choices": _choices(viewer, given, at),
        "narrowed": any(value for name, value in given.items() if name != "tab"),
        "plain_url": f"{request.path}?{urlencode({'q': text})}",
    }
    return show(request, "search/search.html", context)


def _given(request: HttpRequest) -> dict[str, str]:
    """Return what the words are narrowed by; what nobody knows is dropped."""
    given = {name: request.GET.get(name, "") for name in ("tab", "category", "region")}
    for name in ("kind", "state"):
        value = request.GET.get(name, "")
        given[name] = value if value in labels.TABLES[name] else ""
    given["days"] = request.GET.get("days", "")
    if given["days"] not in dict(PERIODS):
        given["days"] = ""
    given["order"] = searching.NEWEST if request.GET.get("order") == searching.NEWEST else ""
    return given


def _filters(given: dict[str, str], at: datetime) -> Filters:
    place = catalog.regions().filter(code=given["region"]).first() if given["region"] else None
    return Filters(
        kind=given["kind"],
        state=given["state"],
        category=given["category"],
        region_path=place.path if place else "",
        since=at - timedelta(days=int(given["days"])) if given["days"] else None,
    )


def _choices(viewer: Viewer, given: dict[str, str], at: datetime) -> list[Choice]:
    edition = standard.read(standard.edition_in_force(at=at).pk)
    leaves = edition.leaves(kind=given["kind"] or None)
    categories = [(one.code, wording.category(one.code, edition)) for one in leaves]
    depth = viewer.region_path.count("/") + DEEPER
    below = catalog.regions_below(viewer.region_path)[:REGIONS_AT_MOST]
    places = [(one.code, one.name) for one in below if one.path.count("/") <= depth]
    return [
        Choice("kind", _("所有类型"), given["kind"], labels.choices("kind")),
        Choice("state", _("所有状态"), given["state"], labels.choices("state")),
        Choice("category", _("所有分类"), given["category"], categories),
        Choice("region", _("所有地区"), given["region"], places),
        Choice("days", _("所有时间"), given["days"], PERIODS),
        Choice("order", _("最相关在前"), given["order"], ORDERS),
    ]


def _tabs(found: Found, chosen: str, given: dict[str, str]) -> list[Tab]:
    rest = {name: value for name, value in given.items() if name != "tab"}
    tabs = [Tab(_("全部"), f"?{urlencode(rest)}", active=not chosen)]
    for group in found.groups:
        label, _icon = HEADINGS[group.kind]
        url = f"?{urlencode({**rest, 'tab': group.kind})}"
        tabs.append(Tab(label, url, active=group.kind == chosen, count=counted(group)))
    return tabs


def counted(group: Group) -> str:
    """Word a count that may have stopped at its bound: 500+."""
    return f"{group.count:,}+" if group.more else f"{group.count:,}"


# -----------------------------------------------------------------------------------------
# Hits
# -----------------------------------------------------------------------------------------


def _sections(viewer: Viewer, found: Found, chosen: str, given: dict[str, str]) -> list[Section]:
    shown = {
        group.kind: group.hits if chosen else group.hits[: GLANCE[group.kind]]
        for group in found.groups
        if group.hits and chosen in {"", group.kind}
    }
    rows = _rows(viewer, shown)
    sections = []
    for group in found.groups:
        hits = shown.get(group.kind)
        if hits is None:
            continue
        label, icon = HEADINGS[group.kind]
        here = {**given, "tab": group.kind}
        sections.append(
            Section(
                kind=group.kind,
                label=label,
                icon=icon,
                count=counted(group),
                hits=_shown(group.kind, hits, rows),
                url=f"?{urlencode(here)}",
                more=not chosen and group.count > len(hits),
                next=f"?{urlencode({**here, 'after': group.next})}" if group.next else "",
            )
        )
    return sections


def _rows(viewer: Viewer, shown: Mapping[str, Sequence[Hit]]) -> dict[str, dict[int, Any]]:
    """Return what hits stand for, asked for once more by the rule of who may see it."""
    keys = {kind: [one.source_id for one in hits] for kind, hits in shown.items()}
    cases = {*keys.get(TICKET, ()), *keys.get(MESSAGE, ())}
    rows: dict[str, dict[int, Any]] = {}
    if cases:
        found = listed(tickets.visible_to(viewer).filter(pk__in=cases))
        rows[TICKET] = rows[MESSAGE] = {one.pk: one for one in found}
    if CUSTOMER in keys:
        seen = parties.customers_visible_to(viewer).select_related("region")
        rows[CUSTOMER] = {one.pk: one for one in seen.filter(pk__in=keys[CUSTOMER])}
    if ARTICLE in keys:
        read = knowledge.readable_by(viewer).filter(pk__in=keys[ARTICLE])
        rows[ARTICLE] = {one.pk: one for one in read}
    if LINE in keys:
        lines = parties.lines_visible_to(viewer).select_related("customer", "service")
        rows[LINE] = {one.pk: one for one in lines.filter(pk__in=keys[LINE])}
    return rows


def _shown(kind: str, hits: Iterable[Hit], every: Mapping[str, Mapping[int, Any]]) -> list[Shown]:
    rows = every.get(kind, {})
    return [
        Shown(
            url=_url(kind, one, rows[one.source_id]),
            title=highlighted(one.title),
            excerpt=highlighted(one.excerpt),
            names=highlighted(one.names),
            number=one.number,
            row=rows[one.source_id],
            at=one.at,
        )
        for one in hits
        if one.source_id in rows
    ]


def _url(kind: str, hit: Hit, row: Any) -> str:
    if kind in {TICKET, MESSAGE}:
        return reverse("console:ticket", args=[hit.number])
    if kind == ARTICLE:
        return reverse("console:article", args=[hit.number])
    customer = row.customer if kind == LINE else row
    return reverse("console:customer", args=[customer.number])


def highlighted(pieces: Iterable[Piece]) -> SafeString:
    """Return pieces as HTML; what people wrote is escaped, and only our marks are markup."""
    return SafeString("".join(filled(MARK if one.marked else "{}", one.text) for one in pieces))
