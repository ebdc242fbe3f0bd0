"""A service hall with people who wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

from changtong.catalog import queries as catalog
from changtong.cli.demo.places import ACTOR
from changtong.intake.operations import queueing
from changtong.intake.queries.queueing import hall_day


if TYPE_CHECKING:
    from collections.abc import Sequence

    from changtong.parties.models import Line


HALL = "HYL"
# How many minutes ago somebody came, with what, and whether they are called first.
CAME = (
    (24, "fault", ""),
    (21, "service", ""),
    (19, "fault", ""),
    (16, "enquiry", ""),
    (12, "service", ""),
    (9, "complaint", ""),
    (6, "service", "elderly"),
    (3, "fault", ""),
)


def open_(*, lines: Sequence[Line], at: datetime) -> None:
    """Open a hall in which two are at the counters and the others wait."""
    by = {"actor": ACTOR}
    region = catalog.region("4101")
    queueing.open_hall(code=HALL, name="花园路营业厅", region=region, counters=4, at=at, **by)
    morning = datetime.combine(hall_day(at), time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    for line, (minutes, class_code, priority) in zip(lines, CAME, strict=False):
        queueing.take(
            hall=HALL,
            class_code=class_code,
            priority=priority,
            phone=line.customer.phone,
            # Just after midnight they all came today nevertheless.
            at=max(at - timedelta(minutes=minutes), morning),
            **by,
        )
    served = queueing.call_next(hall=HALL, counter=1, at=at, class_code="fault", **by)
    queueing.start(number=served.pk, at=at, **by)
    queueing.call_next(hall=HALL, counter=2, at=at, class_code="service", **by)
