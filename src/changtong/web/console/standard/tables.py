"""Every other table of a draft: as forms where its shape is known, and always as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.catalog import queries as catalog
from changtong.kernel.errors import Missing, Refused
from changtong.standard.domain import drafting, law, parsing, writing
from changtong.standard.domain.drafting import Place
from changtong.web.console.frame import UNPROCESSABLE
from changtong.web.console.standard import naming, sheets, wording
from changtong.web.console.standard.columns import Column, Sheet
from changtong.web.console.standard.desk import CONFLICT, Desk, desk_of, named, save, told
from changtong.web.console.standard.entries import Entry
from changtong.web.console.standard.forms import indented
from changtong.web.console.standard.limits import looser
from changtong.web.console.standard.showing import region_names, when_words
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.formats import localized
from changtong.web.ui.messages import sentence


REGIONS_AT_MOST = 1_000
CODE = r"[a-z0-9][a-z0-9-]{0,39}"
GROUPS = ("tables/", "calendars/", "clauses/", "figures/", "examples/", "")


class NewFile(forms.Form):
    """What kind of file an author adds, and what it is called."""

    sort = forms.ChoiceField(label=gettext_lazy("增加什么"))
    code = forms.RegexField(
        label=gettext_lazy("代号"),
        regex=CODE,
        required=False,
        help_text=gettext_lazy(
            "小写字母、数字和短横线；新的一章写两位章号，如 27；规则表不用填。"
        ),
        error_messages={"invalid": gettext_lazy("只能用小写字母、数字和短横线。")},
    )

    def __init__(self, *args: Any, missing: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["sort"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(one, wording.file_words(one)) for one in (*sheets.FOLDERS, *missing)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("sort") in sheets.FOLDERS and not sheets.may_begin(self.file()):
            self.add_error("code", _("请填写代号；章号是两位数字。"))
        return given

    def file(self) -> str:
        """Return the name of the file."""
        sort, code = self.cleaned_data["sort"], self.cleaned_data.get("code", "")
        return f"{sort}{code}.toml" if sort in sheets.FOLDERS else str(sort)


@staff_only("standard.review")
def tables(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every file of a draft by subject, those that differ marked."""
    desk = desk_of(request, pk)
    groups: dict[str, list[dict[str, Any]]] = {prefix: [] for prefix in GROUPS}
    for file in desk.files:
        prefix = next(one for one in GROUPS if file.startswith(one))
        groups[prefix].append(
            {
                "file": file,
                "words": f"{wording.file_words(file)} {_title(desk.body[file])}".strip(),
                "has_forms": sheets.sheet_of(file) != Sheet(),
                "is_changed": desk.base is not None and desk.base.get(file) != desk.body[file],
            }
        )
    named = [
        (str(naming.FILES.get(prefix, _("其他"))), files)
        for prefix, files in groups.items()
        if files
    ]
    return desk.show("draft_tables.html", {"groups": named})


@staff_only("standard.draft")
def new_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what kind of file to add, and open its first form."""
    desk = desk_of(request, pk)
    missing = sorted(set(sheets.SHEETS) - set(desk.body) - set(sheets.FOLDERS))
    form = NewFile(request.GET if "sort" in request.GET else None, missing=missing)
    if form.is_bound and form.is_valid():
        file = form.file()
        if file in desk.body:
            form.add_error("code", _("已经有这个代号了。"))
        else:
            head = sheets.sheet_of(file).head
            at = "" if head else f"&table={sheets.sheet_of(file).table}&at=0"
            return htmx.go_to(request, f"{desk.url('_entry')}?file={file}{at}")
    return desk.show("draft_new_file.html", {"form": form})


@staff_only("standard.review")
def entries(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the entries of a file."""
    desk = desk_of(request, pk)
    file = _file(desk, request.GET)
    sheet = sheets.sheet_of(file)
    values = desk.body.get(file, {})
    listed = values.get(sheet.table, ()) if sheet.table else ()
    names = region_names()
    context = {
        "file": file,
        "words": wording.file_words(file),
        "sheet": sheet,
        "headings": [wording.key_words(one.words_key) for one in sheet.columns],
        "head": _cells(sheet.head, values, names),
        "rows": [_cells(sheet.columns, one, names) for one in listed],
        "count": len(listed),
    }
    return desk.show("draft_entries.html", context)


@staff_only("standard.review")
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one entry of a file in a form, or the file's own values."""
    desk = desk_of(request, pk)
    place, columns = _place(desk, request.GET)
    current = drafting.value_at(desk.body, place) or {}
    return _page(desk, place, _form(desk, columns, current))


@staff_only("standard.draft")
@require_POST
def entry_values(request: HttpRequest, pk: int) -> HttpResponse:
    """Take other values for an entry, or a new entry."""
    desk = desk_of(request, pk)
    place, columns = _place(desk, request.POST)
    current = drafting.value_at(desk.body, place) or {}
    form = _form(desk, columns, current, request.POST)
    if not form.is_valid():
        return _page(desk, place, form, status=UNPROCESSABLE)
    value = form.value()
    if "knowing" not in request.POST and (found := looser(desk, place, value)):
        return _page(desk, place, form, status=CONFLICT, found=found)
    try:
        save(desk, place, value, request.POST.get("seen", ""))
    except Refused as refused:
        told(form, refused, lambda key: _field(key, place))
        return _page(desk, place, form, status=CONFLICT)
    messages.success(request, _("已保存"))
    return _back(desk, place.file)


