from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.dispatch.operations import assigning, resuming, visiting
from changtong.journal.subscriptions import reacts_to
from changtong.tickets.operations.pausing import AWAITING_CUSTOMER


if TYPE_CHECKING:
    from changtong.journal.models import Entry


ACTOR = "system:dispatch"


@reacts_to("ticket.accepted")
def assign(entry: Entry) -> None:
    assigning.assign_automatically(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("ticket.reopened")
def assign_again(entry: Entry) -> None:
    resuming.assign_again(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("ticket.resumed", "ticket.supplemented", "ticket.unmerged")
def take_up(entry: Entry) -> None:
    resuming.take_up(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("visit.displaced")
def plan_anew(entry: Entry) -> None:
    resuming.plan_anew(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("ticket.paused", "ticket.supplement_asked")
def suspend(entry: Entry) -> None:
    reason = entry.facts.get("reason", AWAITING_CUSTOMER)
    visiting.suspend(number=entry.subject, reason=reason, actor=ACTOR, at=entry.happened_at)


@reacts_to("ticket.merged")
def set_aside(entry: Entry) -> None:
    visiting.set_aside(
        number=entry.subject, clause=entry.facts["clause"], actor=ACTOR, at=entry.happened_at
    )


@reacts_to("ticket.resolved")
def finish(entry: Entry) -> None:
    visiting.finish(number=entry.subject, actor=ACTOR, at=entry.happened_at)


@reacts_to("ticket.cancelled", "ticket.rejected", "merger.settled")
def abandon(entry: Entry) -> None:
    visiting.abandon(number=entry.subject, because=entry.tag, actor=ACTOR, at=entry.happened_at)


@reacts_to("staff.dismissed")
def relieve(entry: Entry) -> None:
    staff_id = int(entry.subject.removeprefix("staff:"))
    assigning.relieve(staff_id=staff_id, actor=ACTOR, at=entry.happened_at)
