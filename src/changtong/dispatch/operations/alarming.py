"""What nobody could be given does not wait in silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.dispatch.models import Alarm
from changtong.dispatch.queries import orders
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


def sound(
    ticket: Ticket,
    *,
    reasons: Mapping[str, object],
    clause: str,
    actor: str,
    at: datetime,
    tag: str = "assignment.failed",
) -> Alarm:
    """
    Raise the ticket's alarm, or note in the standing one that it was tried again.

    :param tag: what the journal says has happened
    """
    alarm, raised = Alarm.objects.get_or_create(
        ticket_id=ticket.pk,
        cleared_at=None,
        defaults={
            "ticket_number": ticket.number,
            "raised_at": at,
            "tried_at": at,
            "reasons": dict(reasons),
            "clause": clause,
        },
    )
    if raised:
        journal.record(
            tag=tag,
            subject=ticket.number,
            actor=actor,
            at=at,
            alarm=alarm.pk,
            clause=clause,
            by=reasons.get("by"),
            counts=reasons.get("counts", {}),
        )
    else:
        alarm.tried_at, alarm.reasons = at, dict(reasons)
        alarm.save(update_fields=["tried_at", "reasons"])
    return alarm


def clear(*, ticket_id: int, at: datetime) -> int:
    """Clear the ticket's alarm, since what it was about is settled; return how many stood."""
    return Alarm.objects.filter(ticket_id=ticket_id, cleared_at=None).update(cleared_at=at)


@transaction.atomic
def acknowledge_alarm(*, number: str, actor: str, at: datetime) -> Alarm:
    """
    Note that a dispatcher has seen the ticket's alarm and looks after it.

    :raises Missing: ``alarm.unknown``
    :raises Refused: ``alarm.acknowledged_already``
    """
    alarm = orders.open_alarm_of(tickets.locked(number).pk)
    if alarm is None:
        raise Missing("alarm.unknown", number=number)
    if alarm.acknowledged_at is not None:
        raise Refused("alarm.acknowledged_already", by=alarm.acknowledged_by)
    alarm.acknowledged_by, alarm.acknowledged_at = actor, at
    alarm.save(update_fields=["acknowledged_by", "acknowledged_at"])
    journal.record(tag="alarm.acknowledged", subject=number, actor=actor, at=at, alarm=alarm.pk)
    return alarm
