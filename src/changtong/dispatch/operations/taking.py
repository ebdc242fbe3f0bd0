"""Take the next ticket: the one that the standard's order puts first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from changtong.dispatch.operations import assigning
from changtong.kernel.errors import Refused
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State


TRIED_AT_MOST = 20
# Somebody was faster, or it needs what this person lacks: the one after it may do.
PASSED_OVER = frozenset(
    {
        "ticket.claimed_already",
        "assignment.not_now",
        "assignment.unqualified",
        "assignment.complained_of",
        "assignment.booked",
    }
)


@transaction.atomic
def take_next(*, viewer: Viewer, at: datetime) -> str:
    """
    Give somebody the ticket that is due first, by grade where two are due at once.

    What they have been given and not begun counts like what nobody has; of many who ask at
    once each gets another.

    :raises Refused: ``assignment.nothing_next``, ``assignment.at_capacity``,
        ``assignment.inactive``
    """
    for number, assignee in _waiting(viewer):
        if assignee is not None:
            return number
        try:
            assigning.claim(
                number=number, staff_id=viewer.staff_id or 0, actor=viewer.actor, at=at
            )
        except Refused as refused:
            if refused.code not in PASSED_OVER:
                raise
        else:
            return number
    raise Refused("assignment.nothing_next")


def _waiting(viewer: Viewer) -> list[tuple[str, int | None]]:
    own = Q(assignee_id=viewer.staff_id, state=State.ASSIGNED)
    free = Q(assignee=None, state__in=[State.ACCEPTED, State.ASSIGNED]) & (
        Q(team_id__in=viewer.team_ids) | Q(team=None)
    )
    order = (F("due_at").asc(nulls_last=True), "priority", "id")
    found = tickets.unfinished(viewer).filter(own | free).order_by(*order)
    return list(found.values_list("number", "assignee_id")[:TRIED_AT_MOST])
