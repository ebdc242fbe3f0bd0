"""Look after what nobody could be given or nobody has claimed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from changtong.dispatch.models import WorkOrder
from changtong.dispatch.operations import alarming, giving
from changtong.dispatch.queries import orders
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State


log = logging.getLogger(__name__)

ACTOR = "system:dispatch"


def retry_alarms(*, at: datetime) -> int:
    """
    Try again what nobody could be given, and raise alarms for what nobody has claimed in time.

    Return how many tickets were given to somebody.
    """
    given = 0
    for number in orders.alarms_to_retry():
        try:
            given += _retry(number=number, at=at)
        except Refused as refused:
            # One ticket that cannot be assigned must not keep the others waiting.
            log.warning("retrying the alarm of %s: %s", number, refused)
    for work_order in orders.unclaimed(at=at):
        rule = standard.read(work_order.ticket.edition_id).assignment(kind=work_order.ticket.kind)
        if work_order.issued_at + rule.alarm_after <= at:
            _raise_unclaimed(
                number=work_order.ticket_number, within=rule.alarm_after, clause=rule.clause, at=at
            )
    return given


@transaction.atomic
def _retry(*, number: str, at: datetime) -> bool:
    ticket = tickets.locked(number)
    if State(ticket.state) is State.ACCEPTED and orders.open_of(ticket.pk) is None:
        alarm = orders.open_alarm_of(ticket.pk)
        result = giving.choose_and_issue(
            ticket,
            by="retried",
            actor=ACTOR,
            at=at,
            not_to=alarm.reasons.get("not_to") if alarm else None,
        )
        return isinstance(result, WorkOrder)
    if ticket.assignee_id is not None or State(ticket.state) is not State.ASSIGNED:
        alarming.clear(ticket_id=ticket.pk, at=at)
    return False


@transaction.atomic
def _raise_unclaimed(*, number: str, within: timedelta, clause: str, at: datetime) -> None:
    ticket = tickets.locked(number)
    work_order = orders.open_of(ticket.pk)
    if work_order is None or work_order.technician_id is not None:
        return
    alarming.sound(
        ticket,
        reasons={
            "by": "unclaimed",
            "work_order": work_order.number,
            "team": work_order.team_id,
            "within_minutes": int(within.total_seconds() // 60),
        },
        clause=clause,
        actor=ACTOR,
        at=at,
    )
