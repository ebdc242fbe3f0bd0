"""What every way of giving work to somebody shares: the checks, the choice, the writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from changtong.dispatch.domain import explaining
from changtong.dispatch.domain.choosing import (
    OVERRULABLE,
    Candidate,
    Choice,
    Considered,
    Why,
    choose,
    overruled,
)
from changtong.dispatch.models import Alarm, WorkOrder
from changtong.dispatch.operations import alarming, issuing
from changtong.dispatch.queries import candidates
from changtong.dispatch.queries.candidates import Work
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period
from changtong.parties import queries as parties
from changtong.tickets.domain.lifecycle import State


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


ASSIGNABLE = frozenset({State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS})


Given = TypeVar("Given")

ATTEMPTS = 3


def again_if_booked(give_out: Callable[[], Given]) -> Given:
    """
    Choose again when the database says that somebody else was faster.

    Resources and teams are locked before anything is read, so this is rare: a person in teams
    of two regions can be booked from both sides at once.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return give_out()
        except Refused as refused:
            if refused.code != "assignment.booked":
                raise
    return give_out()


def choose_and_issue(
    ticket: Ticket,
    *,
    by: str,
    actor: str,
    at: datetime,
    note: str = "",
    not_to: int | None = None,
    work: Work | None = None,
) -> WorkOrder | Alarm:
    work = work or candidates.work_on(ticket, at=at, lock=True)
    found = candidates.around(ticket, work, at=at, lock=True)
    choice = choose((one for one in found if one.staff_id != not_to), work.needs, at)
    reason = explaining.reason(choice, work.needs, by=by, note=note)
    if choice.chosen is None:
        # Whoever gave it back is not asked again by the sweep either.
        return alarming.sound(
            ticket,
            reasons={**reason, "not_to": not_to},
            clause=work.needs.load_clause,
            actor=actor,
            at=at,
        )
    return issuing.issue(
        ticket,
        work,
        team_id=choice.chosen.candidate.team_id,
        staff_id=choice.chosen.candidate.staff_id,
        slot=choice.chosen.slot,
        reason=reason,
        actor=actor,
        at=at,
    )


def give(
    ticket: Ticket,
    *,
    staff_id: int | None,
    team_id: int | None,
    planned: Period | None,
    note: str,
    actor: str,
    at: datetime,
    by: str = "dispatcher",
    may: frozenset[Why] = OVERRULABLE,
) -> WorkOrder:
    work = candidates.work_on(ticket, at=at, lock=True, fixed=planned)
    if staff_id is None:
        if team_id is None:
            raise Refused("assignment.to_nobody")
        return issuing.issue(
            ticket,
            work,
            team_id=_known_team(team_id),
            staff_id=None,
            slot=None,
            reason=explaining.reason(Choice(None, ()), work.needs, by=by, note=note),
            actor=actor,
            at=at,
        )
    candidate = candidates.person(staff_id, work, at=at, lock=True)
    one, despite = agreed(candidate, work, at=at, may=may, fixed=planned is not None)
    return issuing.issue(
        ticket,
        work,
        team_id=candidate.team_id if team_id is None else _known_team(team_id),
        staff_id=staff_id,
        slot=one.slot,
        reason=explaining.reason(
            _compared(one, ticket, work, at=at),
            work.needs,
            by=by,
            note=note,
            despite=despite,
        ),
        actor=actor,
        at=at,
    )


def _compared(one: Considered, ticket: Ticket, work: Work, *, at: datetime) -> Choice:
    """Set the person whom a dispatcher chose beside those whom the rules would have weighed."""
    found = candidates.around(ticket, work, at=at)
    rest = choose(
        (other for other in found if other.staff_id != one.candidate.staff_id), work.needs, at
    )
    passed_over = () if rest.chosen is None else (replace(rest.chosen, why=Why.LESS_SUITED),)
    return Choice(one, (*passed_over, *rest.others))


def agreed(
    candidate: Candidate, work: Work, *, at: datetime, may: frozenset[Why], fixed: bool
) -> tuple[Considered, Sequence[str]]:
    """
    Return when somebody can do it, late if need be, with what was overruled.

    :raises Refused: if something speaks against them that nobody may overrule
    """
    if not fixed:
        # Nobody is made to be in two places; a visit whose hour is open comes later instead.
        may = may - {Why.ON_THE_WAY}
    one, despite = overruled(candidate, work.needs, at, may=may)
    overrun: list[str] = [*map(str, despite)]
    if one.why in {Why.ALREADY_BOOKED, Why.ON_THE_WAY} and not fixed:
        one, again = overruled(candidate, work.needs_later(), at, may=may)
        overrun = [*map(str, again), "late"]
    if one.possible:
        return one, overrun
    needs = work.needs
    match one.why:
        case Why.QUALIFICATION_MISSING | Why.QUALIFICATION_EXPIRED:
            raise Refused(
                "assignment.unqualified",
                clause=needs.qualification_clause,
                name=candidate.name,
                skill=needs.skill,
                skill_name=needs.skill_name,
                skill_name_en=needs.skill_name_en,
                standing=one.why.removeprefix("qualification_"),
            )
        case Why.OUT_OF_HOURS:
            raise Refused("visit.out_of_hours", clause=needs.hours_clause)
        case Why.INACTIVE:
            raise Refused("assignment.inactive", clause=needs.clause, name=candidate.name)
        case Why.COMPLAINED_OF:
            raise Refused("assignment.complained_of", clause=needs.clause)
        case Why.AT_CAPACITY:
            raise Refused(
                "assignment.at_capacity",
                clause=needs.load_clause,
                name=candidate.name,
                open=candidate.open_count,
                at_most=needs.open_at_most,
            )
        case Why.OUT_OF_REGION | Why.OFF_SHIFT:
            raise Refused("assignment.unfitting", clause=needs.clause, name=candidate.name)
        case _:
            raise Refused(
                "assignment.booked",
                clause=needs.booking_clause,
                what="resource" if one.why is Why.RESOURCE_UNAVAILABLE else "person",
                name=candidate.name,
            )


def require_state(ticket: Ticket, states: frozenset[State]) -> None:
    if State(ticket.state) not in states:
        raise Refused("assignment.not_now", state=ticket.state)


def require_untaken(ticket: Ticket, work_order: WorkOrder | None) -> None:
    if work_order is not None:
        raise Refused("assignment.taken", work_order=work_order.number)


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("assignment.unreasoned")


def _known_team(team_id: int) -> int:
    if not parties.teams().filter(pk=team_id).exists():
        raise Missing("team.unknown", team=team_id)
    return team_id


def name(staff_id: int) -> str:
    return parties.names_of([staff_id]).get(staff_id, "")
