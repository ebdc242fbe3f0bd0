"""Bearer tokens: a program acts for a member of staff, within the token's scopes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.security import HttpBearer

from changtong.parties.domain.roles import Viewer
from changtong.web.ui.auth import token_viewer


Route = TypeVar("Route", bound=Callable[..., Any])


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        return token_viewer(request)


def viewer_of(request: HttpRequest) -> Viewer:
    """Return for whom the request acts; the route has authenticated it already."""
    viewer = token_viewer(request)
    if viewer is None:
        raise PermissionDenied
    return viewer


def needs(permission: str) -> Callable[[Route], Route]:
    """Let in tokens that carry the scope, for staff who hold the permission."""

    def decorate(route: Route) -> Route:
        @wraps(route)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not viewer_of(request).may(permission):
                raise PermissionDenied(permission)
            return route(request, *args, **kwargs)

        guarded.audience = f"token:{permission}"  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate
