"""Time spent on a case, as its page tells it: in all and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from changtong.tickets.queries import efforts
from changtong.web.console import wording


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Spent:
    """What everybody together has spent, and each."""

    minutes: int
    by: tuple[tuple[str, int], ...]


def spent(ticket: Ticket) -> Spent | None:
    """Return the time spent on a ticket that was opened with `efforts.with_time`, if any."""
    if not ticket.has_time:  # type: ignore[attr-defined]
        return None
    told = efforts.minutes_by_actor(ticket)
    names = wording.names_in(told)
    return Spent(
        minutes=sum(told.values()),
        by=tuple((wording.actor(one, names), minutes) for one, minutes in told.items()),
    )
