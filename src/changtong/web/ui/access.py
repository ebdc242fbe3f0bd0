"""Every view says who may use it; a test walks all routes and fails on one that does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from changtong.web.ui import htmx
from changtong.web.ui.auth import portal_viewer, staff_viewer


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def staff_only(permission: str) -> Callable[[View], View]:
    """Let in staff who hold the permission; others are refused, strangers asked to log in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            viewer = staff_viewer(request)
            if viewer.staff_id is None:
                return _to_login(request)
            if permission and not viewer.may(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        return cast("View", _declared(guarded, f"staff:{permission}"))

    return decorate


def customer_only(view: View) -> View:
    """Let in customers who have proved a telephone number; ask others to prove one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not portal_viewer(request).phone:
            return _to_login(request, "/portal/login")
        return view(request, *args, **kwargs)

    return cast("View", _declared(guarded, "customer"))


def link_holder(view: View) -> View:
    """Let in whoever holds the signed link; the view checks it."""
    return cast("View", _declared(view, "link"))


def anyone(view: View) -> View:
    """Let in everybody."""
    return cast("View", _declared(view, "anyone"))


def _to_login(request: HttpRequest, login_url: str | None = None) -> HttpResponseBase:
    if not htmx.wants_part(request):
        return redirect_to_login(request.get_full_path(), login_url)
    # A part of a page is no place to show the login, nor one to come back to.
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    wanted = f"{page.path}?{page.query}" if page.query else page.path
    return htmx.go_to(request, redirect_to_login(wanted or "/", login_url).url)


def _declared(view: Any, audience: str) -> Any:
    view.audience = audience
    return view
