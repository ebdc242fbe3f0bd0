"""A week of people: who is on duty, who is away, and what they have promised to come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from changtong.dispatch.domain.rosters import without
from changtong.dispatch.models import OPEN_STATES, Booking, Leave, Shift
from changtong.dispatch.queries import board, orders
from changtong.kernel.errors import Missing
from changtong.kernel.time import Period
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer


if TYPE_CHECKING:
    from django.db.models import QuerySet

    from changtong.parties.models import Staff, Team


PEOPLE_AT_MOST = 200
APPOINTMENTS_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Rostered:
    """Somebody's week: their duties, and their leaves."""

    person: Staff
    is_leader: bool
    duties: tuple[Period, ...]
    leaves: tuple[tuple[Period, str], ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """A team's week."""

    team: Team
    people: tuple[Rostered, ...]

    @property
    def duties(self) -> list[Period]:
        """Return when anybody of the team is on duty."""
        return [duty for one in self.people for duty in one.duties]


@dataclass(frozen=True, slots=True)
class Appointment:
    """Work that somebody is booked for; without numbers, if the viewer may not see for what."""

    period: Period
    ticket: str
    title: str
    customer: str


def midnight(day: date) -> datetime:
    """Return the beginning of a local day."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def stretch(leave: Leave) -> Period:
    """Return a leave's days from midnight to midnight."""
    return Period(midnight(leave.days.lower), midnight(leave.days.upper))


def teams(viewer: Viewer) -> list[Team]:
    """Return the teams whose rosters the viewer sees: their own, or their region's."""
    return list(board.teams_of(viewer))


def week(teams: Iterable[Team], monday: date) -> list[Roster]:
    """Return the week of these teams that begins on a Monday."""
    wanted = {team.pk: team for team in teams}
    found = parties.memberships_in(wanted).filter(staff__is_active=True)
    members = list(found[:PEOPLE_AT_MOST])
    ids = {one.staff_id for one in members}
    duties = between(ids, midnight(monday), midnight(monday + timedelta(days=7)))
    leaves = _leaves(ids, DateRange(monday, monday + timedelta(days=7)))
    return [
        Roster(
            team,
            tuple(
                Rostered(one.staff, one.is_leader, tuple(duties[pk]), tuple(leaves[pk]))
                for one in members
                if one.team_id == team.pk
                for pk in (one.staff_id,)
            ),
        )
        for team in wanted.values()
    ]


def member(viewer: Viewer, staff_id: int) -> Staff:
    """
    Return somebody whose roster the viewer sees.

    :raises Missing: ``staff.unknown``, the same whether foreign or not there
    """
    found = parties.memberships_in(one.pk for one in board.teams_of(viewer))
    one = found.filter(staff_id=staff_id, staff__is_active=True).first()
    if one is None:
        raise Missing("staff.unknown", staff=staff_id)
    return one.staff


def between(staff_ids: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Period]]:
    """Return these people's duties that touch a stretch, by person."""
    found: dict[int, list[Period]] = defaultdict(list)
    rows = Shift.objects.filter(
        staff_id__in=set(staff_ids), period__overlap=DateTimeTZRange(start, end)
    )
    for staff_id, period in rows.order_by("period").values_list("staff_id", "period"):
        found[staff_id].append(Period(period.lower, period.upper))
    return found


def leaves_of(staff_id: int) -> list[Period]:
    """Return when somebody is or was away."""
    return [stretch(one) for one in Leave.objects.filter(staff_id=staff_id).order_by("days")]


def leave_of(staff_id: int, day: date) -> Leave | None:
    """Return the leave that somebody's day lies in."""
    return Leave.objects.filter(staff_id=staff_id, days__contains=day).first()


def appointments(viewer: Viewer, staff_id: int, gone: Iterable[Period]) -> list[Appointment]:
    """Return what somebody is booked for in these stretches and has not done, the first first."""
    stretches = list(gone)
    rows = [
        row
        for row in _booked(staff_id, min((one.start for one in stretches), default=None))
        if any(row.span.overlaps(one) for one in stretches)
    ][:APPOINTMENTS_AT_MOST]
    seen = set(
        orders.visible_to(viewer)
        .filter(pk__in=[row.work_order_id for row in rows])
        .values_list("pk", flat=True)
    )
    return [
        Appointment(
            period=row.span,
            ticket=row.work_order.ticket_number if row.work_order_id in seen else "",
            title=row.work_order.ticket.title if row.work_order_id in seen else "",
            customer=row.work_order.ticket.contact_name if row.work_order_id in seen else "",
        )
        for row in rows
    ]


def booked_in(staff_ids: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Period]]:
    """Return when these people are booked for work that is not done, by person."""
    found: dict[int, list[Period]] = defaultdict(list)
    rows = _undone().filter(
        staff_id__in=set(staff_ids), period__overlap=DateTimeTZRange(start, end)
    )
    for staff_id, period in rows.order_by("period").values_list("staff_id", "period"):
        found[staff_id or 0].append(Period(period.lower, period.upper))
    return found


def lost(was: Period, becomes: Period | None) -> list[Period]:
    """Return the parts of a duty in which somebody is no longer on duty."""
    return [was] if becomes is None else without(was, becomes)


def _undone() -> QuerySet[Booking]:
    return Booking.objects.filter(active=True, work_order__state__in=OPEN_STATES)


def _booked(staff_id: int, since: datetime | None) -> list[Booking]:
    if since is None:
        return []
    rows = _undone().filter(staff_id=staff_id, period__overlap=DateTimeTZRange(since, None))
    return list(
        rows.select_related("work_order__ticket").order_by("period")[:APPOINTMENTS_AT_MOST]
    )


def _leaves(staff_ids: Iterable[int], days: DateRange) -> dict[int, list[tuple[Period, str]]]:
    found: dict[int, list[tuple[Period, str]]] = defaultdict(list)
    for one in Leave.objects.filter(staff_id__in=set(staff_ids), days__overlap=days):
        found[one.staff_id].append((stretch(one), one.reason))
    return found
