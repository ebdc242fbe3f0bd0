"""The service standard as staff read it: editions, chapters, clauses, categories, differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries
from changtong.standard.domain import comparing, law, packing, writing
from changtong.standard.domain.edition import Edition
from changtong.web.console.frame import show
from changtong.web.console.standard.desk import people
from changtong.web.console.standard.kept import Kept, kept
from changtong.web.console.standard.showing import limits_under, shown
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.standard.domain.parsing import Body
    from changtong.standard.domain.rules import Category, Chapter, Clause
    from changtong.standard.models import Draft
    from changtong.standard.models import Edition as EditionRow


EDITIONS_AT_MOST = 50
HISTORY_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Branch:
    """A category with the narrower ones below it."""

    category: Category
    depth: int
    is_leaf: bool
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What an edition did to a clause."""

    row: EditionRow
    older: EditionRow | None
    how: str
    pieces: tuple[comparing.Piece, ...]


@staff_only("standard.view")
def edition(request: HttpRequest) -> HttpResponse:
    """Show the chosen edition, by default the one in force, chapter by chapter."""
    every = list(queries.editions()[:EDITIONS_AT_MOST])
    row = _chosen(request, every)
    found = queries.read(row.pk)
    wanted = request.GET.get("q", "").strip()
    only = request.GET.get("only", "")
    chapters = [
        (chapter, clauses)
        for chapter in found.chapters
        if (clauses := _clauses(found, chapter, wanted, only))
    ]
    every_clause = found.clauses.values()
    context = {
        "editions": every,
        "row": row,
        "standing": queries.standings([row], at=now())[row.pk],
        "edition": found,
        "chapters": chapters,
        "q": wanted,
        "only": only,
        "total": len(every_clause),
        "enforced": sum(one.enforced for one in every_clause),
        "tabs": tabs(row, "standard"),
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
        "tabs": tabs(row, "standard_categories"),
    }
    return show(request, "standard/categories.html", context)


@staff_only("standard.view")
def clause(request: HttpRequest, number: str) -> HttpResponse:
    """Show a clause: as a page, how it is kept below it, or a few lines for a chip."""
    every = list(queries.editions()[:EDITIONS_AT_MOST])
    row = _chosen(request, every)
    edition = queries.read(row.pk)
    found = edition.clause(number)
    is_part = htmx.wants_part(request)
    if request.GET.get("show") == "kept":
        # What is below the fold is counted when somebody scrolls to it.
        kept_so = _kept(request, row, number)
        return render(request, "console/standard/clause_kept.html", {"kept": kept_so})
    context = {
        "row": row,
        "edition": edition,
        "clause": found,
        "limits": [] if is_part else limits_under(edition, number),
        "history": [] if is_part else _history(number, every[:HISTORY_AT_MOST]),
        "chapter": _chapter(edition, found),
        "neighbors": _neighbors(edition, found),
        "cited_by": sorted(name for cited, name in set(edition.citations()) if cited == number),
    }
    return show(request, "standard/clause.html", context, part="popover")


def _kept(request: HttpRequest, row: EditionRow, number: str) -> Kept:
    return kept(staff_viewer(request), edition_id=row.pk, clause=number, at=now())


@staff_only("standard.view")
def editions(request: HttpRequest) -> HttpResponse:
    """Show every edition with its state and dates, and to reviewers the drafts."""
    at = now()
    every = list(queries.editions()[:EDITIONS_AT_MOST])
    drafts: list[Draft] = []
    if staff_viewer(request).may("standard.review"):
        drafts = list(queries.drafts_in_work()[:EDITIONS_AT_MOST])
    actors = [row.published_by for row in every] + [draft.begun_by for draft in drafts]
    names = people(actors)
    standings = queries.standings(every, at=at)
    context = {
        "rows": [(row, standings[row.pk], names[row.published_by]) for row in every],
        "drafts": [(draft, names[draft.begun_by]) for draft in drafts],
        "tabs": tabs(None, "standard_editions"),
    }
    return show(request, "standard/editions.html", context)


@staff_only("standard.view")
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the files of an edition as a zip."""
    row = queries.edition_by_id(pk)
    return zipped(queries.body(row.pk), f"{row.code}-{row.version}")


def zipped(body: Body, name: str) -> HttpResponse:
    """Answer what an author wrote as a zip of its files."""
    response = HttpResponse(
        packing.packed(writing.texts(law.own(body))), content_type="application/zip"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response


@staff_only("standard.view")
def comparison(request: HttpRequest) -> HttpResponse:
    """Show what any two editions or drafts say differently."""
    sides = _sides(request)
    names = dict(sides)
    old, new = (request.GET.get(key, "") for key in ("old", "new"))
    for wanted in (old, new):
        if wanted and wanted not in names:
            raise Missing("edition.unknown", edition=wanted)
    found = comparing.compare(_side(old), _side(new)) if old and new else None
    context = {
        "sides": sides,
        "old": old,
        "new": new,
        "old_name": names.get(old, ""),
        "new_name": names.get(new, ""),
        "comparison": shown(found) if found else None,
        "tabs": tabs(None, "standard_comparison"),
    }
    return show(request, "standard/comparison.html", context)


def _sides(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the editions, and to reviewers the drafts, that can be compared."""
    found = [(f"edition:{row.pk}", row.version) for row in queries.editions()[:EDITIONS_AT_MOST]]
    if staff_viewer(request).may("standard.review"):
        drafts = queries.drafts_in_work()[:EDITIONS_AT_MOST]
        found += [
            (f"draft:{one.pk}", _("草案：%(title)s") % {"title": one.title}) for one in drafts
        ]
    return found


def _side(key: str) -> Body:
    sort, _colon, pk = key.partition(":")
    if sort == "draft":
        return queries.body_of(queries.draft_by_id(int(pk)))
    return queries.body(int(pk))


def _history(number: str, rows: Sequence[EditionRow]) -> list[Told]:
    """Return what each edition did to a clause, the newest first."""
    found = []
    for row, older in zip_longest(rows, rows[1:]):
        now_says = queries.read(row.pk).clauses.get(number)
        then_said = queries.read(older.pk).clauses.get(number) if older else None
        how = _what_happened(then_said, now_says)
        if how:
            pieces: tuple[comparing.Piece, ...] = ()
            if how == "changed" and then_said and now_says:
                pieces = comparing.pieces(then_said.text, now_says.text)
            found.append(Told(row, older, how, pieces))
    return found


def _what_happened(old: Clause | None, new: Clause | None) -> str:
    if old == new:
        return ""
    if old is None:
        return "added"
    return "removed" if new is None else "changed"


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


def tabs(row: EditionRow | None, current: str) -> list[dict[str, Any]]:
    """Return the parts of the standard; those of one edition keep to it."""
    words = (
        ("standard", _("条款"), True),
        ("standard_categories", _("分类"), True),
        ("standard_editions", _("版次与草案"), False),
        ("standard_comparison", _("比较"), False),
    )
    return [
        {
            "label": label,
            "url": reverse(f"console:{route}") + (f"?edition={row.pk}" if row and its_own else ""),
            "active": route == current,
        }
        for route, label, its_own in words
    ]
