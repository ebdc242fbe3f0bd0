"""What other contexts impose on a ticket."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.infra import hot
from changtong.journal import operations as journal
from changtong.tickets import queries
from changtong.tickets.models import Hold


@transaction.atomic
def hold(*, number: str, reason: str, source: str, actor: str, at: datetime) -> Hold:
    """Keep the ticket from being closed until the same source lifts the hold."""
    ticket = queries.locked(number)
    # Whoever holds the lock is the only one who sets or lifts.
    standing = queries.standing_hold(ticket, source)
    if standing is not None:
        return standing
    hold = Hold(ticket=ticket, source=source, reason=reason, set_at=at)
    hot.insert([hold])
    journal.record(
        tag="ticket.hold_set", subject=number, actor=actor, at=at, reason=reason, source=source
    )
    return hold


@transaction.atomic
def lift(*, number: str, source: str, actor: str, at: datetime) -> int:
    """Lift the source's hold; return how many stood."""
    ticket = queries.locked(number)
    lifted = Hold.objects.filter(ticket=ticket, source=source, lifted_at=None).update(lifted_at=at)
    if lifted:
        journal.record(tag="ticket.hold_lifted", subject=number, actor=actor, at=at, source=source)
    return lifted
