"""The dispatcher's page: alarms first, what nobody has, people and resources of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.dispatch.domain.choosing import OVERRULABLE, Considered
from changtong.dispatch.operations import alarming, assigning
from changtong.dispatch.queries import appointments, board, candidates, orders
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.standard.domain.edition import Edition
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.console.reasons import BY, WHY
from changtong.web.console.tickets import case, forms
from changtong.web.console.tickets.actions import Act, Look, back_to_case, respond
from changtong.web.console.tickets.rows import COLUMNS, listed, rows_of
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from changtong.dispatch.models import Alarm, WorkOrder
    from changtong.dispatch.queries.board import Booked, PersonRow
    from changtong.tickets.models import Ticket


ALARMS_AT_MOST = 50
UNASSIGNED_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague on the board."""

    row: PersonRow
    on_duty: bool
    working_on: Booked | None
    next_booking: Booked | None


@dataclass(frozen=True, slots=True)
class AlarmShown:
    alarm: Alarm
    by: str
    counts: tuple[tuple[str, int], ...]
    others: tuple[Explained, ...]
    missed_at: datetime | None = None
    technician: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why somebody was, could be, or was not chosen, in words."""

    staff_id: int
    name: str
    why: str
    open_count: int
    starts_at: datetime | None
    distance_km: float | None
    lacking: str
    selectable: bool = False
    overrules: bool = False


@staff_only("dispatch.view")
def page(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    at = now()
    people = [_person(row, at) for row in board.board(viewer, localtime(at).date())]
    unassigned = tickets.unfinished(viewer).filter(state=State.ACCEPTED)
    context = {
        "alarms": _alarms(list(orders.alarms(viewer)[:ALARMS_AT_MOST])),
        "unassigned": rows_of(listed(unassigned)[:UNASSIGNED_AT_MOST], at=at),
        "columns": COLUMNS,
        "people": sorted(people, key=lambda one: (one.row.team, not one.on_duty, one.row.number)),
        "tabs": _tabs("dispatch"),
        "at": at,
    }
    return show(request, "dispatch/page.html", context, part="live")


@staff_only("dispatch.view")
def resources(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    day = _day(request)
    edition = standard.read(standard.edition_in_force(at=now()).pk)
    context = {
        "rows": [
            (row, wording.resource_type(row.resource.type, edition))
            for row in board.resources(viewer, day)
        ],
        "day": day,
        "tabs": _tabs("dispatch_resources"),
        "at": now(),
    }
    return show(request, "dispatch/resources.html", context)


@staff_only("dispatch.assign")
def assignment(request: HttpRequest, number: str) -> HttpResponse:
    """Give the ticket to somebody, or let the rules choose; the candidates are explained."""

    def run(act: Act) -> object:
        given = act.given
        viewer = staff_viewer(request)
        ticket = tickets.by_number(viewer, number)
        parties.require_in_sight(viewer, staff_id=given["staff"], team_id=given["team"])
        taken = ticket.assignee_id is not None or ticket.team_id is not None
        if given["staff"] is None and given["team"] is None and not taken:
            return assigning.assign_automatically(**act.who)
        operation = assigning.reassign if taken else assigning.assign_to
        return operation(
            **act.who, reason=given["reason"], staff_id=given["staff"], team_id=given["team"]
        )

    look = Look(_("分派"), "user-check", _("已分派"), inside="console/dispatch/candidates.html")
    return respond(
        request, number, forms.Assignment, run, look, lambda ticket: _choice(request, ticket)
    )


@staff_only("tickets.work")
def handover(request: HttpRequest, number: str) -> HttpResponse:
    """Let whoever has the ticket hand it over, with a note, to somebody who can do it."""

    def run(act: Act) -> object:
        given = act.given
        viewer = staff_viewer(request)
        parties.require_in_sight(viewer, staff_id=given["staff"], team_id=given["team"])
        done = assigning.hand_over(
            **act.who,
            note=given["note"],
            staff_id=viewer.staff_id or 0,
            to_staff_id=given["staff"],
            to_team_id=given["team"],
        )
        words = _("已移交 %(number)s") if done else _("没有人可接 %(number)s，已请调度员分派")
        return words % {"number": number}

    def able(ticket: Ticket) -> dict[str, Any]:
        shown = _choice(request, ticket)
        seen = parties.staff_visible_to(staff_viewer(request)).values_list("pk", flat=True)
        others = set(seen) - {ticket.assignee_id}
        fit = [
            one
            for one in shown["candidates"]
            if one.staff_id in others and one.selectable and not one.overrules
        ]
        return {**shown, "candidates": fit, "is_handover": True}

    look = Look(_("移交"), "shuffle", _("已移交"), inside="console/dispatch/candidates.html")
    return respond(request, number, forms.Handover, run, look, able)


@staff_only("dispatch.claim")
@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    viewer = staff_viewer(request)
    ticket = tickets.by_number(viewer, number)
    assigning.claim(
        number=ticket.number, staff_id=viewer.staff_id or 0, actor=viewer.actor, at=now()
    )
    return back_to_case(request, number, _("已领取"))


@staff_only("dispatch.assign")
@require_POST
def acknowledgement(request: HttpRequest, number: str) -> HttpResponse:
    """Say that somebody looks after the alarm."""
    viewer = staff_viewer(request)
    ticket = tickets.by_number(viewer, number)
    alarming.acknowledge_alarm(number=ticket.number, actor=viewer.actor, at=now())
    return htmx.go_to(request, reverse("console:dispatch"))


@staff_only("tickets.view")
def of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Show a ticket's work orders with the reasons of each choice."""
    viewer = staff_viewer(request)
    ticket = case.opened(viewer, number)
    edition = standard.read(ticket.edition_id)
    context = {
        **case.shell(viewer, ticket, tab="ticket_dispatch"),
        "orders": [_order(one, edition) for one in orders.of_ticket(viewer, number)[:20]],
    }
    return show(request, "dispatch/of_ticket.html", context, part="tab")


