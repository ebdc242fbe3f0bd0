"""The handbook of an edition or a draft, in each format."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from changtong.analytics.queries import keeping
from changtong.catalog import queries as catalog
from changtong.handbook.adapters import document, page, paper
from changtong.handbook.domain import composing
from changtong.handbook.domain.book import Book, Lang
from changtong.handbook.domain.composing import Contents
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.standard.domain import comparing, reading


if TYPE_CHECKING:
    from changtong.clocks.queries import Conformity
    from changtong.standard.models import Draft, Edition


TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
}


def of_edition(row: Edition, *, lang: Lang, since: date, until: date, region: str = "") -> Book:
    """Return the handbook of a published edition, measured over a period, perhaps in one place."""
    older = _before(row)
    body = standard.body(row.pk)
    return composing.compose(
        Contents(
            edition=standard.read(row.pk),
            version=row.version,
            approved_by=_person(_approved_by(row), lang),
            previous=older.version if older else "",
            comparison=comparing.compare(standard.body(older.pk), body) if older else None,
            measured=_measured(row.pk, since, until, region),
            **_common(lang, since, until, region),
        )
    )


def of_draft(draft: Draft, *, lang: Lang, since: date, until: date, region: str = "") -> Book:
    """Return the handbook that a draft would become, measured by what it is based on."""
    body, older = standard.body_of(draft), draft.based_on
    mark = {"en": "draft"}.get(lang, "草案")
    return composing.compose(
        Contents(
            edition=reading.edition(body),
            version=f"{mark} {draft.pk}.{draft.revision}",
            approved_by=_person(draft.approved_by, lang),
            previous=older.version if older else "",
            comparison=comparing.compare(standard.body(older.pk), body) if older else None,
            measured=_measured(older.pk, since, until, region) if older else {},
            **_common(lang, since, until, region),
        )
    )


def rendered(book: Book, form: str, *, breaches_at: str = "") -> bytes:
    """
    Return a handbook as a file.

    :raises Refused: ``handbook.format_unknown``
    """
    if form == "pdf":
        return paper.pdf(book, fonts=Path(settings.HANDBOOK_FONTS))
    if form == "docx":
        return document.docx(book)
    if form == "html":
        return page.html(book, breaches_at=breaches_at)
    raise Refused("handbook.format_unknown", format=form)


def _common(lang: Lang, since: date, until: date, region: str) -> dict[str, Any]:
    return {
        "lang": lang,
        "since": since,
        "until": until,
        "region": region,
        "regions": dict(catalog.regions().values_list("code", "name")),
    }


def _measured(edition_id: int, since: date, until: date, region: str) -> Mapping[str, Conformity]:
    """Return what was measured from the first day to the last, both included."""
    return keeping.by_clause(
        edition_id=edition_id,
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)),
        region=region,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _before(row: Edition) -> Edition | None:
    """Return the edition that this one came after."""
    rows = list(standard.editions(code=row.code))
    at = [one.pk for one in rows].index(row.pk)
    return rows[at + 1] if at + 1 < len(rows) else None


def _person(actor: str, lang: Lang) -> str:
    """Return the name of whoever approved."""
    sort, _colon, rest = actor.partition(":")
    if sort == "staff" and rest.isdigit():
        return parties.names_of([int(rest)]).get(int(rest), rest)
    if sort == "system":
        return {"en": "the system"}.get(lang, "系统")
    return actor or "—"


def _approved_by(row: Edition) -> str:
    draft = standard.drafts_in_work(code=row.code).filter(edition=row).first()
    return (draft.approved_by if draft else "") or row.published_by
