"""What everybody in a place is told: outages that we know, and work that is planned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from changtong.catalog import queries as catalog
from changtong.feedback import queries
from changtong.feedback.domain.announcing import TEXT_AT_MOST
from changtong.feedback.operations import announcing
from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.parties.domain.roles import Viewer
from changtong.web.console.frame import show
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence


LISTED_AT_MOST = 50
KINDS = [("outage", _("故障公告")), ("works", _("施工通知"))]


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class Announced(forms.Form):
    """What is announced, where, and until when."""

    kind = forms.ChoiceField(label=_("类型"), choices=KINDS, widget=forms.RadioSelect)
    region_codes = forms.MultipleChoiceField(label=_("受影响的区域"))
    families = forms.MultipleChoiceField(
        label=_("受影响的业务"), required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_at = forms.DateTimeField(label=_("开始时间"), widget=_moment())
    ends_at = forms.DateTimeField(label=_("预计结束时间"), widget=_moment())
    text = forms.CharField(label=_("内容"), max_length=TEXT_AT_MOST, widget=forms.Textarea)
    clause = forms.CharField(label=_("依据条款"), max_length=16)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = catalog.regions_below(viewer.region_path)
        self.fields["region_codes"].choices = [(one.code, one.name) for one in regions]  # type: ignore[attr-defined]
        self.fields["families"].choices = labels.choices("family")  # type: ignore[attr-defined]


class Until(forms.Form):
    ends_at = forms.DateTimeField(label=_("预计结束时间"), widget=_moment())


@staff_only("announcements.publish")
def page(request: HttpRequest) -> HttpResponse:
    """Show what is announced in the viewer's region, and announce more."""
    viewer, at = staff_viewer(request), now()
    form = Announced(request.POST or None, viewer=viewer, initial={"kind": "outage"})
    if request.method == "POST" and form.is_valid():
        try:
            announcing.announce(**form.cleaned_data, viewer=viewer, at=at)
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, gettext("公告已发布"))
            return _back(request)
    made = list(queries.announced_in(viewer)[:LISTED_AT_MOST])
    regions = {one.path: one.name for one in catalog.regions_below(viewer.region_path)}
    context = {
        "form": form,
        "until": Until(),
        "made": [
            {"kept": one, "places": [regions.get(path, path) for path in one.region_paths]}
            for one in made
        ],
    }
    return show(request, "announcements/page.html", context, status=422 if form.errors else 200)


@staff_only("announcements.publish")
@require_POST
def expectation(request: HttpRequest, pk: int) -> HttpResponse:
    """Expect the end at another time."""
    form = Until(request.POST)
    if form.is_valid():
        viewer = staff_viewer(request)
        announcing.postpone(
            announcement_id=pk, ends_at=form.cleaned_data["ends_at"], viewer=viewer, at=now()
        )
        messages.success(request, gettext("预计结束时间已更改"))
    return _back(request)


@staff_only("announcements.publish")
@require_POST
def ending(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it is over."""
    announcing.end(announcement_id=pk, viewer=staff_viewer(request), at=now())
    messages.success(request, gettext("公告已结束"))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return htmx.go_to(request, reverse("console:announcements"))
