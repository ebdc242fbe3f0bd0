"""Knowledge: what is read, what is written, and what solved a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.knowledge import operations, queries
from changtong.knowledge.domain import BODY_AT_MOST, TITLE_AT_MOST, Written, impersonal
from changtong.search.queries import searching
from changtong.search.queries.sources import ARTICLE
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.ui import htmx, tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.messages import sentence
from changtong.web.ui.prose import prose
from changtong.web.ui.tables import Column


if TYPE_CHECKING:
    from changtong.knowledge.models import Version
    from changtong.standard.domain.edition import Edition
    from changtong.tickets.models import Ticket


PAGE = 50
WAITING_AT_MOST = 50
OFFERED_AT_MOST = 5
FOUND_AT_MOST = 3
COLUMNS = (
    Column(_("标题")),
    Column(_("分类")),
    Column(_("谁能看")),
    Column(_("解决工单"), align="end"),
    Column(_("负责人")),
    Column(_("复审日期")),
    Column(_("发布"), sort="published_at"),
)


class Writing(forms.Form):
    """An article as its author writes it."""

    title = forms.CharField(label=_("标题"), max_length=TITLE_AT_MOST)
    categories = forms.MultipleChoiceField(label=_("适用分类"), required=False)
    body = forms.CharField(label=_("内容"), max_length=BODY_AT_MOST, widget=forms.Textarea)
    public = forms.BooleanField(label=_("客户也能看"), required=False)
    review_on = forms.DateField(
        label=_("复审日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.code, localized(one, "name")) for one in edition.leaves()]
        self.fields["categories"].choices = known  # type: ignore[attr-defined]

    def written(self) -> Written:
        """Return what was written."""
        given = self.cleaned_data
        return Written(
            title=given["title"],
            body=given["body"],
            categories=tuple(given["categories"]),
            public=given["public"],
            review_on=given["review_on"],
        )


class Review(forms.Form):
    review_on = forms.DateField(
        label=_("下次复审"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class Retirement(forms.Form):
    reason = forms.CharField(label=_("停用原因"), max_length=200)


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list, with what it is about in words."""

    kept: Version
    categories: Sequence[str]
    is_overdue: bool


@staff_only("knowledge.view")
def articles(request: HttpRequest) -> HttpResponse:
    """List what is read, and for those who write what waits for them."""
    viewer, today = staff_viewer(request), localdate(now())
    found = queries.readable_by(viewer)
    words = request.GET.get("q", "").strip()
    for word in words.split()[:OFFERED_AT_MOST]:
        found = queries.saying(found, word)
    listing = tables.page_of(request, found, columns=COLUMNS, sort="-published_at", size=PAGE)
    edition = _edition()
    context: dict[str, Any] = {
        "listing": listing,
        "articles": [_listed(one, edition, today) for one in listing.rows],
        "q": words,
        "drafts": [],
        "overdue": [],
    }
    if viewer.may("knowledge.write"):
        context["drafts"] = list(queries.drafts()[:WAITING_AT_MOST])
        context["overdue"] = list(queries.overdue(on=today)[:WAITING_AT_MOST])
    return show(request, "knowledge/articles.html", context)


@staff_only("knowledge.view")
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an article says, its versions, and what may be done with it."""
    return _article(request, pk)


def _article(request: HttpRequest, pk: int, *, wrong: str = "", status: int = 200) -> HttpResponse:
    viewer, today = staff_viewer(request), localdate(now())
    found = queries.article(viewer, pk)
    versions = list(found.versions.all())
    draft = next((one for one in versions if one.state == "draft"), None)
    read = next((one for one in versions if one.state == "published"), None)
    shown = draft if draft is not None and (read is None or "draft" in request.GET) else read
    shown = shown or versions[0]
    names = wording.names_in(
        [one.written_by for one in versions] + [one.published_by for one in versions]
    )
    context = {
        "article": found,
        "shown": _listed(shown, _edition(), today),
        "text": prose(shown.body),
        "draft": draft,
        "read": read,
        "versions": [
            (one, wording.actor(one.written_by, names), wording.actor(one.published_by, names))
            for one in versions
        ],
        "review": Review(),
        "retirement": Retirement(),
        "wrong": wrong,
    }
    return show(request, "knowledge/article.html", context, status=status)


@staff_only("knowledge.write")
def writing(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write an article, from nothing, from a solved case, or as the next version."""
    viewer, at = staff_viewer(request), now()
    edition = _edition()
    source = _source(request)
    initial = _begun(source, edition) if pk is None else _as_it_stands(request, pk)
    form = Writing(request.POST or None, edition=edition, initial=initial)
    if request.method == "POST" and form.is_valid():
        known = {one.code for one in edition.leaves()}
        written = form.written()
        try:
            if pk is None:
                made = operations.draft(
                    written=written,
                    known=known,
                    owner_id=viewer.staff_id or 0,
                    actor=viewer.actor,
                    at=at,
                    source=source.number if source else "",
                )
            else:
                made = operations.revise(
                    article_id=pk, written=written, known=known, actor=viewer.actor, at=at
                )
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, gettext("草稿已保存，发布后同事才能看到"))
            return htmx.go_to(request, reverse("console:article", args=[made.article_id]))
    context = {"form": form, "pk": pk, "source": source}
    return show(request, "knowledge/writing.html", context, status=422 if form.errors else 200)


