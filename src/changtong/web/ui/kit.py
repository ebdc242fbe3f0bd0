"""The living style page: every component in every state, for people who build or check screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.infra.clock import now
from changtong.web.ui import htmx, labels
from changtong.web.ui.access import anyone
from changtong.web.ui.tables import Column, Heading, Listing


STATUSES = {"422": 422, "409": 409, "500": 500}


class SampleForm(forms.Form):
    """One field of every sort."""

    phone = forms.CharField(
        label=gettext_lazy("联系电话"), help_text=gettext_lazy("用于接收办理进度")
    )
    family = forms.ChoiceField(label=gettext_lazy("业务"), choices=labels.choices("family"))
    kind = forms.ChoiceField(
        label=gettext_lazy("事项"), choices=labels.choices("kind"), widget=forms.RadioSelect
    )
    matter = forms.CharField(label=gettext_lazy("情况说明"), widget=forms.Textarea)
    pictures = forms.FileField(label=gettext_lazy("照片或文件"), required=False)
    tags = forms.MultipleChoiceField(
        label=gettext_lazy("影响范围"),
        choices=labels.choices("impact"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label=gettext_lazy("已核对客户身份"))
    score = forms.ChoiceField(
        label=gettext_lazy("满意程度"),
        choices=[(str(each), str(each)) for each in range(1, 6)],
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.has_error("phone"):
            self.add_error(None, _("请先更正标出的内容。"))
        return cleaned


def only_for_building(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hide a view outside demonstration and debug mode."""

    @wraps(view)
    def hidden(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (settings.DEBUG or getattr(settings, "DEMO", False)):
            raise Http404
        return view(request, *args, **kwargs)

    return anyone(hidden)


@only_for_building
def kit(request: HttpRequest) -> HttpResponse:
    """Show the whole kit in the layout that `?layout=` names."""
    layout = request.GET.get("layout", "console")
    if layout not in {"console", "portal", "plain"}:
        raise Http404
    at = now()
    context = {
        "layout": f"ui/{layout}.html",
        "navigation": _navigation(),
        "form": SampleForm(initial={"kind": "fault", "score": "4"}),
        "wrong": SampleForm({"matter": "", "kind": "fault"}, auto_id="wrong_%s"),
        "listing": _listing(at),
        "empty_columns": (Column(_("单号")), Column(_("客户"))),
        "tables": labels.TABLES,
        "clocks": _clocks(at),
        "at": at,
        "tabs": _tabs(),
        "files": _files(),
        "days": [f"11-{day}" for day in range(16, 23)],
        "by_kind": [
            {"name": labels.label("kind", "fault"), "values": [31, 28, 35, 40, 22, 18, 26]},
            {"name": labels.label("kind", "complaint"), "values": [8, 6, 9, 12, 5, 4, 7]},
            {"name": labels.label("kind", "enquiry"), "values": [15, 18, 12, 16, 9, 7, 11]},
        ],
        "trend": [{"name": _("办结"), "values": [46, 50, 52, 61, 38, 27, 44]}],
    }
    return render(request, "ui/kit.html", context)


@only_for_building
def clause(request: HttpRequest) -> HttpResponse:
    """Answer as the console's clause page does."""
    return render(request, "ui/kit_clause.html")


@only_for_building
def queue(request: HttpRequest) -> HttpResponse:
    """Answer a live region with fresh rows."""
    return render(request, "ui/kit_queue.html", {"listing": _listing(now()), "at": now()})


@only_for_building
def answer(request: HttpRequest) -> HttpResponse:
    """Answer the sample form with the status that the pressed button asks for."""
    status = STATUSES.get(request.POST.get("status", ""), 200)
    form = SampleForm(request.POST, request.FILES)
    if status == STATUSES["500"]:
        return HttpResponse(status=500)
    if status in {409, 422}:
        form.is_valid()
        return render(request, "ui/kit_form.html", {"form": form}, status=status)
    response = render(request, "ui/kit_form.html", {"form": SampleForm()})
    return htmx.toast(response, _("已保存"))


def _navigation() -> list[dict[str, Any]]:
    def entry(label: str, icon: str, *, active: bool = False, count: int = 0) -> dict[str, Any]:
        return {"label": label, "url": "/ui/kit", "icon": icon, "active": active, "count": count}

    return [
        {
            "label": _("接待"),
            "entries": [
                entry(_("工单"), "ticket", active=True, count=42),
                entry(_("登记来电"), "phone-incoming"),
                entry(_("客户"), "users"),
            ],
        },
        {
            "label": _("调度"),
            "entries": [
                entry(_("派单台"), "waypoints", count=3),
                entry(_("工作安排"), "calendar-clock"),
            ],
        },
        {
            "label": _("管理"),
            "entries": [
                entry(_("运行概览"), "gauge"),
                entry(_("服务标准"), "book-open"),
                entry(_("档案"), "archive"),
            ],
        },
    ]


def _listing(at: datetime) -> Listing:
    def row(number: int, **facts: Any) -> SimpleNamespace:
        return SimpleNamespace(number=f"20261122-{number:05d}", **facts)

    rows = [
        row(
            17,
            title=_("宽带光猫 LOS 灯闪红，无法上网"),
            kind="fault",
            state="in_progress",
            priority="P2",
            customer=_("张晓燕"),
            phone="13812341234",
            due_at=at + timedelta(hours=2, minutes=15),
            warn_at=at - timedelta(minutes=3),
        ),
        row(
            16,
            title=_("对上月账单中的增值业务费有异议"),
            kind="complaint",
            state="accepted",
            priority="P3",
            customer=_("李建国"),
            phone="13900005678",
            due_at=at - timedelta(hours=3),
            warn_at=at - timedelta(hours=5),
        ),
        row(
            15,
            title=_("申请专线由 100 Mbps 升至 500 Mbps"),
            kind="service_request",
            state="pending",
            priority="P4",
            customer=_("恒通物流有限公司"),
            phone="02155556666",
            due_at=at + timedelta(days=3, hours=4),
            warn_at=at + timedelta(days=2),
        ),
    ]
    columns = (
        Column(_("单号"), sort="number"),
        Column(_("事项")),
        Column(_("类别")),
        Column(_("状态")),
        Column(_("优先级"), sort="priority"),
        Column(_("客户")),
        Column(_("时限"), sort="due_at"),
    )
    headings = [
        Heading(
            column,
            f"?sort={column.sort}" if column.sort else None,
            "ascending" if column.sort == "due_at" else None,
        )
        for column in columns
    ]
    return Listing(rows, headings, "?after=x", "?before=x", "?")


def _clocks(at: datetime) -> list[dict[str, Any]]:
    hour = timedelta(hours=1)
    return [
        {"state": "running", "due_at": at + 26 * hour, "warn_at": at + 20 * hour},
        {"state": "running", "due_at": at + hour / 2, "warn_at": at - hour},
        {"state": "running", "due_at": at - 3 * hour, "warn_at": at - 5 * hour},
        {"state": "paused", "due_at": None, "warn_at": None},
        {"state": "met", "due_at": at, "warn_at": None},
        {"state": "missed", "due_at": at, "warn_at": None},
        {"state": "stopped", "due_at": None, "warn_at": None},
    ]


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("经过"), "url": "?tab=1", "active": True, "count": 12},
        {"label": _("工作安排"), "url": "?tab=2", "active": False, "count": 1},
        {"label": _("时限"), "url": "?tab=3", "active": False},
    ]


def _files() -> list[SimpleNamespace]:
    return [
        SimpleNamespace(name="光猫指示灯.jpg", size=2_412_000, url="#", media_type="image/jpeg"),
        SimpleNamespace(name="测速记录.csv", size=18_400, url="#", media_type="text/csv"),
    ]
