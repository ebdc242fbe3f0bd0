"""How much each person has, what nobody has, and what presses, as a leader sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Least

from changtong.dispatch.models import WorkOrder
from changtong.dispatch.queries import orders
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Totals:
    """How many tickets are open, with nobody, pressing and late."""

    open: int
    waiting: int
    at_risk: int
    breached: int


@dataclass(frozen=True, slots=True)
class Sounding:
    """How many alarms nobody looks after, and since when the oldest of them sounds."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Given:
    """Why somebody was given a ticket, and the time of the visit, with the one given up for it."""

    reason: Mapping[str, Any]
    visit_at: datetime | None
    visit_was_at: datetime | None


def held_by(viewer: Viewer, staff_ids: Sequence[int]) -> QuerySet[Ticket]:
    """Return what these people hold, as far as the viewer may see it, the most pressing first."""
    return tickets.unfinished(viewer).filter(assignee_id__in=staff_ids)


def waiting(viewer: Viewer) -> QuerySet[Ticket]:
    """Return what nobody holds: given to nobody, or to a team and not claimed."""
    return tickets.unfinished(viewer).filter(_WAITS)


def pressing(viewer: Viewer) -> QuerySet[Ticket]:
    """Return what has a limit running, the next to run out first."""
    return tickets.unfinished(viewer).exclude(due_at=None).exclude(state=State.RESOLVED)


def totals(viewer: Viewer, *, at: datetime, risk_share: int, risk_at_most: timedelta) -> Totals:
    """Count what is open; it is at risk in the last share of its time, at most this long."""
    found = _risky_from(tickets.unfinished(viewer), risk_share, risk_at_most).aggregate(
        open=Count("pk"),
        waiting=Count("pk", filter=_WAITS),
        at_risk=Count("pk", filter=Q(due_at__gt=at, risky_from__lte=at)),
        breached=Count("pk", filter=Q(due_at__lte=at)),
    )
    return Totals(**found)


def sounding(viewer: Viewer) -> Sounding:
    """Return the alarms that nobody looks after yet."""
    rows = orders.alarms(viewer).filter(acknowledged_at=None).order_by("raised_at", "id")
    raised = list(rows.values_list("raised_at", flat=True)[: orders.LISTED_AT_MOST])
    return Sounding(len(raised), raised[0] if raised else None)


def given(result: object) -> Given | None:
    """Return what an assignment came to; None if it only raised an alarm."""
    if not isinstance(result, WorkOrder):
        return None
    ended = WorkOrder.objects.filter(ticket_id=result.ticket_id, ended_at=result.issued_at)
    before = ended.exclude(pk=result.pk).order_by("-id").first()
    return Given(
        reason=result.reason,
        visit_at=result.planned.lower if result.planned else None,
        visit_was_at=before.planned.lower if before is not None and before.planned else None,
    )


_WAITS = Q(assignee=None, state__in=[State.ACCEPTED, State.ASSIGNED])


def _risky_from(found: QuerySet[Ticket], share: int, at_most: timedelta) -> QuerySet[Ticket]:
    part = ExpressionWrapper((F("due_at") - F("opened_at")) / share, output_field=DurationField())
    from_ = ExpressionWrapper(F("due_at") - Least(part, at_most), output_field=DateTimeField())
    return found.order_by().annotate(risky_from=from_)
