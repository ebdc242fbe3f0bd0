"""Who is asking."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from changtong.infra import clock
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Reach, Viewer


PORTAL_PHONE = "portal_phone"
# "large" or "usual", as that customer chose; absent if they did not.
PORTAL_TYPE = "portal_type"
NOBODY = Viewer(actor="nobody", reach=Reach.OWN, permissions=frozenset())


class StaffOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are given by the operator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def staff_viewer(request: HttpRequest) -> Viewer:
    """Return the logged-in member of staff as a viewer, once per request; else nobody."""
    kept: Viewer | None = getattr(request, "_staff_viewer", None)
    if kept is not None:
        return kept
    user: Any = request.user
    found = parties.viewer_of_staff(user.pk) if user.is_authenticated else None
    viewer = found or NOBODY
    request._staff_viewer = viewer  # type: ignore[attr-defined]  # noqa: SLF001
    return viewer


def portal_viewer(request: HttpRequest) -> Viewer:
    """Return the customer who has proved a telephone number in this session; else nobody."""
    phone = request.session.get(PORTAL_PHONE)
    return parties.viewer_of_phone(phone) if phone else NOBODY


def token_viewer(request: HttpRequest) -> Viewer | None:
    """Return whom the request's bearer token acts for, once per request; else None."""
    if not hasattr(request, "_token_viewer"):
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        request._token_viewer = (  # type: ignore[attr-defined]  # noqa: SLF001
            parties.viewer_of_token(secret.strip(), at=clock.now())
            if scheme.lower() == "bearer" and secret
            else None
        )
    viewer: Viewer | None = request._token_viewer  # type: ignore[attr-defined]  # noqa: SLF001
    return viewer
