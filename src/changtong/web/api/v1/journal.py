"""The journal, for auditors."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import P, QueryEx, Router

from changtong.journal import queries as journal
from changtong.parties.domain.roles import Reach, Viewer
from changtong.tickets import queries as tickets
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.paging import LIMIT_AT_MOST
from changtong.web.api.v1.schemas import course as schemas


router = Router(tags=["journal"])


@router.get(
    "",
    response={200: schemas.EntryPage, **PROBLEMS},
    summary="日志条目 · Entries, the newest first; `next` is the following `before`",
    auth=needs("journal.view"),
)
def entries(
    request: HttpRequest,
    subject: QueryEx[str, P(max_length=64)] = "",
    before: QueryEx[int | None, P(ge=1)] = None,
    limit: QueryEx[int, P(ge=1, le=LIMIT_AT_MOST)] = 50,
) -> dict[str, Any]:
    rows = _visible(viewer_of(request), subject)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[:limit])
    following = str(found[-1].pk) if len(found) == limit else None
    return {"items": found, "next": following}


def _visible(viewer: Viewer, subject: str) -> QuerySet[Any]:
    """Return the entries a viewer may read; without seeing everything, those of one ticket."""
    rows = journal.latest()
    if viewer.reach is Reach.ALL:
        return rows.filter(subject=subject) if subject else rows
    seen = bool(subject) and tickets.visible_to(viewer).filter(number=subject).exists()
    return rows.filter(subject=subject) if seen else rows.none()
