"""What every face demands of a request, and what a browser may do with an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

from changtong.web.ui import live
from changtong.web.ui.errors import bad_request


NUL = "\x00"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
DIRECTIVES = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
POLICY = "; ".join(DIRECTIVES)
OWN_CONNECTIONS = "connect-src 'self'"


class StorableText:
    """Refuse a request with NUL characters in it, which PostgreSQL cannot store or look for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        given = [request.path, *_words(request.GET)]
        if request.content_type in FORMS:
            given += _words(request.POST)
        refused = any(NUL in one for one in given)
        return bad_request(request, BadRequest("NUL")) if refused else None


@lru_cache(maxsize=64)
def _policy(live_origin: str) -> str:
    """Return the policy, with the origin of the live program if it is another."""
    return POLICY.replace(OWN_CONNECTIONS, f"{OWN_CONNECTIONS} {live_origin}".strip())


def _words(given: QueryDict) -> list[str]:
    return [str(one) for name, values in given.lists() for one in (name, *values)]


class ContentSecurityPolicy:
    """Send the policy with every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy(live.origin(request)))
        if "text/html" in response.headers.get("Content-Type", ""):
            # Pages show personal data: nothing may keep them.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
