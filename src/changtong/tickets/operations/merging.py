"""Make one case of two that are one matter, and two again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.clocks import queries as clock_queries
from changtong.clocks.operations import handing_over
from changtong.clocks.operations.handing_over import HandedOver
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle, structure
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.domain.structure import MERGING
from changtong.tickets.models import Merger, Ticket
from changtong.tickets.operations import carrying
from changtong.tickets.queries import relations


REASON = "merged"
UNDONE = "merger_undone"


@transaction.atomic
def merge(*, number: str, into: str, reason: str, actor: str, at: datetime) -> Merger:
    """
    Merge a case into another, which carries on every promise that is still owed.

    Its own clocks are void from now on. Copies of them follow what happens to the survivor, so
    that the clocks of neither are touched by what it owes to the other's applicant.

    :raises Refused: ``merger.unreasoned``, ``ticket.cannot_move``, as `structure.check_merger`
    :raises Missing: ``ticket.unknown``
    """
    if not reason.strip():
        raise Refused("merger.unreasoned", clause=MERGING)
    ticket, survivor = relations.locked_pair(number, into)
    structure.check_merger(ticket=relations.party(ticket), survivor=relations.party(survivor))
    before = State(ticket.state)
    ticket.state = lifecycle.move(current=before, wanted=State.MERGED)
    ticket.due_at = None
    handed_over = handing_over.hand_over(
        subject=number,
        fulfilled=carrying.fulfilled(survivor),
        reason=REASON,
        evidence=into,
        at=at,
        actor=actor,
    )
    merger = Merger.objects.create(
        ticket=ticket,
        survivor=survivor,
        reason=reason.strip(),
        clause=MERGING,
        state=before,
        handed_over=handed_over._asdict(),
        merged_by=actor,
        merged_at=at,
    )
    ticket.save(update_fields=["state", "due_at"])
    survivor.carries = True
    survivor.due_at = carrying.earliest_due(survivor)
    survivor.save(update_fields=["carries", "due_at"])
    facts = {"reason": merger.reason, "clause": MERGING}
    journal.record(tag="ticket.merged", subject=number, actor=actor, at=at, into=into, **facts)
    journal.record(tag="ticket.absorbed", subject=into, actor=actor, at=at, other=number, **facts)
    return merger


@transaction.atomic
def undo(*, number: str, reason: str, actor: str, at: datetime) -> Merger:
    """
    Take a case out of the one that it was merged into, as if it had never been merged.

    Its clocks run on from their own starts with their own pauses; what has come true in the
    meantime comes true when it did.

    :raises Refused: ``merger.unreasoned``, ``merger.none``, ``merger.settled``
    """
    if not reason.strip():
        raise Refused("merger.unreasoned", clause=MERGING)
    found = relations.standing_merger(number)
    if found is None:
        raise Refused("merger.none", clause=MERGING, number=number)
    # In the order in which whoever ends a case takes those that were merged into it.
    survivor, ticket = queries.locked(found.survivor.number), queries.locked(number)
    # Looked for again, now that nobody else can undo or settle it.
    merger = Merger.objects.select_for_update().filter(pk=found.pk, undone_at=None).first()
    if merger is None:
        raise Refused("merger.none", clause=MERGING, number=number)
    if merger.settled_at is not None or survivor.state == State.CLOSED:
        raise Refused("merger.settled", clause=MERGING, into=survivor.number)
    ticket.state = lifecycle.unmerged(current=State(ticket.state), before=State(merger.state))
    handing_over.take_back(
        subject=number,
        handed_over=HandedOver(**merger.handed_over),
        reason=UNDONE,
        evidence=reason.strip(),
        at=at,
        actor=actor,
    )
    ticket.due_at = clock_queries.running_earliest_due(number)
    ticket.save(update_fields=["state", "due_at"])
    merger.undone_by, merger.undone_at = actor, at
    merger.undone_because = reason.strip()
    merger.save(update_fields=["undone_by", "undone_at", "undone_because"])
    _release(survivor)
    facts = {"reason": merger.undone_because, "clause": MERGING}
    journal.record(
        tag="ticket.unmerged", subject=number, actor=actor, at=at, into=survivor.number, **facts
    )
    journal.record(
        tag="ticket.released", subject=survivor.number, actor=actor, at=at, other=number, **facts
    )
    return merger


def _release(survivor: Ticket) -> None:
    survivor.carries = relations.mergers_into(survivor).exists()
    if State(survivor.state) not in lifecycle.FINAL:
        survivor.due_at = carrying.earliest_due(survivor)
    survivor.save(update_fields=["carries", "due_at"])


@transaction.atomic
def follow(*, number: str, tag: str, actor: str, at: datetime) -> list[Merger]:
    """
    Let those merged into a case share its end; without a result they are cases again.

    :param tag: how it ended, or that it has a result
    """
    survivor = queries.locked(number)
    followed = []
    for merger in relations.mergers_into(survivor):
        if merger.settled_at is not None:
            continue
        if tag == "ticket.resolved":
            journal.record(
                tag="merger.answered",
                subject=merger.ticket.number,
                actor=actor,
                at=at,
                into=number,
            )
        elif tag == "ticket.closed":
            _settle(merger, number, actor=actor, at=at)
        else:
            undo(number=merger.ticket.number, reason=tag, actor=actor, at=at)
        followed.append(merger)
    return followed


def _settle(merger: Merger, into: str, *, actor: str, at: datetime) -> None:
    ticket = queries.locked(merger.ticket.number)
    ticket.closed_at, ticket.finished_because = at, REASON
    ticket.save(update_fields=["closed_at", "finished_because"])
    merger.settled_at = at
    merger.save(update_fields=["settled_at"])
    journal.record(
        tag="merger.settled",
        subject=ticket.number,
        actor=actor,
        at=at,
        into=into,
        clause=merger.clause,
    )
