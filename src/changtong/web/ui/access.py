"""Every view says who may use it; a test walks all routes and fails on one that does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from changtong.web.ui.auth import portal_viewer, staff_viewer


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def staff_only(permission: str) -> Callable[[View], View]:
    """Let in staff who hold the permission; others are refused, strangers asked to log in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            viewer = staff_viewer(request)
            if viewer.staff_id is None:
                return redirect_to_login(request.get_full_path())
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
            return redirect(f"/portal/login?next={request.get_full_path()}")
        return view(request, *args, **kwargs)

    return cast("View", _declared(guarded, "customer"))


def link_holder(view: View) -> View:
    """Let in whoever holds the signed link; the view checks it."""
    return cast("View", _declared(view, "link"))


def anyone(view: View) -> View:
    """Let in everybody."""
    return cast("View", _declared(view, "anyone"))


def _declared(view: Any, audience: str) -> Any:
    view.audience = audience
    return view
