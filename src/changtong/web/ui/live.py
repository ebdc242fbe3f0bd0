"""Where a page finds the live program, which listens beside the web server."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """Return where the page's events come from: another port, or a path of the proxy's."""
    if settings.LIVE_URL:
        return str(settings.LIVE_URL)
    if settings.HTTPS:
        # A proxy stands before us, and only it speaks to browsers.
        return "/live/"
    name = urlsplit(f"//{request.get_host()}").hostname or ""
    host = f"[{name}]" if ":" in name else name
    return f"http://{host}:{settings.LIVE_PORT}/live/"


def origin(request: HttpRequest) -> str:
    """Return the origin that the page must be allowed to reach, or nothing if it is its own."""
    try:
        parts = urlsplit(address(request))
    except DisallowedHost:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
