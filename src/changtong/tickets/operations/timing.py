"""Start and stop a ticket's clocks at the moments that the standard names."""

from __future__ import annotations

from datetime import datetime

from changtong.clocks import operations as clocks
from changtong.clocks import queries as clock_queries
from changtong.standard import queries as standard
from changtong.standard.domain import words
from changtong.standard.domain.rules import Target
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import Ticket
from changtong.tickets.operations import carrying


REOPENED = frozenset({"ticket.resolved", "evaluation.requested"})


def mark(
    ticket: Ticket, *moments: str, at: datetime, actor: str, opened_now: bool = False
) -> None:
    """
    Tell the clocks what just happened; the caller saves `due_at` with its other fields.

    :param opened_now: the ticket is new, so there is no clock that could stop
    """
    targets = applicable(ticket)
    starting = [target for target in targets if target.starts_on in moments]
    if "repair.provisional" in moments:
        # Restored provisionally once more: the time for the permanent repair runs already.
        running = {clock.metric for clock in clock_queries.of(ticket.number) if clock.is_open}
        starting = [one for one in starting if one.metric not in running]
    met = [target for target in starting if target.stops_on in moments]
    if opened_now:
        started = clocks.start_all(
            subject=ticket.number,
            targets=starting,
            edition_id=ticket.edition_id,
            at=at,
            met=met,
            actor=actor,
        )
        ticket.due_at = clock_queries.earliest_due_among(started)
    else:
        over = {*moments, ""}
        due_at = clocks.advance(
            subject=ticket.number,
            stopping={
                target.metric
                for target in targets
                if target.stops_on in moments or target.again_until in moments
            },
            starting=starting,
            edition_id=ticket.edition_id,
            at=at,
            met=met,
            actor=actor,
            renewing=[
                target
                for target in targets
                if target.stops_on in moments and target.again_until not in over
            ],
        )
        due_at = carrying.reach(ticket, moments, due=due_at, at=at, actor=actor)
        # What is owed after closing does not bring a ticket back into the queue.
        ticket.due_at = None if State(ticket.state) in lifecycle.FINAL else due_at


def applicable(ticket: Ticket) -> tuple[Target, ...]:
    """Return every limit that the ticket's edition sets for it."""
    return standard.read(ticket.edition_id).targets(
        kind=ticket.kind,
        priority=ticket.priority,
        region=ticket.region_path,
        region_type=ticket.region_type,
        family=ticket.family,
        tier=ticket.tier,
        category=ticket.category,
    )


def regrade(ticket: Ticket, *, at: datetime, actor: str) -> None:
    """Give a regraded ticket the limits of its new grade, from the original start."""
    clocks.regrade(
        subject=ticket.number,
        targets=applicable(ticket),
        edition_id=ticket.edition_id,
        at=at,
        actor=actor,
    )
    ticket.due_at = carrying.earliest_due(ticket)


def reopen(ticket: Ticket, *, at: datetime, actor: str) -> None:
    """Let the handling clocks that a refused result had stopped run on."""
    metrics = {
        target.metric
        for target in applicable(ticket)
        if target.stops_on in REOPENED or target.again_until in REOPENED
    }
    for subject in carrying.subjects(ticket):
        clocks.reopen(subject=subject, metrics=sorted(metrics), at=at, actor=actor)
    stopping = {target.metric for target in applicable(ticket) if target.starts_on in REOPENED}
    clocks.void(
        subject=ticket.number, metrics=sorted(stopping), at=at, actor=actor, reason="reopened"
    )
    ticket.due_at = carrying.earliest_due(ticket)


def void_for_cause(ticket: Ticket, *, cause: str, evidence: str, at: datetime, actor: str) -> None:
    """End the limits that their clause does not set where this was the cause."""
    clauses = {one.clause for one in applicable(ticket) if cause in one.void_if_cause}
    for subject in carrying.subjects(ticket) if clauses else ():
        clocks.void(
            subject=subject,
            clauses=clauses,
            at=at,
            actor=actor,
            reason="cause",
            evidence=evidence,
        )


def stop_all(ticket: Ticket, *, at: datetime, actor: str) -> None:
    """Stop whatever still runs, but for what is owed after closing."""
    owed = {one.metric for one in applicable(ticket) if one.stops_on in words.AFTER_CLOSING}
    for subject in carrying.subjects(ticket):
        clocks.stop(subject=subject, at=at, actor=actor, metrics=set(words.METRICS) - owed)
    ticket.due_at = None


def void(ticket: Ticket, *, at: datetime, actor: str, reason: str) -> None:
    """End all clocks without a result: the matter was rejected or withdrawn."""
    clocks.void(subject=ticket.number, metrics=None, at=at, actor=actor, reason=reason)
