"""A draft under review: comments, approval by a second person, publication, and repeal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.clocks.domain import timer
from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.standard import queries
from changtong.standard.domain import comparing
from changtong.standard.operations import publishing, reviewing
from changtong.tickets import queries as tickets
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.standard import forms, rehearsing, wording
from changtong.web.console.standard.desk import CONFLICT, Desk, desk_of, people, told
from changtong.web.console.standard.reading import tabs
from changtong.web.console.standard.showing import shown
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.standard.models import Edition


@staff_only("standard.review")
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything that a reviewer must see before the draft is approved."""
    desk = desk_of(request, pk)
    viewer = staff_viewer(request)
    comments = list(queries.comments_on(desk.draft))
    authors = queries.authors_of(desk.draft)
    draft = desk.draft
    actors = {
        *authors,
        *(one.by for one in comments),
        *(one.resolved_by for one in comments),
        draft.sent_by,
        draft.approved_by,
        draft.ended_by,
    }
    names = people(actors)
    problems = wording.problems_words(desk.problems)
    pending = sum(one.resolved_at is None for one in comments)
    context = {
        "comparison": shown(desk.comparison) if desk.comparison else None,
        "problems": problems,
        "comments": [(one, names[one.by], names[one.resolved_by]) for one in comments],
        "pending": pending,
        "authors": [names[one] for one in sorted(authors)],
        "sent_by": names[draft.sent_by],
        "approved_by": names[draft.approved_by],
        "ended_by": names[draft.ended_by],
        "is_author": viewer.actor in authors,
        "clean": not problems and not pending,
        **rehearsing.effect_of(desk),
    }
    if request.GET.get("part") == "progress":
        if context["rehearsal"] is None or context["rehearsal"].is_over:
            return htmx.go_to(request, desk.url("_review"))
        return desk.show("draft_review.html", context, part="progress")
    return desk.show("draft_review.html", context)


@staff_only("standard.draft")
@require_POST
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft to review."""
    reviewing.send(draft_id=pk, **_who(request))
    return _done(request, pk, _("已送审，评审期间内容不再变动"))


@staff_only("standard.review")
@require_POST
def returning(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft back to its authors."""
    reviewing.send_back(draft_id=pk, because=request.POST.get("because", ""), **_who(request))
    return _done(request, pk, _("已退回修改"))


@staff_only("standard.review")
@require_POST
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something about a clause or about the whole."""
    clause = request.POST.get("clause", "").strip()
    reviewing.comment(
        draft_id=pk, clause=clause, text=request.POST.get("text", ""), **_who(request)
    )
    messages.success(request, _("意见已记录"))
    return htmx.go_to(request, _after_comment(pk, clause, request))


@staff_only("standard.review")
@require_POST
def resolution(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """Mark a comment as dealt with."""
    found = reviewing.resolve(comment_id=comment, **_who(request))
    messages.success(request, _("意见已标为处理完毕"))
    return htmx.go_to(request, _after_comment(found.draft_id, found.clause, request))


def _after_comment(pk: int, clause: str, request: HttpRequest) -> str:
    if clause and request.POST.get("back") == "clause":
        return reverse("console:standard_draft_clause", args=[pk, clause])
    return reverse("console:standard_draft_review", args=[pk])


@staff_only("standard.approve")
@require_POST
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a draft as somebody who wrote none of it."""
    reviewing.approve(draft_id=pk, due_at=timer.due_at, **_who(request))
    return _done(request, pk, _("已批准，可以发布"))


@staff_only("standard.publish")
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what publishing the draft means, and do it."""
    desk = desk_of(request, pk)
    initial = {"version": _proposed(desk), "effective_from": localdate(now())}
    form = forms.Publication(request.POST or None, initial=initial)
    status = UNPROCESSABLE if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            row = publishing.publish_draft(
                draft_id=pk, due_at=timer.due_at, **form.cleaned_data, **_who(request)
            )
        except Refused as refused:
            told(form, refused)
            status = CONFLICT
        else:
            words = _("第 %(version)s 版已发布，自 %(day)s 起受理的工单适用")
            day = row.effective_from.isoformat()
            messages.success(request, words % {"version": row.version, "day": day})
            return htmx.go_to(request, reverse("console:standard_editions"))
    base = desk.draft.based_on
    context = {
        "form": form,
        "comparison": shown(desk.comparison) if desk.comparison else None,
        "base": base,
        "approved_by": people([desk.draft.approved_by])[desk.draft.approved_by],
        "remaining": _unfinished_under(request, queries.editions()),
    }
    return desk.show("publication.html", context, status=status)


@staff_only("standard.publish")
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what repealing an edition means, and do it."""
    row = queries.edition_by_id(pk)
    form = forms.Reason(request.POST or None)
    status = UNPROCESSABLE if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            publishing.withdraw(edition_id=pk, **form.cleaned_data, **_who(request))
        except Refused as refused:
            told(form, refused)
            status = CONFLICT
        else:
            messages.success(request, _("第 %(version)s 版已废止") % {"version": row.version})
            return htmx.go_to(request, reverse("console:standard_editions"))
    others = [one for one in queries.editions() if one.pk != pk and one.withdrawn_at is None]
    today = localdate(now())
    context = {
        "row": row,
        "form": form,
        "next": next((one for one in others if one.effective_from <= today), None),
        "remaining": _unfinished_under(request, [row]),
        "tabs": tabs(None, "standard_editions"),
    }
    return show(request, "standard/withdrawal.html", context, status=status)


def _proposed(desk: Desk) -> str:
    """Return the version that follows from what differs, or the first that is free after it."""
    base = desk.draft.based_on
    version = base.version if base else str(desk.body["edition.toml"]["version"])
    step = desk.comparison.step if desk.comparison else "minor"
    taken = set(queries.editions().values_list("version", flat=True))
    version = comparing.next_version(version, step) if base else version
    while version in taken:
        version = comparing.next_version(version, step)
    return version


def _unfinished_under(request: HttpRequest, rows: Any) -> list[tuple[Edition, int]]:
    """Return how many unfinished tickets in the viewer's reach stay on each edition."""
    viewer = staff_viewer(request)
    found = []
    for row in rows:
        count = tickets.unfinished(viewer).filter(edition_id=row.pk).count()
        if count:
            found.append((row, count))
    return found


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": staff_viewer(request).actor, "at": now()}


def _done(request: HttpRequest, pk: int, words: str) -> HttpResponse:
    messages.success(request, words)
    return htmx.go_to(request, reverse("console:standard_draft_review", args=[pk]))
