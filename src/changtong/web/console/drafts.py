"""What somebody has begun to write: kept while they write, found again at another computer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from changtong.infra.clock import now
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import datetime_short
from changtong.workspace.operations import drafts as operations
from changtong.workspace.queries import drafts as queries


# Says where the form is; everything else that is posted is what was written.
PLACE = "place"
NOT_WRITTEN = frozenset({PLACE, "csrfmiddlewaretoken", "operation_key", "discard"})


@staff_only("tickets.view")
def drafts(request: HttpRequest) -> HttpResponse:
    """Hand out the viewer's own draft for a form, keep it, or throw it away."""
    staff_id = staff_viewer(request).staff_id or 0
    if request.method != "POST":
        found = queries.of(staff_id, request.GET.get(PLACE, ""))
        saved = datetime_short(found.saved_at) if found else ""
        answer: HttpResponse = JsonResponse(
            {"values": found.values if found else {}, "saved": saved}
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer
    place = request.POST.get(PLACE, "")
    if request.POST.get("discard"):
        operations.drop(staff_id=staff_id, place=place)
    else:
        values = {name: words for name, words in request.POST.items() if name not in NOT_WRITTEN}
        operations.keep(
            staff_id=staff_id,
            place=place,
            values={name: str(words) for name, words in values.items()},
            at=now(),
        )
    return HttpResponse(status=204)
