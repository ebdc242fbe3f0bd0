"""What other contexts impose on a ticket."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.journal import operations as journal
from changtong.tickets import queries
from changtong.tickets.models import Hold


@transaction.atomic
def hold(*, number: str, reason: str, source: str, actor: str, at: datetime) -> Hold:
    """Keep the ticket from being closed until the same source lifts the hold."""
    ticket = queries.locked(number)
    standing, created = Hold.objects.get_or_create(
        ticket=ticket, source=source, lifted_at=None, defaults={"reason": reason, "set_at": at}
    )
    if created:
        journal.record(
            tag="ticket.hold_set",
            subject=number,
            actor=actor,
            at=at,
            reason=reason,
            source=source,
        )
    return standing


@transaction.atomic
def lift(*, number: str, source: str, actor: str, at: datetime) -> int:
    """Lift the source's hold; return how many stood."""
    ticket = queries.locked(number)
    lifted = Hold.objects.filter(ticket=ticket, source=source, lifted_at=None).update(lifted_at=at)
    if lifted:
        journal.record(tag="ticket.hold_lifted", subject=number, actor=actor, at=at, source=source)
    return lifted
