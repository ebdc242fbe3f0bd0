"""Calls, as the telephone system tells them: whoever is called sees at once who calls."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from changtong.infra.clock import now
from changtong.intake.domain.calls import CallState
from changtong.intake.operations import calling
from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.schemas import calls as schemas


router = Router(tags=["calls"])


@router.post(
    "",
    response={200: schemas.CallBody, **PROBLEMS},
    summary="来电事件 · Tell that a call rings, was answered or is over",
    auth=needs("calls.announce"),
)
def announce(request: HttpRequest, given: schemas.CallEvent) -> dict[str, Any]:
    """
    Show the call to the member of staff at whose telephone it is, and to nobody else.

    An event that was told before, or that a later one has overtaken, changes nothing. A call
    that rings at several is told once for each; when one answers, it is over for the others.
    """
    viewer = viewer_of(request)
    person = parties.staff_visible_to(viewer).filter(number__iexact=given.staff_number).first()
    if person is None:
        raise Missing("staff.unknown", staff=given.staff_number)
    call = calling.announce(
        reference=given.call_id,
        staff_id=person.pk,
        caller=given.caller_number,
        called=given.called_number,
        state=CallState(given.event),
        actor=viewer.actor,
        at=now(),
    )
    return {"call_id": call.reference, "state": call.state}
