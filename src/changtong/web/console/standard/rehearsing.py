"""A draft run over recorded cases before anybody approves it: what would be broken, what saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.analytics.operations import rehearsing as operations
from changtong.analytics.queries import rehearsals
from changtong.clocks.domain import explaining
from changtong.clocks.domain.planning import Limit
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries as standard
from changtong.standard.domain.calendars import Within
from changtong.standard.domain.drafting import State
from changtong.standard.domain.rehearsing import lacking
from changtong.web.console.frame import UNPROCESSABLE
from changtong.web.console.standard.desk import CONFLICT, desk_of, people, told
from changtong.web.console.standard.showing import place_words, provinces
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.analytics.models import Rehearsal
    from changtong.parties.domain.roles import Viewer
    from changtong.web.console.standard.desk import Desk


YEAR = timedelta(days=365)
SHOWN_AT_MOST = 50
PLOTTED_AT_MOST = 12
SERIES = {"newly_breached": gettext_lazy("新增超时"), "saved": gettext_lazy("避免超时")}


class Span(forms.Form):
    since = forms.DateField(
        label=gettext_lazy("起日"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=gettext_lazy("止日"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


@staff_only("standard.review")
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """List the rehearsals of a draft, and ask for another."""
    desk = desk_of(request, pk)
    viewer = staff_viewer(request)
    today = localdate(now())
    form = Span(request.POST or None, initial={"since": today - YEAR, "until": today})
    status = UNPROCESSABLE if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            asked = operations.request(
                **form.cleaned_data,
                region_path="",
                viewer=viewer,
                at=now(),
                draft_id=pk,
            )
        except Refused as refused:
            told(form, refused)
            status = CONFLICT
        else:
            messages.success(request, _("预演已开始"))
            return htmx.go_to(request, desk.url("_rehearsal", asked.pk))
    rows = list(rehearsals.of_draft(pk)[:SHOWN_AT_MOST])
    names = people(one.requested_by for one in rows)
    context = {
        "form": form,
        "rows": [(one, names[one.requested_by], place_words(one.region_path)) for one in rows],
        "digest": desk.edition.digest,
        "rule": standard.rehearsal_rule(at=now()),
    }
    return desk.show("rehearsals.html", context, status=status)


@staff_only("standard.review")
def rehearsal(request: HttpRequest, pk: int, rehearsal: int) -> HttpResponse:
    """Show how far a rehearsal is, and what came of it."""
    desk = desk_of(request, pk)
    viewer = staff_viewer(request)
    found = rehearsals.by_id(rehearsal)
    if found.draft_id != pk:
        raise Missing("rehearsal.unknown", rehearsal=rehearsal)
    context = {
        "rehearsal": found,
        "place": place_words(found.region_path),
        "share": _share(found),
        "is_current": found.digest == desk.edition.digest,
    }
    if found.state == "done":
        context |= result_of(found, viewer) | _findings(found, viewer)
    if request.GET.get("part") == "progress":
        if found.is_over:
            return htmx.go_to(request, desk.url("_rehearsal", found.pk))
        return desk.show("rehearsal.html", context, part="progress")
    return desk.show("rehearsal.html", context)


@staff_only("standard.review")
def finding(request: HttpRequest, pk: int, rehearsal: int, finding: int) -> HttpResponse:
    """Show the sum that makes the due time of one limit under the draft."""
    desk = desk_of(request, pk)
    found = rehearsals.by_id(rehearsal)
    viewer = staff_viewer(request)
    row = rehearsals.finding(found, viewer, finding)
    if found.draft_id != pk or row.due_at is None or found.digest != desk.edition.digest:
        raise Missing("rehearsal.unknown", rehearsal=rehearsal)
    limit = Limit(
        started_at=row.started_at,
        within=Within.parse(row.within),
        calendar=desk.edition.calendar(row.calendar),
        pauses=rehearsals.holds_of(row, desk.edition),
    )
    context = {
        "rehearsal": found,
        "row": row,
        "arithmetic": explaining.arithmetic(limit, at=row.ended_at),
    }
    return desk.show("rehearsal_finding.html", context)


def effect_of(desk: Desk) -> dict[str, Any]:
    """Return what a reviewer must know: the rehearsal of the words as they are, and its result."""
    viewer = staff_viewer(desk.request)
    draft = desk.draft
    is_rehearsed = draft.rehearsed_digest == desk.edition.digest
    # What was approved stays approved, whatever is asked since.
    is_to_be_judged = draft.state in (State.DRAFTING, State.IN_REVIEW)
    rule = standard.rehearsal_rule(at=now()) if is_to_be_judged else None
    missing = lacking(rule, draft.coverage) if is_rehearsed else ()
    found = rehearsals.of_words(draft.pk, desk.edition.digest, noted=draft.rehearsed_in)
    context: dict[str, Any] = {
        "rehearsal": found,
        "is_rehearsed": is_rehearsed and not missing,
        "rule": rule,
        "coverage": draft.coverage if is_rehearsed else None,
        "missing": missing,
    }
    if found is None:
        return context
    context |= {"place": place_words(found.region_path), "share": _share(found)}
    if found.state == "done":
        context |= result_of(found, viewer)
    return context


def _share(found: Rehearsal) -> int:
    return 100 * found.cases_done // found.cases if found.cases else 0


def result_of(found: Rehearsal, viewer: Viewer) -> dict[str, Any]:
    """Return what came of a rehearsal for whoever may see the cases, with its plots."""
    clauses = [one for one in rehearsals.clauses(found, viewer) if one["differing"]]
    months = rehearsals.months(found, viewer)
    regions = _by_province(rehearsals.regions(found, viewer))
    return {
        "totals": rehearsals.totals(found, viewer),
        "clauses": clauses,
        "teams": [one for one in rehearsals.teams(found, viewer) if one["differing"]][
            :SHOWN_AT_MOST
        ],
        "plots": [
            _plot(
                _("按条款（时限数）"),
                [f"§{one['clause']} {labels.label('metric', one['metric'])}" for one in clauses],
                clauses,
            ),
            _plot(_("按月份（案件数）"), [one["month"] for one in months], months, kind="bar"),
            _plot(_("按地区（案件数）"), list(regions), list(regions.values())),
        ],
    }


def _findings(found: Rehearsal, viewer: Viewer) -> dict[str, Any]:
    return {
        "findings": [
            (label, rehearsals.findings(found, viewer, newly_breached=newly)[:SHOWN_AT_MOST])
            for newly, label in ((True, SERIES["newly_breached"]), (False, SERIES["saved"]))
        ]
    }


def _plot(
    title: str, words: list[str], rows: Sequence[Mapping[str, Any]], kind: str = "hbar"
) -> dict[str, Any]:
    if kind == "hbar":
        words, rows = words[:PLOTTED_AT_MOST], rows[:PLOTTED_AT_MOST]
    series = [{"name": name, "values": [row[key] for row in rows]} for key, name in SERIES.items()]
    return {"title": title, "labels": words, "series": series, "kind": kind}


def _by_province(rows: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    names = provinces(str(row["region_path"]) for row in rows)
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SERIES, 0))
    for row in rows:
        for key in SERIES:
            sums[names[row["region_path"]]][key] += row[key]
    ordered = sorted(sums.items(), key=lambda item: -sum(item[1].values()))
    return {name: one for name, one in ordered if any(one.values())}
