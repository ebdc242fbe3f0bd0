"""What an open list asks when it was told of changes: rows as they are now, and what changed."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from changtong.infra.clock import now
from changtong.journal import queries as journal
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries
from changtong.tickets.domain.sight import may_see
from changtong.web.console.frame import show
from changtong.web.console.tickets import case, limits, narrowing
from changtong.web.console.tickets.queue import of_tab
from changtong.web.console.tickets.rows import listed, rows_of
from changtong.web.live import hub, lists, watching
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


ROWS_AT_MOST = 50
PREVIEWED = 4
RUNNING = frozenset({"running", "at_risk", "breached", "paused"})


@staff_only("tickets.view")
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """Answer with the named rows as they are now, and whether the list still holds them."""
    viewer, at = staff_viewer(request), now()
    numbers = request.GET.get("numbers", "").split(",")[:ROWS_AT_MOST]
    held = _held(request, viewer, numbers)
    seen = listed(queries.by_numbers(viewer, numbers))
    found = {
        row.ticket.number: {"html": row.drawn, "held": row.ticket.number in held}
        for row in rows_of(seen, at=at, picked=True)
    }
    return _not_kept(JsonResponse({"rows": found}))


@staff_only("tickets.view")
@require_safe
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """Show the most important of a ticket below its row."""
    viewer = staff_viewer(request)
    ticket = queries.by_number(viewer, number)
    context = {
        "ticket": ticket,
        "clocks": [one for one in limits.shown(number) if one.state in RUNNING],
        "happenings": case.stream(ticket)[:PREVIEWED],
    }
    return show(request, "tickets/preview.html", context, part="preview")


@staff_only("tickets.view")
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """
    Answer with what changed since an entry, for a browser that hears no events.

    It may miss what was committed late; the lists read everything anew once a minute.
    """
    last = journal.last_written()
    unchanged = get_conditional_response(request, etag=quote_etag(str(last)))
    if unchanged is not None:
        return unchanged
    told: dict[str, object] = {"position": last}
    since = request.GET.get("since", "")
    if since.isascii() and since.isdigit() and int(since) <= last:
        news = watching.news(int(since), ())
        told |= _told(request, staff_viewer(request), news)
    else:
        told["anew"] = bool(since)
    response = JsonResponse(told)
    response.headers["ETag"] = quote_etag(str(last))
    return _not_kept(response)


def _told(request: HttpRequest, viewer: Viewer, news: watching.News) -> dict[str, object]:
    if len(news.ids) >= journal.SINCE_AT_MOST or len(news.places) > hub.TOLD_AT_MOST:
        return {"anew": True}
    tab = request.GET.get("tab", "")
    seen = [one for one in news.places if may_see(viewer, one)]
    entered = [
        one.number for one in seen if one.number in news.moved and lists.holds(tab, viewer, one)
    ]
    return {"changed": [one.number for one in seen], "entered": entered}


def _held(request: HttpRequest, viewer: Viewer, numbers: Sequence[str]) -> set[str]:
    wanted = narrowing.wanted(request.GET)
    list_held = narrowing.narrowed(of_tab(viewer, request.GET.get("tab", "")), wanted, at=now())
    return set(list_held.filter(number__in=numbers).order_by().values_list("number", flat=True))


def _not_kept(response: HttpResponse) -> HttpResponse:
    # Rows hold personal data: the page may compare, nothing may store.
    response.headers["Cache-Control"] = "no-store"
    return response
