"""A service hall of a district, with somebody waiting, somebody called, and somebody served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.infra.clock import now
from changtong.intake.models import Hall
from changtong.intake.operations import queueing
from changtong.intake.queries import queueing as queries


if TYPE_CHECKING:
    from datetime import datetime

    from tests.factories.worlds import District

    from changtong.intake.models import QueueNumber


ACTOR = "system:test"
MISSED, CALLED, SERVED = 1, 2, 3


def hall_in(district: District) -> Hall:
    """Return the district's hall, in which at least one person waits."""
    at, code = now(), f"H-{district.name}"
    hall = Hall.objects.filter(code=code).first()
    if hall is None:
        hall = queueing.open_hall(
            code=code,
            name=f"{district.name}营业厅",
            region=district.customer.region,
            counters=4,
            actor=ACTOR,
            at=at,
        )
        _take(hall, district, at)
    return hall


def called_in(district: District) -> QueueNumber:
    """Return a number that was called twice."""
    hall, at = hall_in(district), now()
    found = queries.at_counter(hall, CALLED, day=queries.hall_day(at))
    if found is None:
        _take(hall, district, at)
        found = queueing.call_next(hall=hall.code, counter=CALLED, actor=ACTOR, at=at)
        found = queueing.recall(number=found.pk, actor=ACTOR, at=at)
    return found


def served_in(district: District) -> QueueNumber:
    """Return a number that is being served."""
    hall, at = hall_in(district), now()
    found = queries.at_counter(hall, SERVED, day=queries.hall_day(at))
    if found is None:
        _take(hall, district, at)
        found = queueing.call_next(hall=hall.code, counter=SERVED, actor=ACTOR, at=at)
        found = queueing.start(number=found.pk, actor=ACTOR, at=at)
    return found


def missed_in(district: District) -> QueueNumber:
    """Return a number that nobody came with."""
    hall, at = hall_in(district), now()
    found = queries.missed_in(hall, day=queries.hall_day(at)).first()
    if found is None:
        _take(hall, district, at)
        found = queueing.call_next(hall=hall.code, counter=MISSED, actor=ACTOR, at=at)
        found = queueing.recall(number=found.pk, actor=ACTOR, at=at)
        found = queueing.miss(number=found.pk, actor=ACTOR, at=at)
    return found


def _take(hall: Hall, district: District, at: datetime) -> QueueNumber:
    return queueing.take(
        hall=hall.code, class_code="fault", phone=district.phone, actor=ACTOR, at=at
    )