def _order(order: WorkOrder, edition: Edition) -> dict[str, Any]:
    reason: Mapping[str, Any] = order.reason
    chosen = reason.get("chosen")
    return {
        "order": order,
        "by": BY.get(str(reason.get("by")), reason.get("by")),
        "note": reason.get("note", ""),
        "despite": [WHY.get(str(one), one) for one in reason.get("despite", ())],
        "chosen": _kept(chosen) if chosen else None,
        "others": [_kept(one) for one in reason.get("others", ())],
        "counts": _counts(reason),
        "skill": _skill(edition, str(reason.get("skill", ""))),
        "open_at_most": reason.get("open_at_most"),
        "hours_clause": str(reason.get("hours_clause", "")),
        "qualification_clause": str(reason.get("qualification_clause", "")),
        "movable": appointments.movable(order),
        "booked": [one.resource.name for one in order.bookings.all() if one.resource],
    }


def _skill(edition: Edition, code: str) -> str:
    found = next((one for one in edition.skills if one.code == code), None)
    return localized(found) if found else code


def _kept(one: Mapping[str, Any]) -> Explained:
    return Explained(
        staff_id=int(one.get("staff") or 0),
        name=str(one.get("name", "")),
        why=str(WHY.get(str(one.get("reason", "")), one.get("reason", ""))),
        open_count=int(one.get("open") or 0),
        starts_at=parse_datetime(str(one.get("starts_at", ""))),
        distance_km=one.get("distance_km"),
        lacking="、".join(map(str, one.get("lacking", ()))),
    )


def _counts(reason: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    counts: Mapping[str, int] = reason.get("counts", {})
    return tuple((str(WHY.get(code, code)), count) for code, count in counts.items())


def _alarms(alarms: list[Alarm]) -> list[AlarmShown]:
    late = {one.reasons["staff"] for one in alarms if one.reasons.get("by") == orders.MISSED}
    names = parties.names_of(sorted(late)) if late else {}
    return [_alarm(one, names) for one in alarms]


def _alarm(alarm: Alarm, names: Mapping[int, str]) -> AlarmShown:
    reasons: Mapping[str, Any] = alarm.reasons
    return AlarmShown(
        alarm=alarm,
        by=str(BY.get(str(reasons.get("by")), "")),
        counts=_counts(reasons),
        others=tuple(_kept(one) for one in reasons.get("others", ())[:5]),
        missed_at=parse_datetime(str(reasons.get("planned_at", ""))),
        technician=names.get(int(reasons.get("staff") or 0), ""),
    )


def _choice(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    viewer = staff_viewer(request)
    choice = candidates.explained(viewer, ticket.number, at=now())
    everybody = [*([choice.chosen] if choice.chosen else []), *choice.others]
    team_ids = {one.candidate.team_id for one in everybody if one.candidate.team_id}
    return {
        "best": choice.chosen.candidate.staff_id if choice.chosen else None,
        "candidates": [_considered(one) for one in everybody[:40]],
        "teams": list(parties.teams_visible_to(viewer).filter(pk__in=team_ids)),
        "taken": ticket.assignee_id is not None or ticket.team_id is not None,
    }


def _considered(one: Considered) -> Explained:
    return Explained(
        staff_id=one.candidate.staff_id,
        name=one.candidate.name,
        why=str(WHY.get(str(one.why), one.why)) if one.why else "",
        open_count=one.candidate.open_count,
        starts_at=one.slot.period.start if one.slot else None,
        distance_km=one.score.distance_km if one.score else None,
        lacking="、".join(one.lacking),
        selectable=one.possible or one.why in OVERRULABLE,
        overrules=not one.possible and one.why in OVERRULABLE,
    )


def _person(row: PersonRow, at: datetime) -> Person:
    current = next((one for one in row.bookings if at in one.period), None)
    following = next((one for one in row.bookings if one.period.start > at), None)
    return Person(row, any(at in shift for shift in row.shifts), current, following)


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return localtime(now()).date()


def _tabs(current: str) -> list[dict[str, Any]]:
    words = (("dispatch", _("待派与人员")), ("dispatch_resources", _("仪器、车辆与场地")))
    return [
        {"label": label, "url": reverse(f"console:{route}"), "active": route == current}
        for route, label in words
    ]
