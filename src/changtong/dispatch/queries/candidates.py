"""Who could do a ticket's work, and what it needs: the facts that the choice is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet

from changtong.clocks import queries as clocks
from changtong.clocks.domain import timer
from changtong.dispatch.domain import choosing, travel
from changtong.dispatch.domain.choosing import Candidate, Choice, Needs
from changtong.dispatch.domain.resources import ResourceKind
from changtong.dispatch.domain.slots import LOOK_AHEAD, Frame, Option, Pool, frame_for
from changtong.dispatch.models import Resource
from changtong.dispatch.queries import diaries
from changtong.dispatch.queries.diaries import Stay
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period
from changtong.parties import queries as parties
from changtong.parties.domain.roles import REACH, Reach, Role, Viewer
from changtong.standard import queries as standard
from changtong.standard.domain.calendars import Calendar
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.rules import Category, VisitHours, VisitRule
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.clocks.models import Clock
    from changtong.dispatch.models import WorkOrder
    from changtong.parties.models import Staff, Team
    from changtong.tickets.models import Ticket


ARRIVAL = "arrival"
HANDLING = frozenset({"restoration", "resolution", "answer"})


@dataclass(frozen=True, slots=True)
class Work:
    """
    What a ticket's category asks for, by the ticket's own edition.

    :param visit_owed_since: when the limit of arriving started, if it runs already
    :param visit: what the edition says about visits, if this is one
    :param calendar: in whose open hours it must lie
    """

    category: Category
    needs: Needs
    visit_owed_since: datetime | None = None
    visit: VisitRule | None = None
    calendar: Calendar | None = None

    def needs_later(self) -> Needs:
        """Return the same needs without limits, for work that can only be done late."""
        frame = self.needs.frame
        later = frame_for(
            length=frame.length, at=frame.after, timezone=frame.timezone, hours=frame.hours
        )
        return replace(self.needs, frame=later)


def work_on(
    ticket: Ticket,
    *,
    at: datetime,
    fixed: Period | None = None,
    lock: bool = False,
    but: WorkOrder | None = None,
) -> Work:
    """
    Return what a ticket needs.

    :param fixed: the time that a person has set for it
    :param lock: make other assignments that need the same resources wait; always before
        people are locked, so that two assignments cannot wait for each other
    :param but: whose own bookings of resources do not count
    """
    edition = standard.read(ticket.edition_id)
    category = edition.category(ticket.category)
    skill = edition.skill(category.skill)
    rule = edition.assignment(kind=ticket.kind)
    running = [one for one in clocks.of(ticket.number).prefetch_related(None) if one.is_open]
    visited = _visit_hours(ticket, edition) if category.mode == "field" else None
    calendar = edition.calendar(visited.calendar) if visited else None
    return Work(
        category=category,
        visit=edition.visit(kind=ticket.kind) if visited else None,
        calendar=calendar,
        needs=Needs(
            skill=category.skill,
            mode=category.mode,
            region_path=ticket.region_path,
            priority=ticket.priority,
            tier=ticket.tier,
            open_at_most=rule.open_at_most,
            frame=_frame(ticket, edition, running, calendar, at=at, fixed=fixed),
            hours_clause=visited.clause if visited else "",
            clause=_clause_of(edition, "assignment.reasons", rule.clause),
            load_clause=rule.clause,
            booking_clause=_clause_of(edition, "booking.no_overlap", rule.clause),
            qualification_clause=skill.clause,
            skill_name=skill.name,
            skill_name_en=skill.name_en,
            wished_at=ticket.wanted_at,
            pools=_pools(ticket, category, at=at, lock=lock, but=but),
            place=diaries.place_of(ticket) if category.mode == "field" else None,
            complained_of_id=ticket.complained_of_id,
        ),
        visit_owed_since=min(
            (one.started_at for one in running if one.metric == ARRIVAL), default=None
        ),
    )


def take_turns(ticket: Ticket, *staff_ids: int | None) -> None:
    """
    Make other assignments that need the same resources or people wait for this one.

    Whoever frees or moves bookings before choosing does this first: the new booking of another
    assignment would wait for the old one to go, while this one waits for the other's locks.
    """
    category = standard.read(ticket.edition_id).category(ticket.category)
    wanted = [*category.instruments, *([category.venue] if category.venue else [])]
    if wanted:
        list(_usable(wanted, ticket.region_path).select_for_update(no_key=True))
    theirs = parties.teams().filter(memberships__staff_id__in=[pk for pk in staff_ids if pk])
    serving = Q(mode=category.mode, region__path__in=_ancestors_or_self(ticket.region_path))
    teams = parties.teams().filter(serving | Q(pk__in=theirs.order_by().values("pk")))
    list(teams.order_by("pk").select_for_update(of=("self",), no_key=True))


def around(ticket: Ticket, work: Work, *, at: datetime, lock: bool = False) -> list[Candidate]:
    """
    Return the members of the teams that serve the ticket's region in the work's mode.

    :param lock: make other assignments to these teams wait, so that nobody is chosen twice
        for their last free place
    """
    path = ticket.region_path
    teams = parties.teams().filter(
        mode=work.category.mode, region__path__in=_ancestors_or_self(path)
    )
    if lock:
        # Always in the order of ids, so that two assignments cannot wait for each other.
        teams = teams.order_by("pk").select_for_update(of=("self",), no_key=True)
    return _members(list(teams), work, at=at)


def anywhere(ticket: Ticket, work: Work, *, at: datetime) -> list[Candidate]:
    """Return the members of all teams of the work's mode in the ticket's province."""
    province = _ancestors_or_self(ticket.region_path)[0]
    teams = parties.teams().filter(mode=work.category.mode, region__path__startswith=province)
    return _members(list(teams), work, at=at)


def person(
    staff_id: int,
    work: Work,
    *,
    at: datetime,
    lock: bool = False,
    but: WorkOrder | None = None,
) -> Candidate:
    """
    Return one member of staff as a candidate, in whatever teams they are.

    :param but: whose own bookings do not count
    :raises Missing: ``staff.unknown``
    """
    teams = parties.teams().filter(memberships__staff_id=staff_id).order_by("pk")
    if lock:
        teams = teams.select_for_update(of=("self",), no_key=True)
    found = list(teams)
    staff = _staff(staff_id)
    fitting = [team for team in found if team.mode == work.category.mode] or found
    team = max(fitting, key=lambda one: len(one.region.path), default=None)
    areas = {staff.region.path, *(one.region.path for one in found)}
    bare = _candidate(staff, team, areas=tuple(sorted(areas)))
    (candidate,) = _with_facts([bare], work, at=at, but=but)
    return candidate


def explained(viewer: Viewer, number: str, *, at: datetime) -> Choice:
    """
    Return who would be chosen for a ticket and why not each of the others, for a dispatcher.

    :raises Missing: ``ticket.unknown``
    :raises Refused: ``assignment.not_now``, if the ticket is not classified yet
    """
    ticket = tickets.by_number(viewer, number)
    if not ticket.category:
        raise Refused("assignment.not_now", state=ticket.state)
    work = work_on(ticket, at=at)
    return choosing.choose(anywhere(ticket, work, at=at), work.needs, at)


def _visit_hours(ticket: Ticket, edition: Edition) -> VisitHours:
    return edition.visit_hours(
        kind=ticket.kind,
        priority=ticket.priority,
        region=ticket.region_path,
        region_type=ticket.region_type,
        family=ticket.family,
        tier=ticket.tier,
        category=ticket.category,
    )


def _frame(
    ticket: Ticket,
    edition: Edition,
    running: Sequence[Clock],
    calendar: Calendar | None,
    *,
    at: datetime,
    fixed: Period | None,
) -> Frame:
    timezone = ZoneInfo(settings.TIME_ZONE)
    if fixed is not None and fixed.end is not None:
        return Frame(
            length=fixed.end - fixed.start,
            after=fixed.start,
            end_by=fixed.end,
            timezone=timezone,
            hours=diaries.hours(calendar, fixed) if calendar else None,
        )
    after = max(at, ticket.wanted_at or at)
    span = Period(after, after + LOOK_AHEAD)
    category = edition.category(ticket.category)
    return frame_for(
        length=category.work_for,
        at=at,
        timezone=timezone,
        wanted_at=ticket.wanted_at,
        arrive_by=_arrive_by(ticket, edition, running, at=at)
        if category.mode == "field"
        else None,
        done_by=min((one.due_at for one in running if one.metric in HANDLING), default=None),
        hours=diaries.hours(calendar, span) if calendar else None,
    )


def _arrive_by(
    ticket: Ticket, edition: Edition, running: Sequence[Clock], *, at: datetime
) -> datetime | None:
    """Return when somebody must be there: by the running clock, or by the one about to start."""
    due = [one.due_at for one in running if one.metric == ARRIVAL]
    if not due:
        targets = edition.targets(
            kind=ticket.kind,
            priority=ticket.priority,
            region=ticket.region_path,
            region_type=ticket.region_type,
            family=ticket.family,
            tier=ticket.tier,
            category=ticket.category,
        )
        due = [
            timer.due_at(started_at=at, within=one.within, calendar=edition.calendar(one.calendar))
            for one in targets
            if one.metric == ARRIVAL
        ]
    return min(due, default=None)


def _clause_of(edition: Edition, rule: str, otherwise: str) -> str:
    """Return the clause that names a rule in code as what enforces it."""
    found = (one.number for one in edition.clauses.values() if rule in one.rules)
    return next(found, otherwise)


def _pools(
    ticket: Ticket, category: Category, *, at: datetime, lock: bool, but: WorkOrder | None
) -> tuple[Pool, ...]:
    """Return the resources of each type that the work needs; a room is only a wish at a desk."""
    wanted = [(code, ResourceKind.INSTRUMENT, True) for code in category.instruments]
    if category.venue:
        wanted.append((category.venue, ResourceKind.VENUE, category.mode == "field"))
    if not wanted:
        return ()
    rows = _usable([code for code, _, _ in wanted], ticket.region_path)
    resources = list(rows.select_for_update(no_key=True) if lock else rows)
    busy = diaries.of_resources([one.pk for one in resources], at=at, but=but)
    return tuple(
        Pool(
            type=code,
            kind=kind,
            required=required,
            options=tuple(
                Option(
                    id=one.pk,
                    code=one.code,
                    busy=tuple(stay.period for stay in busy[one.pk]),
                    good_until=one.calibration_due_on,
                    team_id=one.team_id,
                )
                for one in resources
                if one.type == code and one.kind == kind
            ),
        )
        for code, kind, required in wanted
    )


def _usable(types: Sequence[str], region_path: str) -> QuerySet[Resource]:
    return Resource.objects.filter(
        type__in=types, in_service=True, region_path__in=_ancestors_or_self(region_path)
    ).order_by("code")


def _members(teams: list[Team], work: Work, *, at: datetime) -> list[Candidate]:
    """Return each member once, for the team nearest to the place."""
    by_id = {team.pk: team for team in teams}
    found: dict[int, Candidate] = {}
    # Wider teams first, so that the narrowest one a person is in remains.
    rows = sorted(
        parties.memberships_in(by_id), key=lambda row: len(by_id[row.team_id].region.path)
    )
    for row in rows:
        team = by_id[row.team_id]
        own = REACH[Role(row.staff.role)] is Reach.REGION
        area = row.staff.region.path if own else team.region.path
        found[row.staff_id] = _candidate(row.staff, team, areas=(area,))
    return _with_facts(list(found.values()), work, at=at)


def _candidate(staff: Staff, team: Team | None, *, areas: tuple[str, ...]) -> Candidate:
    located = staff.latitude is not None and staff.longitude is not None
    return Candidate(
        staff_id=staff.pk,
        name=staff.name,
        team_id=team.pk if team else None,
        active=staff.is_active,
        areas=areas,
        place=(staff.latitude, staff.longitude) if located else None,  # type: ignore[arg-type]
    )


def _with_facts(
    bare: list[Candidate], work: Work, *, at: datetime, but: WorkOrder | None = None
) -> list[Candidate]:
    needs, ids = work.needs, [one.staff_id for one in bare]
    if not ids:
        return []
    held = parties.qualifications_of(ids)
    open_counts = tickets.open_counts(ids)
    shifts = diaries.shifts(ids, needs.frame)
    timed = needs.mode == "field" or needs.pools
    busy = diaries.of_people(ids, at=at, but=but) if timed else {}
    return [
        replace(
            one,
            held=tuple(held.get(one.staff_id, ())),
            shifts=tuple(shifts.get(one.staff_id, ())),
            busy=tuple(stay.period for stay in busy.get(one.staff_id, ())),
            ways=_ways(busy.get(one.staff_id, ()), work),
            open_count=open_counts.get(one.staff_id, 0),
        )
        for one in bare
    ]


def _ways(stays: Sequence[Stay], work: Work) -> tuple[Period, ...]:
    if work.visit is None:
        return ()
    return tuple(
        way
        for stay in stays
        for way in travel.ways(
            stay.period, there=stay.place, here=work.needs.place, rule=work.visit
        )
    )


def _staff(staff_id: int) -> Staff:
    try:
        return parties.staff(staff_id)
    except ObjectDoesNotExist:
        raise Missing("staff.unknown", staff=staff_id) from None


def _ancestors_or_self(path: str) -> list[str]:
    """Return e.g. ``/41/`` and ``/41/4101/`` for ``/41/4101/``, the widest first."""
    codes = [code for code in path.split("/") if code]
    return [f"/{'/'.join(codes[: depth + 1])}/" for depth in range(len(codes))]
