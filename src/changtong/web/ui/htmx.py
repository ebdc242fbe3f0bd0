"""What a view needs to speak htmx: parts, toasts, redirects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render


Level = Literal["info", "success", "warning", "error"]


def wants_part(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a fragment (not a boosted or history page)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_part(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    part: str,
    status: int = 200,
) -> HttpResponse:
    """Render `template#part` for htmx and the whole template for a browser."""
    name = f"{template}#{part}" if wants_part(request) else template
    response = render(request, name, dict(context or {}), status=status)
    response.headers["Vary"] = "HX-Request"
    return response


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to another page after success, whoever asked."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = url
        return response
    # 303: the browser asks for the new page with GET, whatever the method was.
    return HttpResponseRedirect(url, status=303)


def toast(response: HttpResponse, text: str, *, level: Level = "success") -> HttpResponse:
    """Show a short message when this response arrives."""
    return trigger(response, "toast", {"text": str(text), "level": level})


def trigger(response: HttpResponse, event: str, detail: Mapping[str, Any]) -> HttpResponse:
    """Fire a browser event when this response arrives; several may be added."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = dict(detail)
    response.headers["HX-Trigger"] = json.dumps(events)
    return response
