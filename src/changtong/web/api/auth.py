"""Bearer tokens: a program acts for a member of staff, within the token's scopes."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.security import HttpBearer

from changtong.parties.domain.roles import Viewer
from changtong.web.ui.auth import token_viewer


class Bearer(HttpBearer):
    """Let in tokens that carry the scope, for staff who hold the permission."""

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        viewer = token_viewer(request)
        if viewer is not None and self.permission and not viewer.may(self.permission):
            raise PermissionDenied(self.permission)
        return viewer


def needs(permission: str) -> Bearer:
    """Return what a route asks of a token; without a permission, only that it is valid."""
    return Bearer(permission)


def viewer_of(request: HttpRequest) -> Viewer:
    """Return for whom the request acts; the route has authenticated it already."""
    viewer = token_viewer(request)
    if viewer is None:
        raise PermissionDenied
    return viewer
