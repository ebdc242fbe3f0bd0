"""What somebody may go to, and where their day begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.parties.domain.roles import Viewer


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen in the navigation and the permission that opens it."""

    label: str | Promise
    route: str
    icon: str
    permission: str


@dataclass(frozen=True, slots=True)
class Link:
    """A screen as one person sees it in the navigation."""

    label: str | Promise
    url: str
    icon: str
    active: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Screens that belong together."""

    label: str | Promise
    entries: tuple[Link, ...]


GROUPS: tuple[tuple[str | Promise, tuple[Screen, ...]], ...] = (
    (
        _("办理"),
        (
            Screen(_("我的派工"), "console:work", "wrench", "dispatch.own"),
            Screen(_("工单"), "console:tickets", "ticket", "tickets.view"),
            Screen(_("登记工单"), "console:intake", "headset", "tickets.open"),
            Screen(_("营业厅叫号"), "console:halls", "store", "tickets.open"),
            Screen(_("调度"), "console:dispatch", "waypoints", "dispatch.view"),
            Screen(_("班组看板"), "console:board", "columns-3", "dispatch.view"),
            Screen(_("排班"), "console:roster", "calendar", "dispatch.view"),
            Screen(_("审批与后续"), "console:owed", "clipboard-list", "tickets.view"),
            Screen(pgettext_lazy("menu", "客户"), "console:customers", "users", "customers.view"),
        ),
    ),
    (
        _("督导"),
        (
            Screen(_("运行看板"), "console:dashboard", "layout-dashboard", "dashboard.view"),
            Screen(_("评价与回访"), "console:feedback", "star", "feedback.view"),
            Screen(_("公告"), "console:announcements", "megaphone", "announcements.publish"),
        ),
    ),
    (
        _("依据与留存"),
        (
            Screen(_("知识库"), "console:knowledge", "library", "knowledge.view"),
            Screen(_("服务标准"), "console:standard", "book-open", "standard.view"),
            Screen(_("工单档案"), "console:archive", "archive", "archive.view"),
            Screen(_("操作日志"), "console:journal", "scroll-text", "journal.view"),
        ),
    ),
    (_("管理"), (Screen(_("人员"), "console:staff", "user-cog", "staff.view"),)),
)

# Who can do several of these begins where the most pressing work is.
STARTS = (
    ("standard.draft", "console:standard"),
    ("dashboard.view", "console:dashboard"),
    ("dispatch.assign", "console:dispatch"),
    ("dispatch.own", "console:work"),
    ("tickets.work", "console:tickets"),
    ("archive.view", "console:archive"),
    ("tickets.view", "console:tickets"),
    ("staff.view", "console:staff"),
    ("standard.view", "console:standard"),
)


def navigation(viewer: Viewer, path: str) -> list[Group]:
    """Return the groups of screens that the viewer may open, the current one marked."""
    fitting = [url for url in _urls().values() if path.startswith(url)]
    current = max(fitting, key=len, default="")
    groups = []
    for label, screens in GROUPS:
        links = tuple(
            Link(one.label, url, one.icon, active=url == current)
            for one in screens
            if viewer.may(one.permission)
            for url in (_urls()[one.route],)
        )
        if links:
            groups.append(Group(label, links))
    return groups


@cache
def _urls() -> dict[str, str]:
    return {one.route: reverse(one.route) for _label, screens in GROUPS for one in screens}


def start(viewer: Viewer, wanted: str = "") -> str:
    """Return the address of the screen that the viewer's day begins with, by wish or by role."""
    if wanted in {one.route for one in _open_to(viewer)}:
        return reverse(wanted)
    for permission, route in STARTS:
        if viewer.may(permission):
            return reverse(route)
    return reverse("account_logout")


# Which screen a shortcut of the navigation goes to.
GOES = {
    "console:tickets": "go.queue",
    "console:work": "go.work",
    "console:intake": "go.intake",
    "console:dispatch": "go.dispatch",
    "console:customers": "go.customers",
    "console:dashboard": "go.dashboard",
    "console:notices": "go.notices",
    "console:settings": "go.settings",
}
FOR_EVERYBODY = frozenset({"console:notices", "console:settings"})


def goes(viewer: Viewer) -> dict[str, str]:
    """Return where the shortcuts of the navigation lead those whom they lead anywhere."""
    allowed = FOR_EVERYBODY | {one.route for one in _open_to(viewer)}
    return {code: reverse(route) for route, code in GOES.items() if route in allowed}


def screens(viewer: Viewer) -> list[tuple[str, str | Promise]]:
    """Return the screens that the viewer may open, by route, to choose one from."""
    return [(one.route, one.label) for one in _open_to(viewer)]


def _open_to(viewer: Viewer) -> list[Screen]:
    return [one for _label, group in GROUPS for one in group if viewer.may(one.permission)]
