"""Saved views of the queue: tabs that people make for themselves and leaders for their teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from changtong.catalog import queries as catalog
from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.ui import htmx, labels, tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence
from changtong.workspace.domain import views
from changtong.workspace.operations import views as operations
from changtong.workspace.queries import views as queries


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.tickets.models import Ticket
    from changtong.workspace.models import View


PREFIX = "view-"
COUNTED_AT_MOST = 100
REGIONS_AT_MOST = 200
PEOPLE_AT_MOST = 100
CONFLICT = 409
MINE: tuple[tuple[str, str | Promise], ...] = (
    ("me", gettext_lazy("我自己")),
    ("mine", gettext_lazy("我的班组")),
    ("nobody", gettext_lazy("没有")),
)
MOMENTS: tuple[tuple[str, str | Promise], ...] = (
    ("past", gettext_lazy("已过")),
    ("today", gettext_lazy("今天之内")),
    ("+1h", gettext_lazy("1 小时内到")),
    ("+2h", gettext_lazy("2 小时内到")),
    ("+8h", gettext_lazy("8 小时内到")),
    ("+24h", gettext_lazy("24 小时内到")),
    ("-1h", gettext_lazy("近 1 小时")),
    ("-8h", gettext_lazy("近 8 小时")),
    ("-24h", gettext_lazy("近 24 小时")),
    ("-3d", gettext_lazy("近 3 天")),
    ("-7d", gettext_lazy("近 7 天")),
    ("-30d", gettext_lazy("近 30 天")),
    ("none", gettext_lazy("还没有")),
    ("some", gettext_lazy("已经有")),
)
LABELS: dict[str, str | Promise] = {
    "kind": gettext_lazy("类型"),
    "state": gettext_lazy("状态"),
    "priority": gettext_lazy("优先级"),
    "channel": gettext_lazy("渠道"),
    "family": gettext_lazy("业务"),
    "tier": gettext_lazy("客户等级"),
    "impact": gettext_lazy("影响"),
    "urgency": gettext_lazy("紧急程度"),
    "region_type": gettext_lazy("城乡"),
    "category": gettext_lazy("分类"),
    "region_path": gettext_lazy("地区"),
    "team_id": gettext_lazy("班组"),
    "assignee_id": gettext_lazy("办理人"),
    "due_at": gettext_lazy("最近时限"),
    "opened_at": gettext_lazy("登记时间"),
    "accepted_at": gettext_lazy("受理时间"),
    "assigned_at": gettext_lazy("分派时间"),
    "responded_at": gettext_lazy("首次响应"),
    "resolved_at": gettext_lazy("提交结果"),
    "told_at": gettext_lazy("告知客户"),
    "closed_at": gettext_lazy("关闭时间"),
    "title": gettext_lazy("标题含有"),
    "contact_name": gettext_lazy("联系人含有"),
    "address": gettext_lazy("地址含有"),
    "special_needs": gettext_lazy("特殊需要含有"),
    "contact_phone": gettext_lazy("联系电话"),
    "line__number": gettext_lazy("业务号码"),
    "customer__number": gettext_lazy("客户编号"),
    "reopened_count": gettext_lazy("重开次数不少于"),
}
GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (gettext_lazy("事项"), ("kind", "state", "priority", "category", "family", "channel")),
    (gettext_lazy("时间"), tuple(code for code, sort in views.FIELDS.items() if sort == "moment")),
    (gettext_lazy("谁来办"), ("team_id", "assignee_id", "region_path", "region_type")),
    (
        gettext_lazy("客户与内容"),
        (
            "tier",
            "impact",
            "urgency",
            "contact_name",
            "contact_phone",
            "line__number",
            "customer__number",
            "address",
            "title",
            "special_needs",
            "reopened_count",
        ),
    ),
)
COLUMNS: dict[str, str | Promise] = {
    "matter": gettext_lazy("事项"),
    "due": gettext_lazy("时限"),
    "priority": gettext_lazy("优先级"),
    "state": gettext_lazy("状态"),
    "customer": gettext_lazy("客户"),
    "region": gettext_lazy("地区"),
    "holder": gettext_lazy("办理人"),
    "opened": gettext_lazy("登记时间"),
}
ORDERS: dict[str, str | Promise] = {
    "due_at": gettext_lazy("时限近的在前"),
    "-opened_at": gettext_lazy("新登记的在前"),
    "opened_at": gettext_lazy("先登记的在前"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A condition as its editor draws it."""

    code: str
    label: str | Promise
    sort: str
    options: Sequence[tuple[str, str | Promise]]
    chosen: Sequence[str]

    @property
    def text(self) -> str:
        """Return what was typed, of a field that is typed."""
        return "，".join(self.chosen)


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that belong together; open when one of them is set."""

    label: str | Promise
    fields: Sequence[Field]

    @property
    def count(self) -> int:
        """Return how many conditions are set."""
        return sum(1 for one in self.fields if one.chosen)


# -----------------------------------------------------------------------------------------
# For the queue
# -----------------------------------------------------------------------------------------


def behind(viewer: Viewer, tab: str) -> View | None:
    """Return the saved view that a tab stands for, if it is one of the viewer's."""
    key = tab.removeprefix(PREFIX)
    if not tab.startswith(PREFIX) or not (key.isascii() and key.isdecimal()):
        return None
    return next((one for one in queries.of(viewer) if str(one.pk) == key), None)


