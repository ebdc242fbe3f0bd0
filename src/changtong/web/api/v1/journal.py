"""The journal, for auditors."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import P, QueryEx, Router

from changtong.journal import queries as journal
from changtong.web.api.auth import needs
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.paging import LIMIT_AT_MOST
from changtong.web.api.v1 import schemas


router = Router(tags=["journal"])


@router.get(
    "",
    response={200: schemas.EntryPage, **PROBLEMS},
    summary="Entries, newest first",
    auth=needs("journal.view"),
)
def entries(
    request: HttpRequest,
    subject: QueryEx[str, P(max_length=64)] = "",
    before: QueryEx[int | None, P(ge=1)] = None,
    limit: QueryEx[int, P(ge=1, le=LIMIT_AT_MOST)] = 50,
) -> dict[str, Any]:
    rows = journal.latest()
    if subject:
        rows = rows.filter(subject=subject)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[:limit])
    following = str(found[-1].pk) if len(found) == limit else None
    return {"items": found, "next": following}