@staff_only("knowledge.publish")
@require_POST
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the draft be read."""
    return _done(request, pk, partial(operations.publish, article_id=pk), gettext("已发布"))


@staff_only("knowledge.write")
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it was read again and still holds."""
    form = Review(request.POST)
    if not form.is_valid():
        return _article(request, pk, wrong=gettext("请写下次复审的日期。"), status=422)
    act = partial(operations.confirm, article_id=pk, review_on=form.cleaned_data["review_on"])
    return _done(request, pk, act, gettext("已复审"))


@staff_only("knowledge.publish")
@require_POST
def retirement(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it be read no longer."""
    reason = request.POST.get("reason", "")[:200]
    act = partial(operations.retire, article_id=pk, reason=reason)
    return _done(request, pk, act, gettext("已停用"), url=reverse("console:knowledge"))


def _done(
    request: HttpRequest, pk: int, act: Callable[..., object], words: str, *, url: str = ""
) -> HttpResponse:
    """Do something to an article as the viewer, or say on its page why not."""
    try:
        act(actor=staff_viewer(request).actor, at=now())
    except Refused as refused:
        return _article(request, pk, wrong=sentence(refused), status=422)
    messages.success(request, words)
    return htmx.go_to(request, url or reverse("console:article", args=[pk]))


@staff_only("knowledge.view")
def of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Offer what may help with a case, the most helpful first."""
    return _offered(request, number)


@staff_only("knowledge.view")
@require_POST
def solution(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Note that an article solved the case."""
    viewer = staff_viewer(request)
    ticket = tickets.by_number(viewer, number)
    try:
        operations.note_solution(
            article_id=pk, subject=ticket.number, actor=viewer.actor, at=now()
        )
    except Refused as refused:
        return _offered(request, number, wrong=sentence(refused))
    return _offered(request, number)


def _offered(request: HttpRequest, number: str, *, wrong: str = "") -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = tickets.by_number(viewer, number)
    found = searching.search(
        viewer, ticket.title, at=now(), kinds=(ARTICLE,), size=FOUND_AT_MOST
    ).group(ARTICLE)
    offered = queries.about_category(
        viewer,
        ticket.category,
        at_most=OFFERED_AT_MOST + FOUND_AT_MOST,
        also=[one.source_id for one in found.hits],
    )
    context = {
        "ticket": ticket,
        "offered": [(one, prose(one.body)) for one in offered],
        "solved_by": queries.solutions_of(ticket.number),
        "viewer": viewer,
        "wrong": wrong,
    }
    return render(request, "console/knowledge/of_ticket.html", context)


def _source(request: HttpRequest) -> Ticket | None:
    """Return the case to begin from; one that the viewer may not see is as good as none."""
    number = request.GET.get("ticket") or request.POST.get("ticket") or ""
    try:
        return tickets.by_number(staff_viewer(request), number)
    except Missing:
        return None


def _begun(source: Ticket | None, edition: Edition) -> dict[str, Any]:
    if source is None:
        return {}
    done = source.resolutions.order_by("-pk").first()
    parts = [(gettext("现象"), source.description or source.title)]
    if done is not None:
        causes = {one.code: one for one in edition.causes(kind=source.kind)}
        if done.cause in causes:
            parts.append((gettext("原因"), str(localized(causes[done.cause], "name"))))
        parts += [(gettext("处理"), done.result), (gettext("建议"), done.advice)]
    body = "\n\n".join(f"## {name}\n\n{impersonal(text)}" for name, text in parts if text)
    return {
        "title": impersonal(source.title),
        "body": body,
        "categories": [source.category] if source.category else [],
    }


def _as_it_stands(request: HttpRequest, pk: int) -> dict[str, Any]:
    last = queries.article(staff_viewer(request), pk).versions.all()[0]
    return {
        "title": last.title,
        "body": last.body,
        "categories": last.categories,
        "public": last.public,
        "review_on": last.review_on,
    }


def _listed(version: Version, edition: Edition, today: Any) -> Listed:
    named = {one.code: str(localized(one, "name")) for one in edition.categories}
    about = [named.get(code, code) for code in version.categories]
    return Listed(version, about, is_overdue=version.review_on <= today)


def _edition() -> Edition:
    return standard.read(standard.edition_in_force(at=now()).pk)
