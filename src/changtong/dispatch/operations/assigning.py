"""Give a ticket to somebody: automatically, by a dispatcher's word, or to whoever claims it."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from django.db import transaction

from changtong.dispatch.domain import explaining
from changtong.dispatch.domain.choosing import OVERRULABLE, Choice, Why
from changtong.dispatch.domain.lifecycle import State as Order
from changtong.dispatch.models import Alarm, WorkOrder
from changtong.dispatch.operations import giving, issuing
from changtong.dispatch.queries import candidates, orders
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.operations import working


log = logging.getLogger(__name__)


def assign_automatically(*, number: str, actor: str, at: datetime) -> WorkOrder | Alarm:
    """
    Choose who does an accepted ticket's work and book what it takes, or raise an alarm.

    :raises Refused: ``assignment.not_now``, ``assignment.taken``
    """
    return giving.again_if_booked(
        partial(_assign_automatically, number=number, actor=actor, at=at)
    )


@journal.as_one()
def _assign_automatically(*, number: str, actor: str, at: datetime) -> WorkOrder | Alarm:
    ticket = tickets.locked(number)
    giving.require_state(ticket, frozenset({State.ACCEPTED}))
    giving.require_untaken(ticket, orders.open_of(ticket.pk))
    return giving.choose_and_issue(ticket, by="automatic", actor=actor, at=at)


@transaction.atomic
def assign_to(
    *,
    number: str,
    reason: str,
    actor: str,
    at: datetime,
    staff_id: int | None = None,
    team_id: int | None = None,
    planned: Period | None = None,
) -> WorkOrder:
    """
    Give a ticket that nobody has to a person, or to a team whose members may claim it.

    :param planned: the time set for a visit; by default the earliest that is free
    :raises Refused: ``assignment.not_now``, ``assignment.taken``, ``assignment.unreasoned``,
        ``assignment.to_nobody``, ``assignment.unqualified``, ``assignment.inactive``,
        ``assignment.complained_of``, ``assignment.booked``
    :raises Missing: ``staff.unknown``, ``team.unknown``
    """
    giving.require_reason(reason)
    ticket = tickets.locked(number)
    giving.require_state(ticket, giving.ASSIGNABLE)
    giving.require_untaken(ticket, orders.open_of(ticket.pk))
    return giving.give(
        ticket,
        staff_id=staff_id,
        team_id=team_id,
        planned=planned,
        note=reason,
        actor=actor,
        at=at,
    )


@transaction.atomic
def reassign(
    *,
    number: str,
    reason: str,
    actor: str,
    at: datetime,
    staff_id: int | None = None,
    team_id: int | None = None,
    planned: Period | None = None,
    by: str = "dispatcher",
    may: frozenset[Why] = OVERRULABLE,
) -> WorkOrder | Alarm:
    """
    Take the ticket from whoever has it and give it to somebody else, in one step.

    Without a person or a team the best of the others is chosen.

    :param by: who decided, as it is kept with the work order
    :param may: what may be overruled for the person named

    :raises Refused: as `assign_to`, and ``assignment.none``, ``assignment.unchanged``
    """
    giving.require_reason(reason)
    ticket = tickets.locked(number)
    giving.require_state(ticket, giving.ASSIGNABLE)
    work_order = orders.open_of(ticket.pk)
    if work_order is None and ticket.assignee_id is None and ticket.team_id is None:
        raise Refused("assignment.none")
    before = ticket.assignee_id
    if staff_id is not None and staff_id == before and planned is None:
        raise Refused("assignment.unchanged", name=giving.name(staff_id))
    candidates.take_turns(ticket, before, staff_id)
    if work_order is not None:
        issuing.end(work_order, Order.CANCELLED, because=reason, actor=actor, at=at)
    if staff_id is not None or team_id is not None:
        return giving.give(
            ticket,
            staff_id=staff_id,
            team_id=team_id,
            planned=planned,
            note=reason,
            actor=actor,
            at=at,
            by=by,
            may=may,
        )
    ticket = working.unassign(number=number, reason=reason, actor=actor, at=at)
    chosen_by = "reassigned" if by == "dispatcher" else by
    return giving.choose_and_issue(
        ticket, by=chosen_by, note=reason, actor=actor, at=at, not_to=before
    )


@transaction.atomic
def hand_over(
    *,
    number: str,
    note: str,
    staff_id: int,
    actor: str,
    at: datetime,
    to_staff_id: int | None = None,
    to_team_id: int | None = None,
) -> WorkOrder | None:
    """
    Give away what one has oneself: to a colleague, a team, or whomever the rules choose.

    The note for whoever goes on stands in the case's story. Nothing is overruled: only a
    dispatcher may do that. If the rules find nobody, the dispatchers are alarmed.

    :param staff_id: whose it is, and who asks
    :raises Refused: as `reassign`, and ``assignment.not_yours``, ``assignment.unfitting``
    """
    giving.require_reason(note)
    ticket = tickets.locked(number)
    if ticket.assignee_id != staff_id:
        raise Refused("assignment.not_yours")
    working.log(number=number, type_="note", text=note, actor=actor, at=at)
    done = reassign(
        number=number,
        reason=note,
        actor=actor,
        at=at,
        staff_id=to_staff_id,
        team_id=to_team_id,
        by="handover",
        may=frozenset(),
    )
    return done if isinstance(done, WorkOrder) else None


@journal.as_one()
def claim(*, number: str, staff_id: int, actor: str, at: datetime) -> WorkOrder:
    """
    Take a ticket that nobody has yet; of many who try at once, exactly one gets it.

    :raises Refused: ``ticket.claimed_already``, ``assignment.not_now``,
        ``assignment.unqualified``, ``assignment.inactive``, ``assignment.complained_of``,
        ``assignment.at_capacity``, ``assignment.booked``
    :raises Missing: ``staff.unknown``
    """
    ticket = tickets.locked(number)
    if ticket.assignee_id is not None:
        raise Refused("ticket.claimed_already", name=giving.name(ticket.assignee_id))
    giving.require_state(ticket, frozenset({State.ACCEPTED, State.ASSIGNED}))
    queued = orders.open_of(ticket.pk)
    work = candidates.work_on(ticket, at=at, lock=True)
    candidate = candidates.person(staff_id, work, at=at, lock=True)
    one, despite = giving.agreed(
        candidate, work, at=at, may=OVERRULABLE - {Why.AT_CAPACITY}, fixed=False
    )
    if queued is not None:
        issuing.end(queued, Order.CANCELLED, because="claimed", actor=actor, at=at)
    return issuing.issue(
        ticket,
        work,
        team_id=ticket.team_id or candidate.team_id,
        staff_id=staff_id,
        slot=one.slot,
        reason=explaining.reason(Choice(one, ()), work.needs, by="claim", despite=despite),
        actor=actor,
        at=at,
    )


def relieve(*, staff_id: int, actor: str, at: datetime) -> int:
    """Give somebody's open work to others, for they have left; return how much there was."""
    numbers = orders.tickets_of(staff_id)
    for number in numbers:
        try:
            reassign(number=number, reason="relieved", actor=actor, at=at)
        except Refused as refused:
            # What waits is given to somebody else when it is taken up again.
            log.info("relieving %s of %s: %s", staff_id, number, refused)
    return len(numbers)
