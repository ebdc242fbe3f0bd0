"""A day of people and of resources, as a dispatcher sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from changtong.dispatch.models import Booking, Resource, Shift
from changtong.dispatch.queries import orders
from changtong.kernel.time import Period
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Reach, Viewer
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.parties.models import Team


PEOPLE_AT_MOST = 200
RESOURCES_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Booked:
    """A booked stretch; without numbers, if the viewer may not see for what."""

    period: Period
    work_order: str
    ticket: str
    state: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person's day."""

    staff_id: int
    name: str
    number: str
    team_id: int | None
    team: str
    mode: str
    shifts: tuple[Period, ...]
    bookings: tuple[Booked, ...]
    open_count: int


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One resource's day."""

    resource: Resource
    bookings: tuple[Booked, ...]
    calibrated: bool


def board(viewer: Viewer, day: date, *, counted: bool = True) -> list[PersonRow]:
    """
    Return the people whom the viewer dispatches, with shifts and bookings, by team.

    :param counted: with how many tickets each has; whoever reads the tickets counts them there
    """
    teams = {team.pk: team for team in teams_of(viewer)}
    members: dict[int, tuple[int, str, str, int | None]] = {}
    if teams:
        for row in parties.memberships_in(teams).filter(staff__is_active=True)[:PEOPLE_AT_MOST]:
            person = (row.staff_id, row.staff.name, row.staff.number, row.team_id)
            members.setdefault(row.staff_id, person)
    elif viewer.staff_id is not None and viewer.may("dispatch.own"):
        own = parties.staff(viewer.staff_id)
        members[own.pk] = (own.pk, own.name, own.number, None)
    span = _span(day)
    shifts = _shifts(members, span)
    bookings = _bookings(viewer, Q(staff_id__in=members), "staff_id", span)
    open_counts = tickets.open_counts(list(members)) if counted else {}
    return [
        PersonRow(
            staff_id=pk,
            name=name,
            number=number,
            team_id=team_id,
            team=teams[team_id].name if team_id in teams else "",
            mode=teams[team_id].mode if team_id in teams else "",
            shifts=tuple(shifts[pk]),
            bookings=tuple(bookings[pk]),
            open_count=open_counts.get(pk, 0),
        )
        for pk, name, number, team_id in members.values()
    ]


def resources(viewer: Viewer, day: date) -> list[ResourceRow]:
    """Return the resources within the viewer's reach with their bookings, by kind and code."""
    rows = list(_resources(viewer)[:RESOURCES_AT_MOST])
    span = _span(day)
    bookings = _bookings(viewer, Q(resource_id__in=[row.pk for row in rows]), "resource_id", span)
    return [
        ResourceRow(
            resource=row,
            bookings=tuple(bookings[row.pk]),
            calibrated=row.calibration_due_on is None or day <= row.calibration_due_on,
        )
        for row in rows
    ]


def teams_of(viewer: Viewer) -> Sequence[Team]:
    """Return the teams whom the viewer dispatches: their own, their region's, or all."""
    if not viewer.may("dispatch.view"):
        return []
    teams = parties.teams()
    if viewer.reach is Reach.REGION:
        teams = teams.filter(region__path__startswith=viewer.region_path)
    elif viewer.reach is not Reach.ALL:
        teams = teams.filter(pk__in=viewer.team_ids)
    return list(teams)


def _resources(viewer: Viewer) -> QuerySet[Resource]:
    rows = Resource.objects.select_related("region", "team").order_by("kind", "code")
    if not viewer.may("dispatch.view"):
        return rows.none()
    if viewer.reach is Reach.REGION:
        return rows.filter(region_path__startswith=viewer.region_path)
    if viewer.reach is Reach.ALL:
        return rows
    shared = Q(team=None, region_path__startswith=viewer.region_path)
    return rows.filter(Q(team_id__in=viewer.team_ids) | shared)


def _span(day: date) -> DateTimeTZRange:
    start = datetime.combine(day, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    return DateTimeTZRange(start, start + timedelta(days=1))


def _shifts(ids: Iterable[int], span: DateTimeTZRange) -> dict[int, list[Period]]:
    found: dict[int, list[Period]] = defaultdict(list)
    rows = Shift.objects.filter(staff_id__in=list(ids), period__overlap=span).order_by("period")
    for staff_id, period in rows.values_list("staff_id", "period"):
        found[staff_id].append(Period(period.lower, period.upper))
    return found


def _bookings(
    viewer: Viewer, condition: Q, of: str, span: DateTimeTZRange
) -> dict[int, list[Booked]]:
    """Return what is booked and what was really used."""
    found: dict[int, list[Booked]] = defaultdict(list)
    rows = list(
        Booking.objects.filter(condition, period__overlap=span)
        .select_related("work_order")
        .order_by("period", "id")
    )
    open_to = set(
        orders.visible_to(viewer)
        .filter(pk__in={row.work_order_id for row in rows})
        .values_list("pk", flat=True)
    )
    for row in rows:
        visible = row.work_order_id in open_to
        found[getattr(row, of)].append(
            Booked(
                period=row.span,
                work_order=row.work_order.number if visible else "",
                ticket=row.work_order.ticket_number if visible else "",
                state=row.work_order.state,
            )
        )
    return found
