"""The limits of a draft, row by row, and what they come to for an example case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.catalog import queries as catalog
from changtong.kernel.errors import Missing, Refused
from changtong.standard.domain import comparing, drafting, law, reading
from changtong.standard.domain.drafting import Place
from changtong.web.console.frame import UNPROCESSABLE
from changtong.web.console.standard import forms
from changtong.web.console.standard.desk import CONFLICT, Desk, desk_of, save, told
from changtong.web.console.standard.showing import (
    Tried,
    limit_shown,
    region_names,
    tried,
    when_words,
)
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.explained import limit_words


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from changtong.catalog.models import Region


REGIONS_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row of limits as the list shows it."""

    position: int
    when: str
    within: str
    clause: str
    calendar: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One limit with its rows."""

    file: str
    position: int
    table: Mapping[str, Any]
    lines: tuple[Line, ...]


@staff_only("standard.review")
def limits(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the limits of a draft, the chosen metric's rows, and a case to try them on."""
    desk = desk_of(request, pk)
    groups = list(_groups(desk))
    metrics = list(dict.fromkeys(group.table["metric"] for group in groups))
    metric = request.GET.get("metric", "")
    if metric not in metrics:
        metric = "restoration" if "restoration" in metrics else metrics[0]
    trial = forms.Trial(initial=_example(metric), edition=desk.edition, regions=_regions())
    context = {
        "metrics": metrics,
        "metric": metric,
        "groups": [group for group in groups if group.table["metric"] == metric],
        "trial": trial,
        "tried": [],
    }
    return desk.show("draft_limits.html", context)


@staff_only("standard.review")
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer which limits an example case gets, in the old words and in the new."""
    desk = desk_of(request, pk)
    form = forms.Trial(request.GET or None, edition=desk.edition, regions=_regions())
    found: list[Tried] = []
    refusal = ""
    if form.is_valid():
        old = reading.edition(desk.base) if desk.base else None
        found, refusal = tried(old, desk.edition, form.case())
    context = {"trial": form, "tried": found, "refusal": refusal}
    return desk.show("trial.html", context, part="found")


@staff_only("standard.review")
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one row of limits in a form."""
    desk = desk_of(request, pk)
    place = _place(request.GET)
    return _page(desk, place, _form(desk, place, None))


@staff_only("standard.draft")
@require_POST
def row_values(request: HttpRequest, pk: int) -> HttpResponse:
    """Take other values for a row of limits, or a new row."""
    desk = desk_of(request, pk)
    place = _place(request.POST)
    form = _form(desk, place, request.POST)
    if not form.is_valid():
        return _page(desk, place, form, status=UNPROCESSABLE)
    current = drafting.value_at(desk.body, place) or {}
    value = form.value(current)
    if "knowing" not in request.POST and (found := looser(desk, place, value)):
        return _page(desk, place, form, status=CONFLICT, found=found)
    try:
        save(desk, place, value, request.POST.get("seen", ""))
    except Refused as refused:
        told(form, refused, _field)
        return _page(desk, place, form, status=CONFLICT)
    messages.success(request, _("已保存"))
    return _back(desk, place)


@staff_only("standard.draft")
@require_POST
def row_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a row of limits out of a draft."""
    desk = desk_of(request, pk)
    place = _place(request.POST)
    if "knowing" not in request.POST and (found := looser(desk, place, None)):
        form = _form(desk, place, None)
        return _page(desk, place, form, status=CONFLICT, found=found, is_removal=True)
    save(desk, place, None, request.POST.get("seen", ""))
    messages.success(request, _("已删去这一行"))
    return _back(desk, place)


def looser(desk: Desk, place: Place, value: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return where a value, or its removal, gives cases more time than what governed them."""
    if not place.file.startswith(comparing.LIMITS):
        return []
    try:
        after = drafting.replaced(desk.body, place, value)
        changes = comparing.compare(desk.body, after).limits
    except Refused:
        # What cannot be read is told when it is saved.
        return []
    names = region_names()
    return [limit_shown(one, names) for one in changes if one.judged in ("looser", "mixed")]


