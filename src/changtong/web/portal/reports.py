"""Report a fault, ask for a service, complain, enquire: under a minute."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from changtong.catalog import queries as catalog
from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake import queries as intake_queries
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets.domain.lifecycle import Kind
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import working
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import portal_viewer
from changtong.web.ui.messages import sentence


OTHER = ""
FILES_AT_MOST = 1


class Matter(forms.Form):
    """What the customer says; the line tells us the rest."""

    line = forms.ChoiceField(label=_("涉及的业务"), required=False)
    family = forms.ChoiceField(label=_("业务类型"), required=False)
    region = forms.ChoiceField(label=_("所在地区"), required=False)
    title = forms.CharField(label=_("一句话说明"), max_length=160)
    description = forms.CharField(
        label=_("详细情况"), required=False, max_length=5000, widget=forms.Textarea
    )
    contact_name = forms.CharField(label=_("联系人"), max_length=96)
    contact_email = forms.EmailField(label=_("电子邮箱"), required=False)
    wanted_at = forms.DateTimeField(
        label=_("期望处理时间"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    special_needs = forms.CharField(label=_("特殊需要"), required=False, max_length=200)
    photo = forms.FileField(label=_("照片或截图"), required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = parties.lines_visible_to(viewer).select_related("service").order_by("number")
        choices = [(line.number, f"{line.service.name} · {line.number}") for line in lines[:20]]
        self.fields["line"].choices = [*choices, (OTHER, _("其他，或不在列表中"))]  # type: ignore[attr-defined]
        self.fields["family"].choices = labels.choices("family")  # type: ignore[attr-defined]
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            (region.code, region.name) for region in catalog.regions() if region.parent_id
        ]
        if not choices:
            del self.fields["line"]
        self.initial.setdefault("line", choices[0][0] if choices else OTHER)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is not None and not cleaned.get("line") and not cleaned.get("region"):
            self.add_error("region", _("请选择所在地区。"))
        return cleaned


@customer_only
def report(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in set(Kind):
        raise Http404
    viewer = portal_viewer(request)
    customer = parties.customer_by_phone(viewer.phone)
    initial = {
        "contact_name": customer.name if customer else "",
        "contact_email": customer.email if customer else "",
        "line": request.GET.get("line", ""),
    }
    initial = {name: value for name, value in initial.items() if value}
    form = Matter(request.POST or None, request.FILES or None, viewer=viewer, initial=initial)
    offered: list[Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return htmx.go_to(request, f"/portal/tickets/{_receive(request, kind, form)}?new=1")
        except Refused as refused:
            if refused.code in intake_queries.SAME_MATTER:
                numbers = cast("list[str]", refused.facts.get("numbers", []))
                offered = intake_queries.same_matter_offer(viewer, numbers)
            form.add_error(None, sentence(refused))
    context = {"form": form, "kind": kind, "offered": offered}
    status = 409 if offered is not None else 422 if form.errors else 200
    return render(request, "portal/reports/report.html", context, status=status)


def _receive(request: HttpRequest, kind: str, form: Matter) -> str:
    given, viewer, at = form.cleaned_data, portal_viewer(request), now()
    received = intake.receive(
        report=Report(
            kind=kind,
            channel="web",
            title=given["title"],
            # The customer's one sentence is their words, too; nobody has to write it twice.
            description=given["description"] or given["title"],
            contact_name=given["contact_name"],
            contact_phone=viewer.phone,
            contact_email=given["contact_email"],
            family="" if given.get("line") else given["family"],
            wanted_at=given["wanted_at"],
            special_needs=given["special_needs"],
            language=getattr(request, "LANGUAGE_CODE", "zh-hans"),
        ),
        line_number=given.get("line") or "",
        region_code="" if given.get("line") else given["region"],
        same_as=request.POST.get("same_as") or None,
        anyway=bool(request.POST.get("anyway")),
        actor=viewer.actor,
        at=at,
    )
    number = received.ticket.number
    if photo := given.get("photo"):
        working.attach(
            number=number,
            name=photo.name,
            chunks=photo.chunks(),
            public=True,
            actor=viewer.actor,
            at=at,
        )
    return number
