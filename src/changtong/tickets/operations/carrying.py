"""Let what happens to a case happen to the promises that it carries for those merged into it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from changtong.clocks import operations as clocks
from changtong.clocks import queries as clock_queries
from changtong.kernel.errors import Refused
from changtong.standard.domain.rules import PauseReason
from changtong.tickets.models import Ticket
from changtong.tickets.queries import relations


def subjects(ticket: Ticket) -> list[str]:
    """Return the subjects of the clocks that follow a case: its own, then those it carries."""
    return [ticket.number, *relations.carried_by(ticket)]


def earliest_due(ticket: Ticket) -> datetime | None:
    """Return when the most urgent limit towards any applicant of a case is due."""
    due = [clock_queries.running_earliest_due(one) for one in subjects(ticket)]
    return min((one for one in due if one is not None), default=None)


def reach(
    ticket: Ticket, moments: Collection[str], *, due: datetime | None, at: datetime, actor: str
) -> datetime | None:
    """Stop what the case carries until these moments; return the earliest due time of all."""
    if not ticket.carries:
        return due
    for subject in relations.carried_by(ticket):
        metrics = {
            clock.metric
            for clock in clock_queries.of(subject)
            if clock.is_open and clock.stops_on in moments
        }
        if metrics:
            clocks.stop(subject=subject, metrics=metrics, at=at, actor=actor)
    return earliest_due(ticket)


def pause(
    ticket: Ticket,
    reason: PauseReason,
    *,
    at: datetime,
    actor: str,
    until: datetime | None,
    since: datetime | None = None,
) -> None:
    """Let the promises that a case carries wait with it, each as long as it still may."""
    for subject in relations.carried_by(ticket):
        try:
            clocks.pause(
                subject=subject, reason=reason, at=at, actor=actor, until=until, since=since
            )
        except Refused as refused:
            # This applicant has waited long enough for it; their promise runs on.
            if refused.code != "clock.pause_used_up":
                raise


def fulfilled(ticket: Ticket) -> frozenset[str]:
    """Return the moments that a case has passed: what was limited until then is not owed again."""
    found = list(clock_queries.of(ticket.number))
    ahead = {clock.stops_on for clock in found if clock.is_open}
    return frozenset(clock.stops_on for clock in found if clock.stopped_at) - ahead
