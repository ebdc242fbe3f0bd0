"""The clauses of a draft: listed with what differs, and written in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries
from changtong.standard.domain import comparing, drafting, law
from changtong.standard.domain.drafting import Place
from changtong.web.console.frame import UNPROCESSABLE
from changtong.web.console.standard import forms
from changtong.web.console.standard.desk import CONFLICT, Desk, desk_of, people, save, told
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only


if TYPE_CHECKING:
    from collections.abc import Iterator


@staff_only("standard.review")
def clauses(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the clauses of a draft by chapter, those that differ marked."""
    desk = desk_of(request, pk)
    wanted = request.GET.get("q", "").strip().casefold()
    changes = desk.comparison.clauses if desk.comparison else ()
    how = {one.number: one.how for one in changes}
    removed = [one for one in changes if one.how == "removed"]
    pending: dict[str, int] = {}
    for comment in queries.comments_on(desk.draft).filter(resolved_at__isnull=True):
        pending[comment.clause] = pending.get(comment.clause, 0) + 1
    chapters = []
    told = {one.number: one for one in desk.edition.chapters}
    for place, chapter in _chapters(desk):
        found = [desk.edition.clauses[one["number"]] for one in chapter.get("clause", ())]
        rows = [
            (one, how.get(one.number, ""), pending.get(one.number, 0))
            for one in found
            if wanted in f"{one.number} {one.title} {one.text}".casefold()
        ]
        if rows or not wanted:
            chapters.append((place, told[chapter["number"]], rows))
    context = {"chapters": chapters, "removed": removed, "q": request.GET.get("q", "")}
    return desk.show("draft_clauses.html", context)


@staff_only("standard.review")
def clause(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """Show a clause of a draft beside what it was, with its comments."""
    desk = desk_of(request, pk)
    place = _found(desk, number)
    form = forms.Clause(initial=drafting.value_at(desk.body, place))
    return _page(desk, place, form, number)


@staff_only("standard.draft")
@require_POST
def words(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """Take other words for a clause."""
    desk = desk_of(request, pk)
    place = _found(desk, number)
    return _saved(desk, place, drafting.value_at(desk.body, place))


@staff_only("standard.draft")
def new_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a new clause of a chapter."""
    desk = desk_of(request, pk)
    chapter = request.POST.get("chapter", "") or request.GET.get("chapter", "")
    for place, found in _chapters(desk):
        if str(found.get("number")) == chapter:
            numbers = [str(one["number"]) for one in found.get("clause", ())]
            position = place.below("clause", len(numbers))
            if request.method == "POST":
                return _saved(desk, position, {})
            form = forms.Clause(initial={"number": _next(chapter, numbers), "enforced": False})
            return _page(desk, position, form, "")
    raise Missing("clause.unknown", number=chapter)


@staff_only("standard.draft")
@require_POST
def removal(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """Take a clause out of a draft."""
    desk = desk_of(request, pk)
    save(desk, _found(desk, number), None, request.POST.get("seen", ""))
    messages.success(request, _("第 %(number)s 条已删去") % {"number": number})
    return htmx.go_to(request, desk.url("_clauses"))


def _saved(desk: Desk, place: Place, current: dict[str, Any]) -> HttpResponse:
    request = desk.request
    form = forms.Clause(request.POST, initial=current)
    number = str(current.get("number", ""))
    if not form.is_valid():
        return _page(desk, place, form, number, status=UNPROCESSABLE)
    try:
        save(desk, place, form.value(current), request.POST.get("seen", ""))
    except Refused as refused:
        told(form, refused, lambda key: key.rsplit(".", 1)[-1])
        return _page(desk, place, form, number, status=CONFLICT)
    messages.success(request, _("已保存"))
    return htmx.go_to(request, desk.url("_clause", form.cleaned_data["number"]))


def _page(
    desk: Desk, place: Place, form: forms.Clause, number: str, *, status: int = 200
) -> HttpResponse:
    current = drafting.value_at(desk.body, place)
    change = None
    if desk.comparison:
        change = next((one for one in desk.comparison.clauses if one.number == number), None)
    comments = list(queries.comments_on(desk.draft).filter(clause=number)) if number else []
    names = people([one.by for one in comments] + [one.resolved_by for one in comments])
    context = {
        "form": form,
        "number": number,
        "clause": current,
        "chapter": drafting.value_at(desk.body, Place(place.file)) or {},
        # After a conflict the author decides again, having seen what the other wrote.
        "seen": drafting.seal(current),
        "meanwhile": current if status == CONFLICT else None,
        "change": change,
        "comments": [(one, names[one.by], names[one.resolved_by]) for one in comments],
    }
    return desk.show("draft_clause.html", context, status=status)


def _chapters(desk: Desk) -> Iterator[tuple[Place, Any]]:
    own = law.own(desk.body)
    files = [file for file in own if file.startswith(comparing.CLAUSES)]
    files.sort(key=lambda file: comparing.in_order(str(own[file].get("number", ""))))
    for file in files:
        yield Place(file), own[file]


def _found(desk: Desk, number: str) -> Place:
    for place, chapter in _chapters(desk):
        for position, one in enumerate(chapter.get("clause", ())):
            if one.get("number") == number:
                return place.below("clause", position)
    raise Missing("clause.unknown", number=number)


def _next(chapter: str, numbers: list[str]) -> str:
    """Return the number after the last of a chapter."""
    last = max((int(n.split(".")[1]) for n in numbers if n.count(".") == 1), default=0)
    return f"{chapter}.{last + 1}"
