"""Answers to what went wrong: a page for people, with the clause and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from changtong.kernel.errors import Missing, Refused
from changtong.web.ui.messages import sentence


API = "/api/"


class Refusals:
    """Turn a refusal into a page or, for htmx, a fragment that is swapped in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused) or request.path.startswith(API):
            return None
        return refused(request, error)


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """Render a refusal: 404 if the thing is missing, else 409."""
    status = 404 if isinstance(error, Missing) else 409
    context = {"sentence": sentence(error), "clause": error.clause, "code": error.code}
    if not request.path.startswith("/console/"):
        # Customers cannot open the console's clauses, and codes mean nothing to them.
        context |= {"clause_url": f"/portal/clauses/{error.clause}", "code": ""}
    template = "ui/refusal.html" if request.headers.get("HX-Request") else "ui/errors/409.html"
    if status == 404:  # noqa: PLR2004
        template = "ui/refusal.html" if request.headers.get("HX-Request") else "ui/errors/404.html"
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problem(400, "request.unreadable", _("请求里有无法处理的字符。"))
    return render(request, "ui/errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "ui/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problem(404, "address.unknown", request.path)
    return render(request, "ui/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return problem(500, "server.failed", _("系统出错，已记录。请稍后用同一操作编号重试。"))
    return render(request, "ui/errors/500.html", status=500)


def problem(status: int, code: str, detail: str, **more: object) -> HttpResponse:
    """Return a problem (RFC 9457) as JSON that a person can read, too."""
    body = {"type": "about:blank", "title": code, "status": status, "code": code}
    return JsonResponse(
        body | {"detail": detail, **more},
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
