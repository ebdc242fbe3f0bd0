"""The queue: what is still to be done, the most pressing first, and finding one ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from changtong.infra.clock import now
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries
from changtong.tickets.domain.lifecycle import State
from changtong.web.console import views
from changtong.web.console.frame import Tab, show
from changtong.web.console.tickets import narrowing, selection
from changtong.web.console.tickets.rows import COLUMNS, listed, rows_of
from changtong.web.ui import htmx, tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.tickets.models import Ticket


PAGE = 50
COUNTED_AT_MOST = 100
REMINDED_AT_MOST = 10
TABS: dict[str, str | Promise] = {
    "mine": gettext_lazy("我的"),
    "team": gettext_lazy("班组"),
    "registered": gettext_lazy("待受理"),
    "unassigned": gettext_lazy("待分派"),
    "resolved": gettext_lazy("待确认"),
    "open": gettext_lazy("全部未结"),
    "newest": gettext_lazy("最新"),
}
# Where somebody who names no tab begins: the first that holds work for them.
WORK = (
    ("mine", "tickets.work"),
    ("registered", "tickets.accept"),
    ("unassigned", "dispatch.assign"),
    ("team", "tickets.work"),
    ("resolved", "tickets.close"),
)


@staff_only("tickets.view")
def queue(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    at = now()
    chosen = request.GET.get("tab", "")
    view = views.behind(viewer, chosen)
    known = chosen in TABS or view is not None
    only_rows = known and htmx.wants_part(request)
    counts = {} if only_rows else _counts(viewer)
    tab = chosen if known else _first_tab(viewer, counts)
    sort = views.order(view) or ("-opened_at" if tab == "newest" else "due_at")
    wanted = narrowing.wanted(request.GET)
    listing = tables.page_of(
        request,
        listed(narrowing.narrowed(of_tab(viewer, tab), wanted, at=at)),
        columns=COLUMNS,
        sort=sort,
        nullable=sort == "due_at",
        size=PAGE,
    )
    context: dict[str, Any] = {
        "tab": tab,
        "listing": replace(listing, rows=rows_of(listing.rows, at=at, picked=True)),
        "filtered": any(wanted.values()),
        "view": view,
        "hides": views.hidden(view),
    }
    if not only_rows:
        context |= {
            "tabs": [*_tabs(viewer, tab, counts), *views.tabs(viewer, tab, at)],
            "choices": narrowing.choices(wanted, tab=tab),
            "live_url": _here(request.path, request, tab),
            "actions": selection.offered(viewer),
            "rows_url": _here(reverse("console:ticket_rows"), request, tab),
            "unanswered": queries.waiting_in_vain(viewer, at_most=REMINDED_AT_MOST),
        }
    return show(request, "tickets/queue.html", context, part="rows")


def _here(path: str, request: HttpRequest, tab: str) -> str:
    """Return an address for this page's list with its tab, which may change for who names none."""
    given = request.GET.copy()
    given["tab"] = tab
    return f"{path}?{given.urlencode()}"


def _usable(viewer: Viewer) -> list[str]:
    usable = [code for code in TABS if code != "mine" or viewer.may("tickets.work")]
    return [code for code in usable if code != "team" or viewer.team_ids]


def _counts(viewer: Viewer) -> Counter[str]:
    """Count what each tab holds, in one query that stops when it is enough."""
    counted = [
        of_tab(viewer, code).order_by().values_list(Value(code))[:COUNTED_AT_MOST]
        for code in _usable(viewer)
        if code != "newest"
    ]
    return Counter(code for (code,) in counted[0].union(*counted[1:], all=True))


def _first_tab(viewer: Viewer, counts: Mapping[str, int]) -> str:
    holding = [code for code, permission in WORK if viewer.may(permission) and counts[code]]
    return holding[0] if holding else "open"


def of_tab(viewer: Viewer, tab: str) -> QuerySet[Ticket]:
    """Return what a tab of the queue holds, a saved view among them."""
    view = views.behind(viewer, tab)
    if view is not None:
        return views.seen(view, viewer, now())
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


def _tabs(viewer: Viewer, current: str, counts: Mapping[str, int]) -> list[Tab]:
    queue_url = reverse("console:tickets")
    return [
        Tab(
            TABS[code],
            f"{queue_url}?tab={code}",
            active=code == current,
            count=None if code == "newest" else tables.bounded(counts[code], COUNTED_AT_MOST),
        )
        for code in _usable(viewer)
    ]
