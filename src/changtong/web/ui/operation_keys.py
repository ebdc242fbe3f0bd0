"""
Give every mutating request an operation key and run it in one transaction.

Forms carry the key as a hidden field, the API as the header ``Idempotency-Key``. The change and
the answer commit together, so a repetition finds either both or neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from changtong.infra import keys
from changtong.kernel.errors import Refused
from changtong.web.ui.auth import portal_viewer, token_viewer
from changtong.web.ui.errors import API, problem, refused
from changtong.web.ui.messages import sentence


CONSOLE = "/console/"
FIELD = "operation_key"
CSRF_FIELD = "csrfmiddlewaretoken"
HEADER = "Idempotency-Key"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
KEPT_HEADERS = ("Content-Type", "Location", "HX-Redirect", "HX-Trigger", "HX-Location")
# Logging in and choosing a language change nothing that must happen only once; and a wrong code
# must be counted although the answer is a refusal, so it cannot share the request's transaction.
# A draft is put every few seconds, and putting it twice is putting it once.
EXEMPT = (
    "/accounts/",
    "/console/codes",
    "/console/drafts",
    "/demo/",
    "/health/",
    "/i18n/",
    "/portal/login",
    "/portal/logout",
)
FAILED_FROM = 400


class OperationKeys:
    """Demand operation keys, and answer from those that were used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method in SAFE or request.path.startswith(EXEMPT):
            return None
        actor, key, body = _identified(request)
        if not actor:
            # Nobody we know: the route itself answers that.
            return None
        try:
            return once(
                request,
                actor=actor,
                key=key,
                body=body,
                run=lambda: view(request, *args, **kwargs),
            )
        except Refused as error:
            return self.refuse(request, error)

    def refuse(self, request: HttpRequest, error: Refused) -> HttpResponse:
        """Answer as the face does; only keys are refused here, views answer for themselves."""
        if not request.path.startswith(API):
            return refused(request, error)
        status = 400 if error.code == "key.invalid" else 409
        return problem(status, error.code, sentence(error, to_program=True))


def once(
    request: HttpRequest,
    *,
    actor: str,
    key: str,
    body: bytes,
    run: Callable[[], HttpResponseBase],
) -> HttpResponseBase:
    """
    Run the request under its key, or give the answer that was given before.

    :raises Refused: ``key.invalid``, ``key.reused``
    """
    of = keys.fingerprint(str(request.method).encode(), request.path.encode(), body)
    try:
        with transaction.atomic():
            known = keys.known(actor=actor, key=key, of=of)
            if known is not None:
                return _replayed(known)
            response = run()
            answer = _kept(response)
            if answer is None:
                # What was refused has changed nothing; the same key may be tried again.
                transaction.set_rollback(True)
            else:
                keys.keep(actor=actor, key=key, of=of, answer=answer)
    except IntegrityError:
        known = keys.known(actor=actor, key=key, of=of)
        if known is None:
            raise
        return _replayed(known)
    if answer is None:
        # The same request may have been done meanwhile, which may be why this one was refused.
        known = keys.known(actor=actor, key=key, of=of)
    return response if known is None else _replayed(known)


def _replayed(known: keys.Answer) -> HttpResponse:
    response = HttpResponse(known.body, status=known.status)
    for name, value in known.headers.items():
        response.headers[name] = value
    response.headers["Idempotent-Replay"] = "true"
    return response


def _kept(response: HttpResponseBase) -> keys.Answer | None:
    """Return what a repetition gets; None if the request was refused."""
    if response.status_code >= FAILED_FROM or not isinstance(response, HttpResponse):
        return None
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return keys.Answer(status=response.status_code, headers=headers, body=response.content)


def _identified(request: HttpRequest) -> tuple[str, str, bytes]:
    """Return who asks, under which key, and the bytes that make the request this one."""
    if request.path.startswith(API):
        viewer = token_viewer(request)
        multipart = request.content_type == "multipart/form-data"
        body = _form_bytes(request) if multipart else request.body
        return viewer.actor if viewer else "", request.headers.get(HEADER, ""), body
    key = request.POST.get(FIELD, "") or request.headers.get(HEADER, "")
    return _person(request), key, _form_bytes(request)


def _person(request: HttpRequest) -> str:
    """Return who acts on this face; nobody, while they have not proved who they are."""
    if request.path.startswith(CONSOLE):
        user: Any = request.user
        return f"staff:{user.pk}" if user.is_authenticated else ""
    phone = portal_viewer(request).phone
    return f"phone:{phone}" if phone else ""


def _form_bytes(request: HttpRequest) -> bytes:
    # A report that was kept on a device is sent again with another token than the form had.
    names = (name for name in request.POST if name != CSRF_FIELD)
    fields = sorted((name, request.POST.getlist(name)) for name in names)
    files = sorted(
        (name, str(file.name), file.size)
        for name in request.FILES
        for file in request.FILES.getlist(name)
    )
    return repr((fields, files)).encode()
