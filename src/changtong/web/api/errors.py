"""Errors as problem details (RFC 9457) with the code and the clause of the standard."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import ConfigDict
from pydantic.config import JsonDict

from changtong.kernel.errors import Missing, Refused
from changtong.web.ui.errors import problem
from changtong.web.ui.messages import sentence


REFUSED: JsonDict = {
    "type": "about:blank",
    "title": "supplement.too_often",
    "status": 409,
    "code": "supplement.too_often",
    "detail": "最多请客户补充 2 次，请直接联系客户。",
    "clause": "4.4",
    "facts": {"at_most": 2},
}


class Problem(Schema):
    """What went wrong; `code` is stable, `detail` is for people."""

    model_config = ConfigDict(json_schema_extra={"examples": [REFUSED]})

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    clause: str | None = None
    facts: dict[str, Any] | None = None


PROBLEMS: dict[Any, Any] = {frozenset({400, 401, 403, 404, 409, 413, 422}): Problem}


def refusal(error: Refused) -> HttpResponse:
    """Return a refusal as a problem: 404 if something is missing, else 409."""
    status = 404 if isinstance(error, Missing) else 409
    more = {"clause": error.clause, "facts": _plain(error.facts)}
    detail = sentence(error, to_program=True)
    return problem(
        status, error.code, detail, **{name: value for name, value in more.items() if value}
    )


def install(api: NinjaAPI) -> None:
    """Teach the API to answer with problems only."""

    @api.exception_handler(Refused)
    def on_refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return refusal(error)

    @api.exception_handler(PermissionDenied)
    def on_denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        detail = _("这个令牌没有所需的权限 %(permission)s。") % {"permission": error}
        return problem(403, "permission.missing", detail, facts={"permission": str(error)})

    @api.exception_handler(AuthenticationError)
    def on_unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        detail = _("请在请求头 Authorization 中给出有效的令牌：Bearer ct_…")
        response = problem(401, "token.invalid", detail)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(ValidationError)
    def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        found = [
            {"where": ".".join(str(part) for part in one["loc"]), "what": one["msg"]}
            for one in error.errors
        ]
        detail = "; ".join(f"{one['where']}: {one['what']}" for one in found)
        return problem(422, "request.invalid", detail, facts={"errors": found})

    @api.exception_handler(HttpError)
    def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "request.unreadable", str(error))


def _plain(facts: dict[str, object]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (str, int, float, bool, list, type(None))) else str(value)
        for name, value in facts.items()
    }
