"""The strip above a case: what matters about the customer while anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from changtong.intake import queries as intake
from changtong.tickets.domain.lifecycle import UNFINISHED


if TYPE_CHECKING:
    from changtong.intake.models import Contact
    from changtong.tickets.models import Ticket


CONTACTS_AT_MOST = 3
CLOCKS_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip says besides who the customer is."""

    # Another fault of the same line that is not done yet.
    fault: Ticket | None
    contacts: Sequence[Contact]
    # The limits that still run, the nearest first.
    clocks: Sequence[Any]


def strip(ticket: Ticket, related: Sequence[Ticket], clocks: Sequence[Any]) -> Strip:
    """Return the strip of a case from what its page has already read, and the last contacts."""
    faults = [
        one
        for one in related
        if one.kind == "fault" and one.state in UNFINISHED and one.line_id == ticket.line_id
    ]
    contacts = intake.latest_contacts(
        [ticket.pk, *(one.pk for one in related)], at_most=CONTACTS_AT_MOST
    )
    running = sorted(
        (one for one in clocks if one.clock.is_open and one.clock.due_at),
        key=lambda one: one.clock.due_at,
    )
    return Strip(faults[0] if faults else None, contacts, running[:CLOCKS_AT_MOST])
