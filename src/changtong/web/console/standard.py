"""The service standard as staff read it: editions, chapters, clauses, categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries
from changtong.standard.domain.edition import Edition
from changtong.web.console.frame import show
from changtong.web.ui.access import staff_only
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.standard.domain.rules import Category, Chapter, Clause
    from changtong.standard.models import Edition as EditionRow


EDITIONS_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Branch:
    """A category with the narrower ones below it."""

    category: Category
    depth: int
    is_leaf: bool
    skill: str = ""


@staff_only("standard.view")
def editions(request: HttpRequest) -> HttpResponse:
    """Show the chosen edition, by default the one in force, chapter by chapter."""
    every = list(queries.editions()[:EDITIONS_AT_MOST])
    row = _chosen(request, every)
    edition = queries.read(row.pk)
    wanted = request.GET.get("q", "").strip()
    only = request.GET.get("only", "")
    chapters = [
        (chapter, found)
        for chapter in edition.chapters
        if (found := _clauses(edition, chapter, wanted, only))
    ]
    every_clause = edition.clauses.values()
    context = {
        "editions": every,
        "row": row,
        "edition": edition,
        "chapters": chapters,
        "q": wanted,
        "only": only,
        "total": len(every_clause),
        "enforced": sum(one.enforced for one in every_clause),
        "tabs": _tabs(row, "standard"),
    }
    return show(request, "standard/edition.html", context)


@staff_only("standard.view")
def categories(request: HttpRequest) -> HttpResponse:
    row = _chosen(request, list(queries.editions()[:EDITIONS_AT_MOST]))
    edition = queries.read(row.pk)
    context = {
        "row": row,
        "edition": edition,
        "branches": _tree(edition),
        "tabs": _tabs(row, "standard_categories"),
    }
    return show(request, "standard/categories.html", context)


@staff_only("standard.view")
def clause(request: HttpRequest, number: str) -> HttpResponse:
    """Show a clause: as a page, or for a chip on another page as a few lines."""
    row = _chosen(request, list(queries.editions()[:EDITIONS_AT_MOST]))
    edition = queries.read(row.pk)
    found = edition.clause(number)
    context = {
        "row": row,
        "edition": edition,
        "clause": found,
        "chapter": _chapter(edition, found),
        "neighbors": _neighbors(edition, found),
        "cited_by": sorted(name for cited, name in set(edition.citations()) if cited == number),
    }
    return show(request, "standard/clause.html", context, part="popover")


def _chosen(request: HttpRequest, every: Sequence[EditionRow]) -> EditionRow:
    wanted = request.GET.get("edition", "")
    for row in every:
        if wanted and wanted in {str(row.pk), row.version}:
            return row
    if wanted:
        raise Missing("edition.unknown", edition=wanted)
    return queries.edition_in_force(at=now())


def _clauses(edition: Edition, chapter: Chapter, wanted: str, only: str) -> list[Clause]:
    found = [one for one in edition.clauses.values() if one.chapter == chapter.number]
    if only == "enforced":
        found = [one for one in found if one.enforced]
    elif only == "unenforced":
        found = [one for one in found if not one.enforced]
    if wanted:
        folded = wanted.casefold()
        found = [
            one
            for one in found
            if folded
            in f"{one.number} {one.title} {one.text} {one.title_en} {one.text_en}".casefold()
        ]
    return found


def _chapter(edition: Edition, clause: Clause) -> Chapter | None:
    return next((one for one in edition.chapters if one.number == clause.chapter), None)


def _neighbors(edition: Edition, clause: Clause) -> tuple[Clause | None, Clause | None]:
    numbers = list(edition.clauses)
    place = numbers.index(clause.number)
    before = edition.clauses[numbers[place - 1]] if place else None
    after = edition.clauses[numbers[place + 1]] if place + 1 < len(numbers) else None
    return before, after


def _tree(edition: Edition) -> list[Branch]:
    leaves = {one.code for one in edition.leaves()}
    skills = {one.code: localized(one) for one in edition.skills}
    branches: list[Branch] = []

    def grow(parent: str | None, depth: int) -> None:
        for category in edition.categories:
            if category.parent == parent:
                is_leaf = category.code in leaves
                skill = skills.get(category.skill, "") if is_leaf else ""
                branches.append(Branch(category, depth, is_leaf, skill))
                grow(category.code, depth + 1)

    grow(None, 0)
    return branches


def _tabs(row: EditionRow, current: str) -> list[dict[str, Any]]:
    words = (("standard", _("条款")), ("standard_categories", _("分类")))
    return [
        {
            "label": label,
            "url": f"{reverse(f'console:{route}')}?edition={row.pk}",
            "active": route == current,
        }
        for route, label in words
    ]
