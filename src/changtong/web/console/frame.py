"""Every console screen in its frame: navigation, search box, the person's role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from changtong.web.console import menu
from changtong.web.ui import htmx, live
from changtong.web.ui.auth import staff_viewer


UNPROCESSABLE = 422


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
    framed = {
        "viewer": viewer,
        "navigation": menu.navigation(viewer, request.path),
        "search_url": "/console/search",
        "user_roles": [user.role],
        "live_at": live.address(request),
        **context,
    }
    return htmx.render_part(request, f"console/{template}", framed, part=part, status=status)
