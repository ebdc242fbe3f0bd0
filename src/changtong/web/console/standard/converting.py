"""Unfinished cases put under another edition: the effect first, then a confirmation (26.8)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.analytics.operations import converting as operations
from changtong.analytics.queries import conversions
from changtong.catalog import queries as catalog
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import Reach
from changtong.standard import queries
from changtong.tickets import queries as tickets
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.console.standard.desk import CONFLICT, people, told
from changtong.web.console.standard.forms import Reason, indented
from changtong.web.console.standard.reading import tabs
from changtong.web.console.standard.showing import place_words
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from changtong.analytics.models import Conversion
    from changtong.parties.domain.roles import Viewer


SHOWN_AT_MOST = 50
REGIONS_AT_MOST = 1_000


class Where(forms.Form):
    region = forms.ChoiceField(
        label=gettext_lazy("哪里的工单"),
        required=False,
        help_text=gettext_lazy("只测算，不改动任何工单；看过结果再决定。"),
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = catalog.regions()
        if viewer.reach is not Reach.ALL:
            places = places.filter(path__startswith=viewer.region_path)
        choices = [(one.path, indented(one)) for one in places[:REGIONS_AT_MOST]]
        if viewer.reach is Reach.ALL:
            choices.insert(0, ("", _("全部地区")))
        field = self.fields["region"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


@staff_only("standard.review")
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """List the conversions to an edition, and ask for the effect of another."""
    row = queries.edition_by_id(pk)
    viewer = staff_viewer(request)
    form = Where(request.POST or None, viewer=viewer)
    status = UNPROCESSABLE if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            asked = operations.request(
                edition_id=pk, region_path=form.cleaned_data["region"], viewer=viewer, at=now()
            )
        except Refused as refused:
            told(form, refused)
            status = CONFLICT
        else:
            return htmx.go_to(request, _address("", row.pk, asked.pk))
    rows = [
        one
        for one in conversions.of_edition(pk)[:SHOWN_AT_MOST]
        if conversions.sees(viewer, one.region_path)
    ]
    names = people({one.requested_by for one in rows})
    context = {
        "row": row,
        "form": form,
        "rows": [(one, names[one.requested_by], place_words(one.region_path)) for one in rows],
        "count": tickets.under_other_editions(viewer, pk).count(),
        "tabs": tabs(None, "standard_editions"),
    }
    return show(request, "standard/conversions.html", context, status=status)


@staff_only("standard.review")
def conversion(request: HttpRequest, pk: int, conversion: int) -> HttpResponse:
    """Show what a conversion would change, or how far it is, or what came of it."""
    found = _found(request, pk, conversion)
    if request.GET.get("part") == "progress":
        if found.state not in ("measuring", "moving"):
            return htmx.go_to(request, _address("", pk, found.pk))
        context = {"found": found, "share": _share(found)}
        return show(request, "standard/conversion.html", context, part="progress")
    return _page(request, found, Reason())


@staff_only("standard.approve")
@require_POST
def confirmation(request: HttpRequest, pk: int, conversion: int) -> HttpResponse:
    """Confirm a conversion whose effect has been seen."""
    found = _found(request, pk, conversion)
    form = Reason(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=UNPROCESSABLE)
    try:
        operations.confirm(
            conversion_id=found.pk,
            reason=form.cleaned_data["because"],
            viewer=staff_viewer(request),
            at=now(),
        )
    except Refused as refused:
        told(form, refused)
        return _page(request, found, form, status=CONFLICT)
    messages.success(request, _("已确认，正在逐件转换"))
    return htmx.go_to(request, _address("", pk, found.pk))


def _found(request: HttpRequest, pk: int, conversion: int) -> Conversion:
    found = conversions.by_id(conversion, staff_viewer(request))
    if found.edition_id != pk:
        raise Missing("conversion.unknown", conversion=conversion)
    return found


def _page(
    request: HttpRequest, found: Conversion, form: forms.Form, *, status: int = 200
) -> HttpResponse:
    names = people({found.requested_by, found.confirmed_by})
    context = {
        "found": found,
        "row": found.edition,
        "place": place_words(found.region_path),
        "requested_by": names[found.requested_by],
        "confirmed_by": names[found.confirmed_by],
        "share": _share(found),
        "examples": _examples(request, found),
        "refused": [
            (sentence(Refused(code)), count) for code, count in sorted(found.refused.items())
        ],
        "form": form,
        "tabs": tabs(None, "standard_editions"),
    }
    return show(request, "standard/conversion.html", context, status=status)


def _examples(request: HttpRequest, found: Conversion) -> list[dict[str, Any]]:
    """Return the first limits that move, of tickets that the viewer may see."""
    numbers = [one[0] for one in found.examples]
    seen = tickets.by_numbers(staff_viewer(request), numbers).values_list("number", flat=True)
    visible = set(seen)
    keys = ("number", "metric", "basis", "clause", "before", "after", "is_late")
    listed = [dict(zip(keys, one, strict=True)) for one in found.examples if one[0] in visible]
    for one in listed:
        for side in ("before", "after"):
            one[side] = datetime.fromisoformat(one[side]) if one[side] else None
    return listed


def _share(found: Conversion) -> int:
    return 100 * found.cases_done // found.cases if found.cases else 0


def _address(route: str, *args: int) -> str:
    return reverse(f"console:standard_conversion{route}", args=args)
