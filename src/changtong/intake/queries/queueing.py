"""Who waits in a service hall, and whom its counters have called."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import BigIntegerField, Case, F, QuerySet, When
from django.db.models.functions import Coalesce

from changtong.intake.domain.queueing import NumberState
from changtong.intake.models import AT_COUNTER_STATES, CounterCase, Hall, QueueNumber
from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import Reach
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


COUNTERS = "tickets.open"
# A number's place among its rank: its own, or that of the number after which it was put back.
TURN = Coalesce("comes_after", "id", output_field=BigIntegerField())


def hall_day(at: datetime) -> date:
    """Return the local day to which an instant belongs; numbers begin anew each day."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def halls_visible_to(viewer: Viewer) -> QuerySet[Hall]:
    """Return the service halls of the viewer's region, for those who take matters in."""
    return halls_in_reach(viewer) if viewer.may(COUNTERS) else Hall.objects.none()


def halls_in_reach(viewer: Viewer) -> QuerySet[Hall]:
    """Return the service halls of the viewer's region, whatever they may do there."""
    halls = Hall.objects.select_related("region").order_by("code")
    if viewer.reach is Reach.ALL:
        return halls
    return halls.filter(region__path__startswith=viewer.region_path)


def hall(viewer: Viewer, code: str) -> Hall:
    """
    Return a hall in the viewer's sight.

    :raises Missing: ``hall.unknown``, the same whether foreign or not there
    """
    found = halls_visible_to(viewer).filter(code=code).first()
    if found is None:
        raise Missing("hall.unknown", hall=code)
    return found


def queue_number(viewer: Viewer, pk: int) -> QueueNumber:
    """
    Return a number of a hall in the viewer's sight.

    :raises Missing: ``queue_number.unknown``, the same whether foreign or not there
    """
    numbers = QueueNumber.objects.select_related("hall").filter(pk=pk)
    found = numbers.filter(hall__in=halls_visible_to(viewer)).first()
    if found is None:
        raise Missing("queue_number.unknown", number=pk)
    return found


def locked_number(pk: int) -> QueueNumber:
    """
    Return a number that nobody else changes until this transaction ends.

    :raises Missing: ``queue_number.unknown``
    """
    found = QueueNumber.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise Missing("queue_number.unknown", number=pk)
    return found


def waiting_in(hall: Hall, *, day: date) -> QuerySet[QueueNumber]:
    """Return who waits in a hall, in the order in which they will be called."""
    waiting = QueueNumber.objects.filter(hall=hall, day=day, state=NumberState.WAITING)
    first = Case(When(priority="", then=1), default=0)
    back = F("put_back_at").asc(nulls_first=True)
    return waiting.order_by(first, TURN, back, "id")


def last_of_first(number: QueueNumber, count: int) -> int | None:
    """Return the number after which so many of its rank were called, or all of them if fewer."""
    waiting = waiting_in(number.hall, day=number.day)
    same = waiting.filter(priority="") if not number.priority else waiting.exclude(priority="")
    first = list(same.values_list(TURN, flat=True)[:count])
    return first[-1] if first else None


def missed_in(hall: Hall, *, day: date) -> QuerySet[QueueNumber]:
    """Return the numbers that nobody came with and that were not put back yet, the last first."""
    missed = QueueNumber.objects.filter(
        hall=hall, day=day, state=NumberState.MISSED, put_back_at=None
    )
    return missed.order_by("-ended_at", "-id")


def called_in(hall: Hall, *, day: date) -> QuerySet[QueueNumber]:
    """Return the numbers that are called or served at the counters of a hall, the last first."""
    called = QueueNumber.objects.filter(hall=hall, day=day, state__in=AT_COUNTER_STATES)
    return called.order_by("-last_called_at", "-id")


def at_counter(hall: Hall, counter: int, *, day: date) -> QueueNumber | None:
    """Return the number that is called or served at a counter."""
    return called_in(hall, day=day).filter(counter=counter).first()


def cases_of(viewer: Viewer, number: QueueNumber) -> list[Ticket]:
    """Return the cases that were taken in from whoever came with a number."""
    taken_in = CounterCase.objects.filter(number=number).values("ticket")
    return list(tickets.visible_to(viewer).filter(pk__in=taken_in).order_by("id"))


def number_of(ticket: Ticket) -> QueueNumber | None:
    """Return the number with which somebody came about a case, the last if there were several."""
    came = CounterCase.objects.filter(ticket=ticket).select_related("number__hall")
    last = came.order_by("-id").first()
    return last.number if last else None
