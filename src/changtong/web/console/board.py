"""The leader's board: who has what, what nobody has, and how it looks from across the room."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from changtong.dispatch.queries import board, loads, orders
from changtong.dispatch.queries.board import Booked, PersonRow
from changtong.infra.clock import now
from changtong.intake.queries import waits
from changtong.intake.queries.queueing import hall_day
from changtong.standard import queries as standard
from changtong.tickets.domain.lifecycle import State
from changtong.web.console.counters import in_force
from changtong.web.console.frame import show
from changtong.web.console.reasons import BY
from changtong.web.console.tickets.rows import RISK_AT_MOST, RISK_SHARE, risky_from
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.standard.domain.counters import CounterRule


HELD_AT_MOST = 2_000
CARDS_AT_MOST = 12
WAITING_AT_MOST = 30
ALARMS_AT_MOST = 20
PRESSING_AT_MOST = 8
NAMED_AT_MOST = 24
# A screen that hears nothing looks once a minute; after two missed looks it says that it is old.
STALE_AFTER_SECONDS = 150
SHOWN = (
    "number",
    "title",
    "kind",
    "priority",
    "state",
    "opened_at",
    "due_at",
    "assignee_id",
    "team__name",
    "region__name",
)


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket on the board."""

    ticket: Any
    warn_at: datetime | None
    standing: str
    move_url: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A person with what they hold."""

    row: PersonRow
    on_duty: bool
    until: datetime | None
    working_on: Booked | None
    next_booking: Booked | None
    cards: tuple[Card, ...]
    open: int
    more: int
    states: tuple[tuple[str, int], ...]
    at_risk: int
    breached: int


@dataclass(frozen=True, slots=True)
class TeamLanes:
    """A team with its people."""

    pk: int | None
    name: str
    mode: str
    lanes: tuple[Lane, ...]

    @property
    def on_duty(self) -> int:
        """Return how many are on duty."""
        return sum(one.on_duty for one in self.lanes)

    @property
    def open(self) -> int:
        """Return how many tickets are not resolved."""
        return sum(one.open for one in self.lanes)

    @property
    def at_risk(self) -> int:
        """Return how many tickets run out soon."""
        return sum(one.at_risk for one in self.lanes)

    @property
    def breached(self) -> int:
        """Return how many tickets are late."""
        return sum(one.breached for one in self.lanes)


@staff_only("dispatch.view")
def page(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    at = now()
    people = board.board(viewer, localtime(at).date(), counted=False)
    held = loads.held_by(viewer, [one.staff_id for one in people])
    shown = list(held.values_list(*SHOWN, named=True)[:HELD_AT_MOST])
    waiting = loads.waiting(viewer).values_list(*SHOWN, named=True)
    halls = waits.waiting_now(viewer, at=at)
    context = {
        "teams": _teams(people, shown, at),
        "waiting": [_card(one, at) for one in waiting[:WAITING_AT_MOST]],
        "alarms": [
            (one, str(BY.get(str(one.reasons.get("by")), "")))
            for one in orders.alarms(viewer)[:ALARMS_AT_MOST]
        ],
        "moves": viewer.may("dispatch.assign"),
        "move_url": reverse("console:selection_assignment"),
        "clipped": len(shown) == HELD_AT_MOST,
        "halls": halls,
        "counters": _judged_by(halls),
        "figures": viewer.may(waits.FIGURES),
        "at": at,
    }
    return show(request, "board/page.html", context, part="live")


@staff_only("dispatch.view")
def wall(request: HttpRequest) -> HttpResponse:
    """Show what a room must know from five meters, and nothing about customers."""
    viewer = staff_viewer(request)
    at = now()
    people = board.board(viewer, localtime(at).date(), counted=False)
    on_duty = [one.name for one in people if any(at in shift for shift in one.shifts)]
    pressing = loads.pressing(viewer).values_list(*SHOWN, named=True)[:PRESSING_AT_MOST]
    context = {
        "totals": loads.totals(viewer, at=at, risk_share=RISK_SHARE, risk_at_most=RISK_AT_MOST),
        "sounding": loads.sounding(viewer),
        "pressing": [_card(one, at) for one in pressing],
        "on_duty": on_duty[:NAMED_AT_MOST],
        "on_duty_count": len(on_duty),
        "more_on_duty": max(0, len(on_duty) - NAMED_AT_MOST),
        "stale_after": STALE_AFTER_SECONDS,
        "at": at,
    }
    return show(request, "board/wall.html", context, part="live")


@staff_only(waits.FIGURES)
def hall_waits(request: HttpRequest) -> HttpResponse:
    """Report how people waited in the service halls, today and in the last seven days."""
    at = now()
    waiting, today = waits.waiting_now(staff_viewer(request), at=at), hall_day(at)
    halls = [one.hall for one in waiting]
    first = today - timedelta(days=waits.DAYS - 1)
    context = {
        "rows": zip(
            waiting,
            waits.waits_of(halls, first=today, last=today),
            waits.waits_of(halls, first=first, last=today),
            strict=True,
        ),
        "halls": halls,
        "counters": in_force(at),
        "today": today,
        "first": first,
        "at": at,
    }
    return show(request, "board/halls.html", context)


def _judged_by(halls: Sequence[waits.Waiting]) -> CounterRule | None:
    """Return what the newest number was given by; an edition is read once in a process."""
    given_by = max((one.edition_id for one in halls if one.edition_id), default=None)
    return standard.read(given_by).counters if given_by else None


def _teams(people: Sequence[PersonRow], shown: Sequence[Any], at: datetime) -> list[TeamLanes]:
    held: dict[int, list[Any]] = defaultdict(list)
    for one in shown:
        held[one.assignee_id].append(one)
    lanes: dict[tuple[str, int | None, str], list[Lane]] = defaultdict(list)
    for row in people:
        lanes[row.team, row.team_id, row.mode].append(_lane(row, held[row.staff_id], at))
    return [
        TeamLanes(pk, name, mode, tuple(sorted(found, key=_most_pressing_first)))
        for (name, pk, mode), found in sorted(lanes.items(), key=lambda item: item[0][0])
    ]


def _most_pressing_first(lane: Lane) -> tuple[bool, int, int, str]:
    return not lane.on_duty, -lane.breached, -lane.at_risk, lane.row.number


def _lane(row: PersonRow, held: Sequence[Any], at: datetime) -> Lane:
    open_ = [_card(one, at) for one in held if one.state != State.RESOLVED]
    standing = Counter(one.standing for one in open_)
    states = Counter(one.state for one in held)
    shift = next((one for one in row.shifts if at in one), None)
    return Lane(
        row=row,
        on_duty=shift is not None,
        until=shift.end if shift else None,
        working_on=next((one for one in row.bookings if at in one.period), None),
        next_booking=next((one for one in row.bookings if one.period.start > at), None),
        cards=tuple(open_[:CARDS_AT_MOST]),
        open=len(open_),
        more=max(0, len(open_) - CARDS_AT_MOST),
        states=tuple((state, states[state]) for state in State if states[state]),
        at_risk=standing["at_risk"],
        breached=standing["breached"],
    )


def _card(ticket: Any, at: datetime) -> Card:
    warn_at = risky_from(ticket.opened_at, ticket.due_at)
    return Card(
        ticket=ticket,
        warn_at=warn_at,
        standing=_standing(ticket.due_at, warn_at, at),
        move_url=_move_url(ticket.number),
    )


def _standing(due_at: datetime | None, warn_at: datetime | None, at: datetime) -> str:
    if due_at is None:
        return "paused"
    if due_at <= at:
        return "breached"
    return "at_risk" if warn_at is not None and warn_at <= at else "running"


def _move_url(number: str) -> str:
    given = {"numbers": number, "reason": _("均衡工作量")}
    return f"{reverse('console:selection_assignment')}?{urlencode(given)}"
