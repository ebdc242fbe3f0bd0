"""Drafts: begun, looked over, filled from files, given up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.standard import queries
from changtong.standard.domain import comparing, packing, parsing
from changtong.standard.operations import drafting as operations
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.standard import forms, wording
from changtong.web.console.standard.desk import CONFLICT, desk_of, people, told
from changtong.web.console.standard.reading import EDITIONS_AT_MOST, tabs, zipped
from changtong.web.console.standard.showing import region_names, shown, when_words
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.standard.models import DraftChange


CHANGES_AT_MOST = 100
PACKAGE_AT_MOST_BYTES = 5_000_000


@staff_only("standard.draft")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft from an edition or from files."""
    every = list(queries.editions()[:EDITIONS_AT_MOST])
    choices = [(str(row.pk), f"{row.version} {row.title}") for row in every]
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    initial = {"edition": queries.edition_in_force(at=now()).pk}
    form = forms.Title(*given, editions=choices, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            draft = _begun(request, form.cleaned_data)
        except Refused as refused:
            told(form, refused)
            status = CONFLICT
        else:
            messages.success(request, _("草案已建立，可以开始修改"))
            return htmx.go_to(request, reverse("console:standard_draft", args=[draft.pk]))
    elif form.is_bound:
        status = UNPROCESSABLE
    context = {"form": form, "tabs": tabs(None, "standard_editions")}
    return show(request, "standard/begin.html", context, status=status)


def _begun(request: HttpRequest, given: dict[str, Any]) -> Any:
    package = given["package"]
    return operations.begin(
        title=given["title"],
        edition_id=int(given["edition"]),
        body=_body(package) if package else None,
        actor=staff_viewer(request).actor,
        at=now(),
    )


def _body(package: Any) -> dict[str, Any]:
    if package.size > PACKAGE_AT_MOST_BYTES:
        raise Refused("package.too_large", clause="26.3", at_most=packing.FILES_AT_MOST)
    return parsing.parse(packing.unpacked(package.read()))


@staff_only("standard.review")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a draft changes so far, what is wrong with it, and who did what."""
    desk = desk_of(request, pk)
    changes = list(queries.changes_of(desk.draft)[:CHANGES_AT_MOST])
    regions = region_names()
    names = people([desk.draft.begun_by, *(one.by for one in changes)])
    context = {
        "comparison": shown(desk.comparison) if desk.comparison else None,
        "problems": wording.problems_words(desk.problems),
        "changes": [
            (one, names[one.by], wording.file_words(one.file), _entry(one, regions))
            for one in changes
        ],
        "begun_by": names[desk.draft.begun_by],
    }
    return desk.show("draft.html", context)


def _entry(change: DraftChange, regions: Mapping[str, str]) -> str:
    """Return what a change was made to: a clause, a row, an entry; nothing for a whole file."""
    value = change.after or change.before
    if not change.path or not isinstance(value, dict):
        return ""
    is_row = "within" in value or "figure" in value
    return when_words(value.get("when", {}), regions) if is_row else comparing.name_of(value)


@staff_only("standard.review")
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the files of a draft as a zip."""
    desk = desk_of(request, pk)
    return zipped(desk.body, f"{desk.draft.code}-draft-{pk}-r{desk.draft.revision}")


@staff_only("standard.draft")
@require_POST
def loading(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a zip of files in the place of what the draft says."""
    desk = desk_of(request, pk)
    uploaded = request.FILES.get("package")
    seen = request.POST.get("seen", "")
    if uploaded is None or not seen.isdigit():
        raise Refused("package.empty", clause="26.3")
    try:
        operations.load(
            draft_id=pk,
            body=_body(uploaded),
            seen_revision=int(seen),
            actor=staff_viewer(request).actor,
            at=now(),
        )
    except parsing.Unreadable as unreadable:
        context = {"problems": wording.problems_words(unreadable.problems)}
        return desk.show("unreadable.html", context, status=CONFLICT)
    messages.success(request, _("文件已导入"))
    return htmx.go_to(request, desk.url(""))


@staff_only("standard.draft")
@require_POST
def discarding(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    operations.discard(
        draft_id=pk,
        because=request.POST.get("because", ""),
        actor=staff_viewer(request).actor,
        at=now(),
    )
    messages.success(request, _("草案已作废"))
    return htmx.go_to(request, reverse("console:standard_editions"))
