"""The palette: one box that finds cases, customers, screens and actions by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.parties.domain import phones
from changtong.search.queries import searching
from changtong.search.queries.sources import CUSTOMER, KINDS, LINE, TICKET
from changtong.tickets import queries as tickets
from changtong.web.console import menu, names, shortcuts
from changtong.web.console.tickets.rows import listed
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.workspace.domain.shortcuts import in_force
from changtong.workspace.queries import settings


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.parties.domain.roles import Viewer


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do, by whichever of its names somebody remembers."""

    label: str | Promise
    icon: str
    words: str
    url: str = ""
    # What the browser does itself: a shortcut's action, or a switch.
    does: str = ""
    keys: tuple[str, ...] = ()


# What is no screen of the navigation: name, icon, and an address or what the browser does.
OTHERS: tuple[tuple[str | Promise, str, str, str], ...] = (
    (_("通知"), "bell", "console:notices", ""),
    (_("常用语"), "message-square-text", "console:phrases", ""),
    (_("快捷处理"), "zap", "console:macros", ""),
    (_("个人设置"), "settings", "console:settings", ""),
    (_("快捷键"), "list", "", "help.open"),
    (_("深色或浅色"), "moon", "", "toggle.theme"),
    (_("收起或展开导航"), "panel-left", "", "toggle.rail"),
)


# For those who work on tickets.
WORKING = frozenset({"console:phrases", "console:macros"})


@staff_only("")
def palette(request: HttpRequest) -> HttpResponse:
    """Show the palette with every action that the viewer may take from anywhere."""
    viewer = staff_viewer(request)
    keys = in_force(settings.of(viewer.staff_id).shortcuts)
    context = {"commands": _commands(viewer, keys)}
    return render(request, "console/palette/palette.html", context)


@staff_only("")
def help_(request: HttpRequest) -> HttpResponse:
    """Show every shortcut with the keys that this person presses."""
    viewer = staff_viewer(request)
    groups = shortcuts.grouped(settings.of(viewer.staff_id).shortcuts, menu.goes(viewer))
    return render(request, "console/palette/help.html", {"groups": groups})


def _commands(viewer: Viewer, keys: dict[str, str]) -> list[Command]:
    screens = [
        (one.label, one.icon, one.route, "")
        for _label, group in menu.GROUPS
        for one in group
        if viewer.may(one.permission)
    ]
    commands = []
    others = [one for one in OTHERS if one[2] not in WORKING or viewer.may("tickets.work")]
    for label, icon, route, does in (*screens, *others):
        code = does or menu.GOES.get(route, "")
        caps = shortcuts.Keyed(code, label, keys.get(code, ""), "").caps
        url = reverse(route) if route else ""
        commands.append(Command(label, icon, names.of(label), url, does, caps))
    return commands


FOUND_AT_MOST = 6
LINES_AT_MOST = 4
TYPED_AT_LEAST = 2
TYPED_AT_MOST = 60


@staff_only("")
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return the cases and customers that fit what was typed so far, as options of the palette."""
    viewer = staff_viewer(request)
    text = request.GET.get("q", "").strip()[:TYPED_AT_MOST]
    if len(text) < TYPED_AT_LEAST:
        return HttpResponse("")
    hits = searching.suggest(viewer, text, FOUND_AT_MOST + LINES_AT_MOST, at=now())
    keys = {one: [hit.source_id for hit in hits if hit.kind == one] for one in KINDS}
    # What has just been opened is found by its number before search knows it.
    condition = Q(number=text.upper()) | Q(pk__in=keys[TICKET])
    digits = phones.normalized(text)
    if digits:
        condition |= Q(contact_phone=digits)
    found = list(listed(tickets.newest(viewer).filter(condition))[: 2 * FOUND_AT_MOST])
    places = {key: place for place, key in enumerate(keys[TICKET])}
    rows = sorted(found, key=lambda one: places.get(one.pk, -1))[:FOUND_AT_MOST]
    lines = parties.lines_visible_to(viewer).select_related("customer")
    lines = lines.filter(Q(pk__in=keys[LINE]) | Q(customer__in=keys[CUSTOMER])).order_by("number")
    customers = lines[:LINES_AT_MOST] if viewer.may("customers.view") else []
    return render(request, "console/palette/suggestions.html", {"rows": rows, "lines": customers})
