"""The handbook of an edition or a draft: chosen in a form, answered as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, get_args

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from changtong.handbook import queries
from changtong.handbook.domain.book import Lang
from changtong.infra.clock import now
from changtong.standard import queries as standard
from changtong.web.console.frame import show
from changtong.web.ui.access import staff_only


if TYPE_CHECKING:
    from changtong.handbook.domain.book import Book


MEASURED_OVER = timedelta(days=90)


@staff_only("standard.view")
def handbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask in which form the handbook of an edition is wanted, or answer it."""
    row = standard.edition_by_id(pk)
    lang, since, until = _asked(request)
    if "format" not in request.GET:
        back = f"{reverse('console:standard')}?edition={row.pk}"
        return _form(request, row.version, back, since, until)
    book = queries.of_edition(row, lang=lang, since=since, until=until)
    clause = reverse("console:standard_clause", args=["NUMBER"]).replace("NUMBER", "{number}")
    return _file(request, book, f"{clause}?edition={row.pk}#late", f"{row.code}-{row.version}")


@staff_only("standard.review")
def draft_handbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask in which form the handbook of a draft is wanted, or answer it."""
    draft = standard.draft_by_id(pk)
    lang, since, until = _asked(request)
    if "format" not in request.GET:
        back = reverse("console:standard_draft", args=[pk])
        return _form(request, draft.title, back, since, until)
    book = queries.of_draft(draft, lang=lang, since=since, until=until)
    return _file(request, book, "", f"{draft.code}-draft-{draft.pk}")


def _asked(request: HttpRequest) -> tuple[Lang, date, date]:
    """Return the language and the days that were chosen; what cannot be read is as usual."""
    lang: Lang = next((one for one in get_args(Lang) if one == request.GET.get("lang")), "zh")
    until = _day(request, "until") or timezone.localdate(now())
    since = _day(request, "since") or until - MEASURED_OVER
    return lang, min(since, until), until


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None


def _form(request: HttpRequest, version: str, back: str, since: date, until: date) -> HttpResponse:
    context = {
        "version": version,
        "back": back,
        "since": since,
        "until": until,
        "langs": (("zh", _("中文")), ("en", _("英文")), ("both", _("中英对照"))),
    }
    return show(request, "standard/handbook.html", context)


def _file(request: HttpRequest, book: Book, breaches_at: str, name: str) -> HttpResponse:
    form = request.GET["format"]
    made = queries.rendered(book, form, breaches_at=breaches_at)
    response = HttpResponse(made, content_type=queries.TYPES[form])
    if form != "html":
        response.headers["Content-Disposition"] = (
            f'attachment; filename="{name}-{book.lang}.{form}"'
        )
    return response
