"""The handbook of an edition or a draft: chosen in a form, answered as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, get_args

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from changtong.catalog import queries as catalog
from changtong.handbook import queries
from changtong.handbook.domain.book import Lang
from changtong.infra.clock import now
from changtong.standard import queries as standard
from changtong.web.console.frame import show
from changtong.web.console.standard.forms import indented
from changtong.web.ui.access import staff_only


if TYPE_CHECKING:
    from collections.abc import Mapping

    from changtong.handbook.domain.book import Book


MEASURED_OVER = timedelta(days=90)
REGIONS_AT_MOST = 1_000


@staff_only("standard.view")
def handbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask in which form the handbook of an edition is wanted, or answer it."""
    row = standard.edition_by_id(pk)
    asked = _asked(request)
    if "format" not in request.GET:
        back = f"{reverse('console:standard')}?edition={row.pk}"
        return _form(request, row.version, back, asked)
    book = queries.of_edition(row, **asked)
    clause = reverse("console:standard_clause", args=["NUMBER"]).replace("NUMBER", "{number}")
    return _file(request, book, f"{clause}?edition={row.pk}#late", f"{row.code}-{row.version}")


@staff_only("standard.review")
def draft_handbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask in which form the handbook of a draft is wanted, or answer it."""
    draft = standard.draft_by_id(pk)
    asked = _asked(request)
    if "format" not in request.GET:
        back = reverse("console:standard_draft", args=[pk])
        return _form(request, draft.title, back, asked)
    book = queries.of_draft(draft, **asked)
    return _file(request, book, "", f"{draft.code}-draft-{draft.pk}")


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return the language, days and place that were chosen; what cannot be read is as usual."""
    lang: Lang = next((one for one in get_args(Lang) if one == request.GET.get("lang")), "zh")
    until = _day(request, "until") or timezone.localdate(now())
    since = _day(request, "since") or until - MEASURED_OVER
    wanted = request.GET.get("region", "")
    region = catalog.region(wanted).path if wanted else ""
    return {"lang": lang, "since": min(since, until), "until": until, "region": region}


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None


def _form(request: HttpRequest, version: str, back: str, asked: Mapping[str, Any]) -> HttpResponse:
    context = {
        "version": version,
        "back": back,
        "since": asked["since"],
        "until": asked["until"],
        "regions": [(one.code, indented(one)) for one in catalog.regions()[:REGIONS_AT_MOST]],
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