def seen(view: View, viewer: Viewer, at: datetime) -> QuerySet[Ticket]:
    """Return the tickets that a saved view shows."""
    return queries.seen_through(views.read(view.shows), viewer, at=at)


def hidden(view: View | None) -> str:
    """Return the columns that a view leaves out, for the table."""
    return " ".join(set(COLUMNS) - set(views.read(view.shows).columns)) if view else ""


def order(view: View | None) -> str:
    """Return how a view orders its tickets; nothing if there is no view."""
    return views.read(view.shows).order if view else ""


def counts(viewer: Viewer, kept: Iterable[View], at: datetime) -> Counter[int]:
    """Count what the views hold, in one query that stops when it is enough."""
    counted = [
        seen(one, viewer, at).order_by().values_list(Value(one.pk))[:COUNTED_AT_MOST]
        for one in kept
        if not views.searches_text(views.read(one.shows).conditions)
    ]
    if not counted:
        return Counter()
    return Counter(pk for (pk,) in counted[0].union(*counted[1:], all=True))


def tabs(viewer: Viewer, current: str, at: datetime) -> list[dict[str, Any]]:
    """Return the viewer's saved views as further tabs of the queue."""
    kept = queries.of(viewer)
    held = counts(viewer, kept, at)
    return [
        {
            "label": f"{one.name} · {one.team.name}" if one.team else one.name,
            "url": f"{reverse('console:tickets')}?tab={PREFIX}{one.pk}",
            "active": current == f"{PREFIX}{one.pk}",
            "count": tables.bounded(held[one.pk], COUNTED_AT_MOST) if one.pk in held else None,
        }
        for one in kept
    ]


# -----------------------------------------------------------------------------------------
# The editor
# -----------------------------------------------------------------------------------------


@staff_only("tickets.view")
def new(request: HttpRequest) -> HttpResponse:
    """Make a view, beginning with what the queue is narrowed to."""
    viewer = staff_viewer(request)
    if request.method == "POST":
        return _keep(request, viewer, None)
    codes = ("kind", "state", "priority", "channel", "category")
    given = {code: [request.GET[code]] for code in codes if request.GET.get(code)}
    try:
        shown = views.read({"conditions": given})
    except Refused:
        shown = views.View()
    return _editor(request, viewer, shown)


@staff_only("tickets.view")
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a saved view to be changed."""
    viewer = staff_viewer(request)
    kept = queries.one(viewer, pk)
    if request.method == "POST":
        return _keep(request, viewer, kept)
    return _editor(
        request, viewer, views.read(kept.shows), kept=kept, name=kept.name, team_id=kept.team_id
    )


@staff_only("tickets.view")
@require_POST
def removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a saved view."""
    operations.drop(viewer=staff_viewer(request), view_id=pk)
    messages.success(request, _("视图已删除"))
    return htmx.go_to(request, reverse("console:tickets"))