def _back(desk: Desk, place: Place) -> HttpResponse:
    metric = _limit(desk, place)["metric"]
    return htmx.go_to(desk.request, f"{desk.url('_limits')}?metric={metric}")


def _groups(desk: Desk) -> Iterator[Group]:
    names = region_names()
    base = desk.base or {}
    for file, values in sorted(law.own(desk.body).items()):
        if not file.startswith(comparing.LIMITS):
            continue
        before = [
            drafting.seal(row)
            for limit in base.get(file, {}).get("limit", ())
            for row in limit.get("row", ())
        ]
        for position, limit in enumerate(values.get("limit", ())):
            lines = tuple(
                _line(at, row, limit, names, is_new=drafting.seal(row) not in before)
                for at, row in enumerate(limit.get("row", ()))
            )
            yield Group(file, position, limit, lines)


def _line(
    at: int,
    row: Mapping[str, Any],
    limit: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    is_new: bool,
) -> Line:
    within = limit_words(str(row.get("within", "")))
    return Line(
        position=at,
        when=when_words(row.get("when", {}), names),
        within=within or _("法定 %(figure)s") % {"figure": row.get("figure", "")},
        clause=str(row.get("clause", limit.get("clause", ""))),
        calendar=str(row.get("calendar", limit.get("calendar", ""))),
        is_new=is_new,
    )


def _place(given: Mapping[str, str]) -> Place:
    """
    Return the place that an address names: a file, a limit and a row, counted from zero.

    :raises Missing: ``draft.place_unknown``
    """
    file, limit, at = (given.get(key, "") for key in ("file", "limit", "row"))
    if not (limit.isdigit() and at.isdigit() and file.startswith(comparing.LIMITS)):
        raise Missing("draft.place_unknown", place=file)
    return Place(file, ("limit", int(limit), "row", int(at)))


def _limit(desk: Desk, place: Place) -> dict[str, Any]:
    found = drafting.value_at(desk.body, Place(place.file, place.path[:2]))
    if not isinstance(found, dict):
        raise Missing("draft.place_unknown", place=place.file)
    return found


def _form(desk: Desk, place: Place, given: Any) -> forms.Row:
    limit = _limit(desk, place)
    initial = forms.row_initial(drafting.value_at(desk.body, place) or {})
    return forms.Row(
        given,
        edition=desk.edition,
        regions=_regions(),
        basis=str(limit["basis"]),
        initial=initial,
    )


def _page(
    desk: Desk,
    place: Place,
    form: forms.Row,
    *,
    status: int = 200,
    found: list[dict[str, Any]] | None = None,
    is_removal: bool = False,
) -> HttpResponse:
    current = drafting.value_at(desk.body, place)
    limit = _limit(desk, place)
    names = region_names()
    context = {
        "form": form,
        "limit": limit,
        "row": current,
        "file": place.file,
        "place": {"file": place.file, "limit": place.path[1], "row": place.path[3]},
        "seen": drafting.seal(current),
        "meanwhile": when_words(current.get("when", {}), names)
        if current and status == CONFLICT and not found
        else "",
        "looser": found,
        "is_removal": is_removal,
        "example": _example(str(limit["metric"])),
    }
    return desk.show("draft_row.html", context, status=status)


def _field(key: str) -> str | None:
    last = key.rsplit(".", 1)[-1]
    return {"within": "amount"}.get(last, last)


def _regions() -> list[Region]:
    return list(catalog.regions()[:REGIONS_AT_MOST])


def _example(metric: str) -> dict[str, str]:
    """Return the case with which a trial begins: one that has the metric."""
    kinds = {"answer": "complaint", "resolution": "service_request"}
    return {
        "kind": kinds.get(metric, "fault"),
        "priority": "P3",
        "family": "broadband",
        "tier": "standard",
    }
