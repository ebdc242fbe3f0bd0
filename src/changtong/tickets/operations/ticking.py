"""Tick what the checklists of the standard ask for while a ticket is handled."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.standard.domain import checklists
from changtong.tickets import queries
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.queries.ticks import TAKEN_BACK, TICKED, ticks_of


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


# From acceptance until there is a result.
TICKABLE = frozenset(
    {State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS, State.PENDING, State.HELD}
)


@transaction.atomic
def tick(*, number: str, item: str, actor: str, at: datetime) -> bool:
    """
    Say that an item is done; say whether it was not yet.

    :param item: its key, such as ``fault.tested``
    :raises Missing: ``checklist.item_unknown``
    :raises Refused: ``checklist.not_handled``
    """
    asked = _asked(queries.locked(number), item)
    if item in ticks_of(number):
        return False
    facts = {"item": item, "name": asked.name, "name_en": asked.name_en, "clause": asked.clause}
    journal.record(tag=TICKED, subject=number, actor=actor, at=at, **facts)
    return True


@transaction.atomic
def take_back(*, number: str, item: str, actor: str, at: datetime) -> bool:
    """
    Say that an item is not done after all; say whether it was ticked.

    :raises Missing: ``checklist.item_unknown``
    :raises Refused: ``checklist.not_handled``
    """
    asked = _asked(queries.locked(number), item)
    if item not in ticks_of(number):
        return False
    facts = {"item": item, "name": asked.name, "name_en": asked.name_en, "clause": asked.clause}
    journal.record(tag=TAKEN_BACK, subject=number, actor=actor, at=at, **facts)
    return True


def require_ticked(ticket: Ticket) -> None:
    """
    Let nobody submit a result before what the standard requires was done.

    :raises Refused: ``checklist.unfinished``
    """
    lists = _lists(ticket)
    # Most lists only remind: the journal is asked only when something is required.
    if any(item.required for one in lists for item in one.items):
        checklists.require_ticked(lists, ticks_of(ticket.number))


def _asked(ticket: Ticket, item: str) -> checklists.Item:
    found = checklists.item_of(_lists(ticket), item)
    if State(ticket.state) not in TICKABLE:
        raise Refused("checklist.not_handled", clause=found.clause)
    return found


def _lists(ticket: Ticket) -> tuple[checklists.Checklist, ...]:
    edition = standard.read(ticket.edition_id)
    return edition.checklists_of(kind=ticket.kind, category=ticket.category)
