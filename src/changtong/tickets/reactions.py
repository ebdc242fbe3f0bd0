from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.journal.subscriptions import reacts_to
from changtong.tickets.operations import cascading, pausing, remedying


if TYPE_CHECKING:
    from changtong.journal.models import Entry


ACTOR = "system:tickets"


@reacts_to("clock.breached", "clock.breach_withdrawn", "ticket.resolved", "merger.answered")
def propose_remedies(entry: Entry) -> None:
    remedying.propose(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("clock.resumed")
def end_wait(entry: Entry) -> None:
    pausing.end_wait(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("children.told", "children.resolved")
def deliver(entry: Entry) -> None:
    cascading.deliver(entry_id=entry.pk, at=entry.recorded_at)


@reacts_to("ticket.paused", "ticket.resumed")
def follow_parent(entry: Entry) -> None:
    cascading.follow(
        number=entry.subject,
        tag=entry.tag,
        reason=entry.facts.get("reason", ""),
        actor=ACTOR,
        at=entry.happened_at,
    )
