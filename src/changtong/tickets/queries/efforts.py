"""Time that people say they have spent on a ticket."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Sum

from changtong.tickets.models import LogEntry, Ticket


def with_time() -> Exists:
    """Return the condition on tickets that somebody has said how long something took."""
    return Exists(LogEntry.objects.filter(ticket=OuterRef("pk"), minutes__isnull=False))


def minutes_by_actor(ticket: Ticket) -> dict[str, int]:
    """Return the minutes that each has spent, whoever has spent the most first."""
    told = LogEntry.objects.filter(ticket=ticket, minutes__isnull=False).values_list("actor")
    return dict(told.annotate(spent=Sum("minutes")).order_by("-spent", "actor"))