@staff_only("tickets.view")
def matching(request: HttpRequest) -> HttpResponse:
    """Say how many tickets the conditions in the editor hold just now."""
    viewer = staff_viewer(request)
    shown = views.read(_given(request.GET))
    found = queries.seen_through(shown, viewer, at=now())
    count = found.order_by().values_list("pk")[:COUNTED_AT_MOST].count()
    words = tables.bounded(count, COUNTED_AT_MOST)
    return render(request, "console/views/matching.html", {"words": words})


def _keep(request: HttpRequest, viewer: Viewer, kept: View | None) -> HttpResponse:
    shows = _given(request.POST)
    team = request.POST.get("team", "")
    team_id = int(team) if team.isascii() and team.isdecimal() else None
    name = request.POST.get("name", "")
    try:
        saved = operations.keep(
            viewer=viewer,
            name=name,
            shows=shows,
            team_id=team_id,
            view_id=kept.pk if kept else None,
            at=now(),
        )
    except Refused as refused:
        if refused.code == "view.not_understood":
            raise
        return _editor(
            request,
            viewer,
            views.read(shows),
            kept=kept,
            name=name,
            team_id=team_id,
            problem=sentence(refused),
        )
    messages.success(request, _("视图已保存"))
    return htmx.go_to(request, f"{reverse('console:tickets')}?tab={PREFIX}{saved.pk}")


def _given(sent: Any) -> dict[str, Any]:
    conditions = {}
    for code, sort in views.FIELDS.items():
        values = [one.strip() for one in sent.getlist(code)]
        if sort in {"text", "exact"}:
            values = [part.strip() for one in values for part in one.replace("，", ",").split(",")]
        values = [one for one in values if one]
        if values:
            conditions[code] = values
    return {
        "conditions": conditions,
        "columns": sent.getlist("columns") or list(views.COLUMNS),
        "order": sent.get("order", "due_at"),
        "span": sent.get("span", "open"),
    }


def _editor(
    request: HttpRequest,
    viewer: Viewer,
    shown: views.View,
    *,
    kept: View | None = None,
    name: str = "",
    team_id: int | None = None,
    problem: str = "",
) -> HttpResponse:
    chosen = {one.field: one.values for one in shown.conditions}
    options = _options(viewer)
    groups = [
        Group(
            label,
            [
                Field(
                    code,
                    LABELS[code],
                    views.FIELDS[code],
                    options.get(code, ()),
                    chosen.get(code, ()),
                )
                for code in codes
            ],
        )
        for label, codes in GROUPS
    ]
    context = {
        "groups": groups,
        "kept": kept,
        "name": name,
        "team_id": team_id,
        "teams": parties.teams_led_by(viewer.staff_id),
        "columns": COLUMNS.items(),
        "shown": shown,
        "orders": ORDERS.items(),
        "problem": problem,
        "action": request.path,
    }
    status = CONFLICT if problem else 200
    return show(request, "views/editor.html", context, part="content", status=status)


def _options(viewer: Viewer) -> Mapping[str, Sequence[tuple[str, str | Promise]]]:
    """Return what each condition may be chosen from: nothing beyond what the viewer sees."""
    at = now()
    edition = standard.read(standard.edition_in_force(at=at).pk)
    codes = [code for code, sort in views.FIELDS.items() if sort == "code"]
    moments = [code for code, sort in views.FIELDS.items() if sort == "moment"]
    regions = catalog.regions_below(viewer.region_path)[:REGIONS_AT_MOST]
    teams = [(str(one.pk), one.name) for one in parties.teams_visible_to(viewer)[:PEOPLE_AT_MOST]]
    people = [
        (str(one.pk), one.name)
        for one in parties.staff_visible_to(viewer).filter(is_active=True)[:PEOPLE_AT_MOST]
    ]
    return {
        **{code: labels.choices(code) for code in codes},
        **dict.fromkeys(moments, MOMENTS),
        "category": [
            (one.code, wording.category(one.code, edition)) for one in edition.leaves(kind=None)
        ],
        "region_path": [(one.path, one.name) for one in regions],
        "team_id": [*(one for one in MINE if one[0] != "me"), *teams],
        "assignee_id": [*(one for one in MINE if one[0] != "mine"), *people],
    }
