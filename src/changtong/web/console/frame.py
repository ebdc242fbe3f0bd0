"""Every console screen in its frame: navigation, search box, the person's role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings as site
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language

from changtong.web.console import menu
from changtong.web.ui import htmx, live
from changtong.web.ui.auth import staff_viewer
from changtong.workspace.domain.settings import Settings
from changtong.workspace.domain.shortcuts import in_force
from changtong.workspace.queries import settings


if TYPE_CHECKING:
    from django.utils.functional import Promise


UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the views that a screen offers of the same."""

    label: str | Promise
    url: str
    active: bool
    count: str | None = None


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    part: str = "content",
    status: int = 200,
) -> HttpResponse:
    """Render a screen, or only the named part of it when htmx asks."""
    viewer = staff_viewer(request)
    user: Any = request.user
    chosen = Settings() if htmx.wants_part(request) else settings.of(viewer.staff_id)
    is_page = request.method == "GET" and not htmx.wants_part(request)
    if is_page and user.language not in {"", get_language()}:
        return _in_language(request, user.language)
    framed = {
        "settings": chosen,
        "keys": _carried({"keys": in_force(chosen.shortcuts), "goes": menu.goes(viewer)}),
        "viewer": viewer,
        "navigation": menu.navigation(viewer, request.path),
        "search_url": "/console/search",
        "user_roles": [user.role],
        # Whoever may see no case has nothing to hear, and would be refused again and again.
        "live_at": live.address(request) if viewer.may("tickets.view") else "",
        "takes_calls": viewer.may("tickets.open"),
        **context,
    }
    return htmx.render_part(request, f"console/{template}", framed, part=part, status=status)


def _in_language(request: HttpRequest, language: str) -> HttpResponse:
    """Ask again in the language that the person has chosen, perhaps at another computer."""
    response = HttpResponseRedirect(request.get_full_path())
    response.set_cookie(
        site.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=site.HTTPS, path="/"
    )
    return response


def _carried(found: Mapping[str, Any]) -> str:
    """Return values as a page carries them to its scripts."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
