from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from changtong.feedback.domain import choosing
from changtong.feedback.operations import (
    ending,
    escalating,
    evaluating,
    noticing,
    spreading,
    telling,
)
from changtong.infra import later
from changtong.journal.subscriptions import reacts_to


if TYPE_CHECKING:
    from changtong.feedback.models import Notification
    from changtong.journal.models import Entry


@reacts_to(*sorted(choosing.TOLD))
def announce(entry: Entry) -> None:
    _defer(telling.announce(entry=entry))


@reacts_to(*sorted(choosing.OF_OUTAGES))
def spread(entry: Entry) -> None:
    # No job for each of perhaps many thousands: the minute's sweep sends them in portions.
    spreading.spread(entry=entry)


@reacts_to("ticket.told")
def ask_evaluation(entry: Entry) -> None:
    evaluating.ask_evaluation(number=entry.subject, at=entry.happened_at)


@reacts_to("ticket.reopened")
def withdraw_evaluation(entry: Entry) -> None:
    evaluating.withdraw_evaluation(number=entry.subject, at=entry.happened_at)


@reacts_to("ticket.confirmed", "ticket.hold_lifted")
def close_if_complete(entry: Entry) -> None:
    ending.close_if_complete(number=entry.subject, at=entry.happened_at)


@reacts_to(*sorted(noticing.HEARERS))
def note(entry: Entry) -> None:
    noticing.note(entry=entry)


@reacts_to("ticket.assigned")
def tell_given(entry: Entry) -> None:
    noticing.tell_given(entry=entry)


@reacts_to("clock.resumed", "clock.regraded")
def look_again(entry: Entry) -> None:
    escalating.look_again(number=entry.subject, at=entry.happened_at)


@reacts_to("clock.reopened")
def begin_anew(entry: Entry) -> None:
    escalating.look_again(number=entry.subject, at=entry.happened_at, anew=True)


def _defer(notifications: Iterable[Notification]) -> None:
    # In the reaction's transaction: no message without its job, no job without its message.
    for notification in notifications:
        later.defer("feedback.send", notification_id=notification.pk)
