"""How long people wait in the service halls that a leader answers for, now and of late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.functions import Coalesce

from changtong.intake.domain.queueing import NumberState
from changtong.intake.models import Hall, QueueNumber
from changtong.intake.queries.queueing import COUNTERS, hall_day, halls_in_reach


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer


FIGURES = "dashboard.view"
HALLS_AT_MOST = 20
DAYS = 7


class _Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits in a hall at this moment."""

    hall: Hall
    count: int
    longest: timedelta
    # By whose limit their wait is judged; nobody's where nobody waits.
    edition_id: int | None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long people waited in a hall before they were called, and how many did not come."""

    hall: Hall
    called: int
    median: timedelta | None
    longest: timedelta | None
    missed: int


def waiting_now(viewer: Viewer, *, at: datetime) -> list[Waiting]:
    """
    Return who waits in the halls of the viewer's region, for as many halls as a screen shows.

    Only whoever sees figures or takes matters in has halls here.
    """
    if not (viewer.may(FIGURES) or viewer.may(COUNTERS)):
        return []
    waiting = QueueNumber.objects.filter(
        hall=OuterRef("pk"), day=hall_day(at), state=NumberState.WAITING
    ).values("hall")
    halls = halls_in_reach(viewer).annotate(
        waiting=Subquery(waiting.annotate(count=Count("pk")).values("count")),
        since=Subquery(waiting.annotate(since=Min(_began())).values("since")),
        given_by=Subquery(waiting.annotate(last=Max("edition")).values("last")),
    )
    return [
        Waiting(
            hall=one,
            count=one.waiting or 0,
            longest=at - one.since if one.since else timedelta(),
            edition_id=one.given_by,
        )
        for one in halls[:HALLS_AT_MOST]
    ]


def waits_of(halls: Sequence[Hall], *, first: date, last: date) -> list[Waits]:
    """Return how people waited in each hall from the first day to the last."""
    waited = ExpressionWrapper(F("called_at") - _began(), output_field=DurationField())
    # Who was put back had missed their turn, whatever became of them then.
    was_missed = Q(state=NumberState.MISSED) | Q(put_back_at__isnull=False)
    counted = (
        QueueNumber.objects.filter(hall__in=halls, day__gte=first, day__lte=last)
        .values("hall")
        .annotate(
            called=Count("called_at"),
            median=_Median(waited),
            longest=Max(waited),
            missed=Count("pk", filter=was_missed),
        )
    )
    found = {one["hall"]: one for one in counted}
    return [_waits(one, found.get(one.pk)) for one in halls]


def _waits(hall: Hall, counted: Mapping[str, Any] | None) -> Waits:
    if counted is None:
        return Waits(hall, 0, None, None, 0)
    return Waits(
        hall=hall,
        called=counted["called"],
        median=counted["median"],
        longest=counted["longest"],
        missed=counted["missed"],
    )


def _began() -> Coalesce:
    return Coalesce("put_back_at", "taken_at")
