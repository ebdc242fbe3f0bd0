from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.journal.subscriptions import reacts_to
from changtong.tickets.operations import pausing, remedying


if TYPE_CHECKING:
    from changtong.journal.models import Entry


ACTOR = "system:tickets"


@reacts_to("clock.breached", "ticket.resolved")
def propose_remedies(entry: Entry) -> None:
    remedying.propose(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("clock.resumed")
def end_wait(entry: Entry) -> None:
    pausing.end_wait(number=entry.subject, actor=ACTOR, at=entry.happened_at)
