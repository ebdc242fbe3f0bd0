"""Messages of e-mail: their words on our page, their HTML in a frame that can run nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

import nh3
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from changtong.infra import storage
from changtong.intake import queries as intake
from changtong.intake.domain import letters
from changtong.intake.domain.letters import Letter
from changtong.kernel.errors import Missing
from changtong.tickets import queries
from changtong.web.console.frame import show
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.intake.models import Mail
    from changtong.tickets.models import Ticket


TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("strong", "b", "em", "i", "u", "s", "a", "div", "span", "img"),
    *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"),
}
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}}
STYLE = "body{font:15px/1.6 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%}"
STYLE_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
# Whatever the cleaning should overlook: no scripts, no forms, no origin, no other place.
POLICY = (
    f"sandbox; default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'; frame-ancestors 'self';"
    " base-uri 'none'; form-action 'none'; img-src "
)


@staff_only("tickets.view")
@require_safe
def mail(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    ticket, kept, letter = _opened(request, number, pk)
    new, quoted = letters.split(letter.text)
    context = {
        "ticket": ticket,
        "mail": kept,
        "new": new,
        "quoted": quoted,
        "has_html": bool(letter.html),
        "has_pictures": "<img" in cleaned(letter.html, pictures=True),
        "pictures": request.GET.get("pictures") == "1",
    }
    return show(request, "tickets/mail.html", context)


@staff_only("tickets.view")
@require_safe
@xframe_options_sameorigin
def content(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Hand out a message's own HTML, for the frame only."""
    pictures = request.GET.get("pictures") == "1"
    _ticket, _kept, letter = _opened(request, number, pk)
    body = cleaned(letter.html, pictures=pictures)
    page = f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><body>{body}"
    response = HttpResponse(page)
    response.headers["Content-Security-Policy"] = POLICY + ("https:" if pictures else "'none'")
    # Another place is not to know which case its picture was looked at for.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def cleaned(html: str, *, pictures: bool) -> str:
    """Return foreign HTML with nothing but words, tables, links and, if asked for, pictures."""
    return nh3.clean(
        html,
        tags=TAGS if pictures else TAGS - {"img"},
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"https", "http", "mailto", "tel"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )


def _kept(tag: str, name: str, value: str) -> str | None:
    is_picture = (tag, name) == ("img", "src")
    return None if is_picture and not value.lower().startswith("https://") else value


def _opened(request: HttpRequest, number: str, pk: int) -> tuple[Ticket, Mail, Letter]:
    """
    Return a message that came about a ticket the viewer may see.

    :raises Missing: ``ticket.unknown``, ``mail.unknown``
    """
    ticket = queries.by_number(staff_viewer(request), number)
    kept = intake.mails_of(ticket).filter(pk=pk).first()
    if kept is None:
        raise Missing("mail.unknown", number=number)
    with storage.open_(kept.sha256) as raw:
        return ticket, kept, letters.read(raw.read()) or Letter()


urlpatterns = [
    path("tickets/<str:number>/mails/<int:pk>", mail, name="ticket_mail"),
    path("tickets/<str:number>/mails/<int:pk>/content", content, name="ticket_mail_content"),
]
