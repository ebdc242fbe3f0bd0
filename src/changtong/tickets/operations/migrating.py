"""Move unfinished tickets to another edition: on purpose, with a reason, its effect seen first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.clocks import queries as clocks
from changtong.clocks.queries import drafting
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.operations import timing


if TYPE_CHECKING:
    from changtong.clocks.models import Clock, Key
    from changtong.standard.domain.rules import Target
    from changtong.tickets.models import Ticket


# 在办案件转换: how unfinished cases come under another edition.
CLAUSE = "26.8"


@dataclass(frozen=True, slots=True)
class Moved:
    """One limit of a ticket before and after; a side without the limit has no due time."""

    metric: str
    basis: str
    clause: str
    before: datetime | None
    after: datetime | None
    is_broken: bool

    @property
    def how(self) -> str:
        """Return how the due time moves: `added`, `removed`, `earlier`, `later` or `same`."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.before == self.after:
            return "same"
        return "earlier" if self.after < self.before else "later"


def effect(ticket: Ticket, *, edition_id: int, at: datetime) -> list[Moved]:
    """Return which limits of a ticket would move under another edition; nothing is written."""
    ticket.edition_id, before = edition_id, ticket.edition_id
    try:
        targets = timing.applicable(ticket)
    finally:
        ticket.edition_id = before
    return list(_moved(ticket.number, targets, edition_id, at))


def _moved(
    number: str, targets: Sequence[Target], edition_id: int, at: datetime
) -> Iterator[Moved]:
    running = [clock for clock in clocks.of(number) if clock.is_open]
    open_ = {clock.key: clock for clock in running}
    for new in drafting.replacement(number, running, targets, edition_id, at=at).new:
        old = open_.pop(new.key, None) or _like(open_, new.metric, new.basis)
        broken = new.state == "running" and new.due_at < at
        was_broken = old is not None and (old.breached_at is not None or old.is_overdue(at))
        yield Moved(
            new.metric,
            new.basis,
            new.clause,
            old.due_at if old else None,
            new.due_at,
            broken and not was_broken,
        )
    for old in open_.values():
        yield Moved(old.metric, old.basis, old.clause, old.due_at, None, is_broken=False)


def _like(open_: dict[Key, Clock], metric: str, basis: str) -> Clock | None:
    key = next((key for key in open_ if key[:2] == (metric, basis)), None)
    return open_.pop(key) if key else None


@transaction.atomic
def migrate(*, number: str, edition_id: int, reason: str, actor: str, at: datetime) -> Ticket:
    """
    Give an unfinished ticket the limits of another edition, from the original starts.

    Pauses are kept. A limit that is over by then is broken now, not in the past. Category and
    priority stay as they were given. Asked again, it changes nothing.

    :raises Refused: ``migration.unreasoned``, ``ticket.finished``, ``edition.withdrawn_already``
    :raises Missing: ``edition.unknown``, ``category.unknown``
    """
    if not reason.strip():
        raise Refused("migration.unreasoned", clause=CLAUSE)
    wanted = standard.edition_by_id(edition_id)
    if wanted.withdrawn_at is not None:
        raise Refused("edition.withdrawn_already", clause=CLAUSE, version=wanted.version)
    ticket = queries.locked(number)
    if State(ticket.state) in lifecycle.FINAL:
        raise Refused("ticket.finished", state=ticket.state)
    if ticket.edition_id == edition_id:
        return ticket
    if ticket.category:
        standard.read(edition_id).category(ticket.category)
    editions, due = [ticket.edition_id, edition_id], ticket.due_at
    ticket.edition_id = edition_id
    timing.regrade(ticket, at=at, actor=actor)
    ticket.save(update_fields=["edition", "due_at"])
    journal.record(
        tag="ticket.edition_migrated",
        subject=number,
        actor=actor,
        at=at,
        edition=editions,
        reason=reason.strip(),
        clause=CLAUSE,
        due_at=[due and due.isoformat(), ticket.due_at and ticket.due_at.isoformat()],
    )
    return ticket
