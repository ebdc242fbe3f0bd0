"""Get messages out, at least once, recognizable when twice, never silently lost."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from changtong.feedback import queries
from changtong.feedback.adapters import letters
from changtong.feedback.adapters.email import Mail
from changtong.feedback.adapters.sms import Gateway
from changtong.feedback.domain import choosing, delivery, wording
from changtong.feedback.domain.choosing import Channel, Recipient
from changtong.feedback.domain.delivery import Carrier, Message, Undelivered
from changtong.feedback.models import Notification
from changtong.feedback.operations import noticing, telling
from changtong.intake import queries as intake
from changtong.journal import operations as journal
from changtong.tickets import queries as tickets


log = logging.getLogger(__name__)

ACTOR = "system:feedback"
SWEPT_AT_MOST = 500
CARRIERS: Mapping[str, Carrier] = {Channel.EMAIL: Mail(), Channel.SMS: Gateway()}


def send(
    *, notification_id: int, at: datetime, carriers: Mapping[str, Carrier] = CARRIERS
) -> bool:
    """
    Try once to deliver a message; say whether it was delivered now.

    Not one transaction but two around the delivery, which no database can take back: a sender
    that dies between them leaves the message claimed, the sweep sends it again under the same
    key, and the receiving side recognizes it by that.
    """
    claimed = Notification.objects.filter(
        pk=notification_id, state=Notification.State.PENDING, due_at__lte=at + delivery.CLOCK_SKEW
    ).update(state=Notification.State.SENDING, claimed_at=at, attempts=F("attempts") + 1)
    if not claimed:
        return False
    notification = Notification.objects.select_related("ticket").get(pk=notification_id)
    if not queries.is_current(notification):
        return _end(notification, state=Notification.State.WITHDRAWN)
    if held := queries.wait(notification, at=at):
        return _end(
            notification,
            state=Notification.State.PENDING,
            # It was not tried.
            attempts=F("attempts") - 1,
            due_at=held.until,
            held_by=held.clause,
        )
    if notification.expires_at is not None and notification.expires_at <= at:
        return _end(notification, state=Notification.State.FAILED, last_error="expired")
    try:
        if notification.channel != Channel.PORTAL:
            carriers[notification.channel].deliver(_message(notification))
    except Undelivered as error:
        return _note_failure(notification, error, at=at)
    return _note_delivery(notification, at=at)


def send_due(*, at: datetime, carriers: Mapping[str, Carrier] = CARRIERS) -> int:
    """Send what is due, including what dead senders left behind; return how many got out."""
    Notification.objects.filter(
        state=Notification.State.SENDING, claimed_at__lte=at - delivery.LEASE
    ).update(state=Notification.State.PENDING, claimed_at=None)
    due = Notification.objects.filter(state=Notification.State.PENDING, due_at__lte=at)
    ids = list(due.order_by("due_at", "id").values_list("pk", flat=True)[:SWEPT_AT_MOST])
    return sum(send(notification_id=pk, at=at, carriers=carriers) for pk in ids)


def _message(notification: Notification) -> Message:
    body = notification.body
    if notification.tag in choosing.CODES:
        sent = intake.one_time_code(int(notification.about.partition(":")[2]))
        minutes = telling.whole_minutes(sent.valid_until - notification.created_at)
        body = letters.write(
            tag=notification.tag,
            channel=notification.channel,
            language=notification.language,
            facts={"code": sent.code, "minutes": minutes},
        ).body
    told_staff = notification.recipient == Recipient.STAFF
    return Message(
        key=notification.effect_key,
        address=notification.address,
        subject=notification.subject,
        body=body,
        language=notification.language,
        ticket=notification.ticket.number if notification.ticket and not told_staff else "",
    )


@transaction.atomic
def _note_delivery(notification: Notification, *, at: datetime) -> bool:
    _end(notification, state=Notification.State.SENT, sent_at=at, last_error="")
    if notification.tag == "ticket.resolved" and notification.ticket is not None:
        telling.note_told(tickets.locked(notification.ticket.number), at=at)
    return True


@transaction.atomic
def _note_failure(notification: Notification, error: Undelivered, *, at: datetime) -> bool:
    log.warning("%s not delivered: %s", notification.effect_key, error)
    reason = wording.shortened(str(error), at_most=200)
    to_staff = notification.recipient == Recipient.STAFF
    again_at = delivery.try_again_at(
        attempts=notification.attempts,
        at=at,
        at_most=delivery.ATTEMPTS_FOR_STAFF if to_staff else delivery.ATTEMPTS_AT_MOST,
    )
    if again_at is not None and not error.final:
        pending = Notification.State.PENDING
        return _end(notification, state=pending, due_at=again_at, last_error=reason)
    if notification.ticket is not None:
        journal.record(
            tag="notification.failed",
            subject=notification.ticket.number,
            actor=ACTOR,
            at=at,
            notification=notification.pk,
            tag_told=notification.tag,
            channel=notification.channel,
            error=reason,
        )
    if to_staff:
        noticing.try_another_way(notification, at=at)
    return _end(notification, state=Notification.State.FAILED, last_error=reason)


def _end(notification: Notification, **values: object) -> bool:
    # Only the sender whose claim still stands may say what became of it.
    Notification.objects.filter(
        pk=notification.pk,
        state=Notification.State.SENDING,
        claimed_at=notification.claimed_at,
    ).update(claimed_at=None, **values)
    return False
