"""The queue: what is still to be done, the most pressing first, and finding one ticket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.parties.domain import phones
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain.lifecycle import UNFINISHED, State
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.ui import labels, tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.tables import Column


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.tickets.models import Ticket


PAGE = 50
FOUND_AT_MOST = 20
# How the badge looks before a clock is late; the standard's own warnings are sent elsewhere.
RISK_SHARE = 5
RISK_AT_MOST = timedelta(hours=2)
FILTERS = ("kind", "state", "priority", "channel")
TABS: dict[str, str | Promise] = {
    "mine": gettext_lazy("我的"),
    "team": gettext_lazy("班组"),
    "registered": gettext_lazy("待受理"),
    "unassigned": gettext_lazy("待分派"),
    "resolved": gettext_lazy("待确认"),
    "open": gettext_lazy("全部未结"),
    "newest": gettext_lazy("最新"),
}
COLUMNS = (
    Column(gettext_lazy("单号")),
    Column(gettext_lazy("事项")),
    Column(gettext_lazy("时限")),
    Column(gettext_lazy("优先级")),
    Column(gettext_lazy("状态")),
    Column(gettext_lazy("客户")),
    Column(gettext_lazy("地区")),
    Column(gettext_lazy("办理人")),
    Column(gettext_lazy("登记时间")),
)
JOINED = ("customer", "line", "region", "team", "assignee")


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as a list shows it."""

    ticket: Ticket
    category: str
    warn_at: datetime | None
    clock_state: str


