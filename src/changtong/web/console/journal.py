"""The journal as an auditor reads it, and the check of its seals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from changtong.archive import operations as archive
from changtong.archive import queries as records
from changtong.infra.clock import now
from changtong.journal import queries
from changtong.parties.domain.roles import Reach, Viewer
from changtong.tickets import queries as tickets
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.ui import tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.tables import Column


if TYPE_CHECKING:
    from django.db.models import QuerySet

    from changtong.journal.models import Entry


PAGE = 50
COLUMNS = (
    Column(_("序号")),
    Column(_("发生")),
    Column(_("对象")),
    Column(_("事件")),
    Column(_("何人")),
    Column(_("内容")),
    Column(_("封存")),
)


@staff_only("journal.view")
def entries(request: HttpRequest) -> HttpResponse:
    """List entries, the newest first; who does not see everything asks about one subject."""
    viewer = staff_viewer(request)
    subject = request.GET.get("subject", "").strip()
    tag = request.GET.get("tag", "").strip()
    rows = _visible(viewer, subject)
    if tag:
        rows = rows.filter(tag=tag)
    listing = tables.page_of(request, rows, columns=COLUMNS, sort="-id", size=PAGE)
    names = wording.names_in(one.actor for one in listing.rows)
    context: dict[str, Any] = {
        "listing": listing,
        "entries": [(one, wording.story(one, names)) for one in listing.rows],
        "subject": subject,
        "tag": tag,
        "everything": viewer.reach is Reach.ALL,
        "last": records.verifications("journal").first(),
    }
    return show(request, "journal/entries.html", context)


@staff_only("journal.verify")
@require_POST
def verification(request: HttpRequest) -> HttpResponse:
    """Recompute every seal now; a large journal is better left to the nightly check."""
    verdict = archive.verify_journal(actor=staff_viewer(request).actor, at=now())
    return show(request, "journal/verdict.html", {"verdict": verdict})


def _visible(viewer: Viewer, subject: str) -> QuerySet[Entry]:
    rows = queries.latest()
    if viewer.reach is Reach.ALL:
        return rows.filter(subject=subject) if subject else rows
    visible = tickets.visible_to(viewer).filter(number=subject).exists() if subject else False
    return rows.filter(subject=subject) if visible else rows.none()