@staff_only("standard.draft")
@require_POST
def entry_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry out of a file."""
    desk = desk_of(request, pk)
    place, columns = _place(desk, request.POST)
    if not place.path:
        raise Missing("draft.place_unknown", place=place.file)
    if "knowing" not in request.POST and (found := looser(desk, place, None)):
        current = drafting.value_at(desk.body, place) or {}
        form = _form(desk, columns, current)
        return _page(desk, place, form, status=CONFLICT, found=found, is_removal=True)
    save(desk, place, None, request.POST.get("seen", ""))
    messages.success(request, _("已删去这一项"))
    return _back(desk, place.file)


@staff_only("standard.review")
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a file as text."""
    desk = desk_of(request, pk)
    file = _file(desk, request.GET)
    return _text(desk, file, writing.text(desk.body[file]))


@staff_only("standard.draft")
@require_POST
def text_words(request: HttpRequest, pk: int) -> HttpResponse:
    """Take another text for a file."""
    desk = desk_of(request, pk)
    file = _file(desk, request.POST)
    written = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        values = parsing.parse({file: written})[file]
        save(desk, Place(file), values, request.POST.get("seen", ""))
    except parsing.Unreadable as unreadable:
        problems = wording.problems_words(unreadable.problems)
        return _text(desk, file, written, problems=problems, status=CONFLICT)
    except Refused as refused:
        if refused.code != "draft.changed_meanwhile":
            raise
        words = sentence(named(refused))
        problems = [{"where": wording.file_words(file), "key": "", "words": words}]
        return _text(desk, file, written, problems=problems, status=CONFLICT)
    messages.success(request, _("已保存"))
    return htmx.go_to(request, desk.url("_tables"))


def _text(
    desk: Desk,
    file: str,
    written: str,
    *,
    problems: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "file": file,
        "words": wording.file_words(file),
        "text": written,
        "seen": drafting.seal(desk.body[file]),
        "problems": problems or [],
        "now_there": writing.text(desk.body[file]) if status == CONFLICT else "",
        "has_forms": sheets.sheet_of(file) != Sheet(),
    }
    return desk.show("draft_text.html", context, status=status)


def _page(
    desk: Desk,
    place: Place,
    form: forms.Form,
    *,
    status: int = 200,
    found: list[dict[str, Any]] | None = None,
    is_removal: bool = False,
) -> HttpResponse:
    current = drafting.value_at(desk.body, place)
    path = {"table": place.path[0], "at": place.path[1]} if place.path else {}
    context = {
        "form": form,
        "words": wording.file_words(place.file),
        "file": place.file,
        "place": {"file": place.file, **path},
        "is_entry": bool(place.path),
        "is_new": current is None,
        "looser": found,
        "is_removal": is_removal,
        "seen": drafting.seal(current),
    }
    return desk.show("draft_entry.html", context, status=status)


def _back(desk: Desk, file: str) -> HttpResponse:
    return htmx.go_to(desk.request, f"{desk.url('_entries')}?file={file}")


def _title(values: Mapping[str, Any]) -> str:
    """Return what a file calls itself: a chapter or a calendar."""
    return localized(SimpleNamespace(**values)) or localized(SimpleNamespace(**values), "title")


def _file(desk: Desk, given: Mapping[str, str]) -> str:
    """
    Return the file that an address names.

    :raises Missing: ``draft.place_unknown``
    """
    file = given.get("file", "")
    is_new = desk.is_editable and sheets.may_begin(file)
    if law.is_law(file) or not (file in desk.body or is_new):
        raise Missing("draft.place_unknown", place=file)
    return file


def _place(desk: Desk, given: Mapping[str, str]) -> tuple[Place, tuple[Column, ...]]:
    """
    Return the entry that an address names and the columns that it has.

    :raises Missing: ``draft.place_unknown``
    """
    file = _file(desk, given)
    sheet = sheets.sheet_of(file)
    table, at = given.get("table", ""), given.get("at", "")
    if not table and sheet.head:
        return Place(file), sheet.head if file in desk.body else sheet.whole
    if not table or table != sheet.table or not at.isdigit():
        raise Missing("draft.place_unknown", place=file)
    place = Place(file, (table, int(at)))
    is_new = drafting.value_at(desk.body, place) is None
    return place, (*sheet.columns, *sheet.begins) if is_new else sheet.columns


def _field(key: str, place: Place) -> str:
    """Return the field that a problem's key means: what follows the entry's own place."""
    inner = key.removeprefix(place.key).lstrip(".")
    # Problems count from one, fields from nought: step[2].share is step_1_share.
    counted = re.sub(r"\[(\d+)\]", lambda found: f"_{int(found[1]) - 1}", inner)
    return counted.replace(".", "_")


def _form(desk: Desk, columns: tuple[Column, ...], current: Any, given: Any = None) -> Entry:
    places = [(one.code, indented(one)) for one in catalog.regions()[:REGIONS_AT_MOST]]
    return Entry(given, columns=columns, edition=desk.edition, current=current, places=places)


def _cells(
    columns: tuple[Column, ...], values: Mapping[str, Any], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the values of an entry in words, by the words of their columns."""
    return [
        (wording.key_words(one.words_key), _told(one, one.of(values), names)) for one in columns
    ]


def _told(column: Column, value: Any, names: Mapping[str, str]) -> str:
    if column.sort == "when":
        return when_words(value or {}, names)
    if column.sort == "percent" and value is not None:
        return f"{value:.0%}"
    if column.sort == "rows":
        rows = [
            " ".join(
                _told(one, given, names)
                for one in column.inner
                if (given := one.of(row)) not in (None, [])
            )
            for row in value or ()
        ]
        return _("；").join(rows) or "–"
    if column.sort == "percents":
        return wording.value_words([f"{share * 100:g}%" for share in value or ()])
    return wording.value_words(value, column.offers or column.key)