@dataclass(frozen=True, slots=True)
class Tab:
    label: str | Promise
    url: str
    active: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue and the way to the next."""

    rows: Sequence[Row]
    headings: Sequence[tables.Heading]
    next_url: str | None
    previous_url: str | None = None


@staff_only("tickets.view")
def queue(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    chosen = request.GET.get("tab", "")
    tab = chosen if chosen in TABS else _first_tab(viewer)
    wanted = {name: request.GET.get(name, "") for name in FILTERS}
    rows = _filtered(_of_tab(viewer, tab), wanted, category=request.GET.get("category", ""))
    rows = rows.select_related(*JOINED)
    listing: Any
    if tab == "newest":
        listing = tables.page_of(request, rows, columns=COLUMNS, sort="-opened_at", size=PAGE)
        shown = Page(
            [_row(one) for one in listing.rows],
            listing.headings,
            listing.next_url,
            listing.previous_url,
        )
    else:
        shown = _pressing(request, rows)
    context = {
        "tab": tab,
        "tabs": _tabs(request, viewer, tab),
        "listing": shown,
        "filters": _choices(wanted),
        "filtered": any(wanted.values()) or bool(request.GET.get("category")),
        "categories": _categories(wanted["kind"], request.GET.get("category", "")),
        "live_url": request.get_full_path(),
        "at": now(),
    }
    return show(request, "tickets/queue.html", context, part="rows")


@staff_only("tickets.view")
def search(request: HttpRequest) -> HttpResponse:
    """Find by ticket number, phone or line number, name or address."""
    viewer = staff_viewer(request)
    text = request.GET.get("q", "").strip()
    exact = queries.visible_to(viewer).filter(number=text.upper()).first() if text else None
    if exact is not None:
        return redirect("console:ticket", number=exact.number)
    lines = parties.lines_matching(viewer, text) if len(text) > 1 else []
    context = {
        "global_query": text,
        "lines": lines,
        "rows": [_row(one) for one in _tickets_found(viewer, text, [one.pk for one in lines])],
        "columns": COLUMNS,
    }
    return show(request, "tickets/search.html", context)


def rows_of(found: QuerySet[Ticket], at_most: int) -> list[Row]:
    """Return the first tickets of a query as rows of a list."""
    return [_row(one) for one in found.select_related(*JOINED)[:at_most]]


def _tickets_found(viewer: Viewer, text: str, line_ids: list[int]) -> list[Ticket]:
    if len(text) < 2:  # noqa: PLR2004 - one letter would find everybody
        return []
    digits = phones.normalized(text)
    condition = Q(line_id__in=line_ids)
    if digits:
        condition |= Q(contact_phone=digits)
    found = queries.newest(viewer).filter(condition).select_related(*JOINED)
    return list(found[:FOUND_AT_MOST])


def _first_tab(viewer: Viewer) -> str:
    if viewer.may("dispatch.assign") and not viewer.may("tickets.open"):
        return "unassigned"
    return "mine" if viewer.may("tickets.work") else "open"


def _of_tab(viewer: Viewer, tab: str) -> QuerySet[Ticket]:
    if tab == "newest":
        return queries.newest(viewer)
    conditions: dict[str, dict[str, Any]] = {
        "mine": {"assignee_id": viewer.staff_id},
        "team": {"team_id__in": viewer.team_ids},
        "registered": {"state": State.ACKNOWLEDGED},
        "unassigned": {"state": State.ACCEPTED},
        "resolved": {"state": State.RESOLVED},
    }
    return queries.unfinished(viewer).filter(**conditions.get(tab, {}))


def _filtered(
    rows: QuerySet[Ticket], wanted: dict[str, str], *, category: str
) -> QuerySet[Ticket]:
    for name, value in wanted.items():
        if value in labels.TABLES[name]:
            rows = rows.filter(**{name: value})
    return rows.filter(category=category) if category else rows


def _pressing(request: HttpRequest, rows: QuerySet[Ticket]) -> Page:
    """Cut a page in the order of the deadlines; what has none comes last."""
    cursor = _read_cursor(request.GET.get("after", ""))
    found: list[Ticket] = []
    if cursor is None or cursor[0] is not None:
        with_due = rows.filter(due_at__isnull=False)
        if cursor is not None:
            due_at, pk = cursor
            with_due = with_due.filter(due_at__gte=due_at).filter(
                Q(due_at__gt=due_at) | Q(pk__gt=pk)
            )
        found = list(with_due.order_by("due_at", "id")[: PAGE + 1])
    if len(found) <= PAGE:
        without = rows.filter(due_at__isnull=True).order_by("id")
        if cursor is not None and cursor[0] is None:
            without = without.filter(pk__gt=cursor[1])
        found += without[: PAGE + 1 - len(found)]
    shown = found[:PAGE]
    following = _next_url(request, shown[-1]) if len(found) > PAGE else None
    return Page(
        rows=[_row(one) for one in shown],
        headings=[tables.Heading(column, None, None) for column in COLUMNS],
        next_url=following,
        previous_url=_url(request) if cursor is not None else None,
    )


def _next_url(request: HttpRequest, last: Ticket) -> str:
    due = last.due_at.isoformat() if last.due_at else None
    return _url(request, after=Signer(salt="queue").sign(json.dumps([due, last.pk])))


def _read_cursor(text: str) -> tuple[datetime | None, int] | None:
    if not text:
        return None
    try:
        due, pk = json.loads(Signer(salt="queue").unsign(text))
    except (BadSignature, ValueError):
        return None
    return (parse_datetime(due) if due else None), int(pk)


def _url(request: HttpRequest, **changes: str) -> str:
    kept = {name: value for name, value in request.GET.items() if name not in {"after", "before"}}
    return f"{request.path}?{urlencode({**kept, **changes})}"


def _tabs(request: HttpRequest, viewer: Viewer, current: str) -> list[Tab]:
    usable = [code for code in TABS if code != "mine" or viewer.may("tickets.work")]
    usable = [code for code in usable if code != "team" or viewer.team_ids]
    queue_url = reverse("console:tickets")
    return [Tab(TABS[code], f"{queue_url}?tab={code}", active=code == current) for code in usable]


def _choices(wanted: dict[str, str]) -> list[dict[str, Any]]:
    names = {
        "kind": _("所有类型"),
        "state": _("所有状态"),
        "priority": _("所有优先级"),
        "channel": _("所有渠道"),
    }
    return [
        {
            "name": name,
            "every": names[name],
            "value": value,
            "options": _usable(name),
        }
        for name, value in wanted.items()
    ]


def _usable(name: str) -> list[tuple[str, str | Promise]]:
    options = labels.choices(name)
    return [one for one in options if name != "state" or one[0] in set(UNFINISHED)]


def _categories(kind: str, chosen: str) -> dict[str, Any]:
    edition = standard.read(standard.edition_in_force(at=now()).pk)
    leaves = edition.leaves(kind=kind or None)
    return {
        "value": chosen,
        "options": [(one.code, wording.category(one.code, edition)) for one in leaves],
    }


def _row(ticket: Ticket) -> Row:
    edition = standard.read(ticket.edition_id)
    waiting = ticket.due_at is None and ticket.state in {State.HELD, State.PENDING}
    return Row(
        ticket=ticket,
        category=wording.category(ticket.category, edition),
        warn_at=risky_from(ticket.opened_at, ticket.due_at),
        clock_state="paused" if waiting else "running",
    )


def risky_from(since: datetime, due_at: datetime | None) -> datetime | None:
    """Return when a deadline begins to look pressing."""
    if due_at is None:
        return None
    return due_at - min(RISK_AT_MOST, max((due_at - since) / RISK_SHARE, timedelta()))
