"""When people and resources are on duty, taken or on their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from changtong.clocks.domain import open_time
from changtong.dispatch.domain.slots import LOOK_AHEAD, Frame
from changtong.dispatch.domain.travel import Place
from changtong.dispatch.models import Booking, Shift, WorkOrder
from changtong.kernel.time import Period, require_aware
from changtong.standard.domain.calendars import Calendar


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


# A visit that runs over its time occupies the person for a while yet; how long is a guess.
OVERRUN_ALLOWANCE = timedelta(minutes=30)
PLACES = tuple(
    f"work_order__ticket__{of}__{axis}"
    for of in ("line", "region")
    for axis in ("latitude", "longitude")
)


@dataclass(frozen=True, slots=True)
class Stay:
    """A booked stretch of somebody's time, and where, if it is a visit to a known place."""

    period: Period
    place: Place | None


def hours(calendar: Calendar, span: Period) -> tuple[Period, ...] | None:
    """Return the open hours of a stretch in order, or nothing for a calendar that never closes."""
    if calendar.is_always_open or span.end is None:
        return None
    found: list[Period] = []
    for start, end in open_time.intervals(
        calendar, require_aware(span.start), require_aware(span.end)
    ):
        # The years of the engine's tables cut an opening in two.
        if found and found[-1].end == start:
            found[-1] = Period(found[-1].start, end)
        else:
            found.append(Period(start, end))
    return tuple(found)


def shifts(ids: Iterable[int], frame: Frame) -> dict[int, list[Period]]:
    """Return when people are on duty."""
    found: dict[int, list[Period]] = defaultdict(list)
    # Further than the frame, since a dispatcher may have it done late.
    span = DateTimeTZRange(frame.after, frame.after + LOOK_AHEAD)
    rows = Shift.objects.filter(staff_id__in=ids, period__overlap=span).order_by("period")
    for staff_id, period in rows.values_list("staff_id", "period"):
        found[staff_id].append(Period(period.lower, period.upper))
    return found


def on_duty(ids: Iterable[int], *, at: datetime) -> set[int]:
    """Return who of these people is on duty at an instant."""
    found = Shift.objects.filter(staff_id__in=ids, period__contains=at)
    return set(found.values_list("staff_id", flat=True))


def of_people(
    ids: Iterable[int], *, at: datetime, but: WorkOrder | None = None
) -> dict[int, list[Stay]]:
    """
    Return what people are booked for from now on, with what they have not finished.

    :param but: whose own bookings do not count
    """
    return _booked("staff_id", Q(staff_id__in=ids), at=at, but=but)


def of_resources(
    ids: Iterable[int], *, at: datetime, but: WorkOrder | None = None
) -> dict[int, list[Stay]]:
    """Return what resources are booked for from now on."""
    return _booked("resource_id", Q(resource_id__in=ids), at=at, but=but)


def place_of(ticket: Ticket) -> Place | None:
    """Return where a ticket's work is done, as well as it is known."""
    for place in (ticket.line, ticket.region):
        if place is not None and place.latitude is not None and place.longitude is not None:
            return (place.latitude, place.longitude)
    return None


def _booked(
    of: str, condition: Q, *, at: datetime, but: WorkOrder | None
) -> dict[int, list[Stay]]:
    found: dict[int, list[Stay]] = defaultdict(list)
    rows = Booking.objects.filter(
        condition,
        Q(period__endswith__gt=at) | Q(work_order__started_at__isnull=False),
        active=True,
    ).order_by("id")
    if but is not None:
        rows = rows.exclude(work_order=but)
    wanted = (of, "period", "work_order__started_at", "work_order__mode", *PLACES)
    for pk, period, started_at, mode, *axes in rows.values_list(*wanted):
        overrun = at + OVERRUN_ALLOWANCE if started_at is not None else period.upper
        stay = Period(period.lower, max(period.upper, overrun))
        found[pk].append(Stay(stay, _place(axes) if mode == "field" else None))
    return found


def _place(axes: list[float | None]) -> Place | None:
    for latitude, longitude in (axes[:2], axes[2:]):
        if latitude is not None and longitude is not None:
            return (latitude, longitude)
    return None
