"""Write messages about what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.feedback import queries
from changtong.feedback.adapters import letters
from changtong.feedback.domain import choosing, wording
from changtong.feedback.domain.choosing import Channel, Contact, Recipient, Way
from changtong.feedback.models import Notification
from changtong.intake import queries as intake
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import State
from changtong.tickets.operations import closing


if TYPE_CHECKING:
    from changtong.journal.models import Entry
    from changtong.tickets.models import Ticket


ACTOR = "system:feedback"


@transaction.atomic
def announce(*, entry: Entry) -> list[Notification]:
    """Write the messages about an entry, once; return those that are to be sent now."""
    if entry.tag in choosing.CODES:
        return _announce_code(entry)
    ticket = tickets.locked(entry.subject)
    if not choosing.is_news(tag=entry.tag, told_with_another=_is_told_with_another(entry, ticket)):
        return []
    language = wording.language_of(ticket.language)
    facts = queries.facts(entry=entry, ticket=ticket, language=language)
    written = _write(
        entry, ticket, tag=entry.tag, facts=facts, about=_about(entry), due_at=entry.happened_at
    )
    if entry.tag == "ticket.supplement_asked":
        rule = standard.read(ticket.edition_id).supplement(kind=ticket.kind)
        _write(
            entry,
            ticket,
            tag="supplement.reminded",
            facts=facts,
            about=_about(entry),
            due_at=entry.happened_at + rule.remind_after,
        )
    if entry.tag == "ticket.resolved" and not written:
        # Nobody can be written to, so the page they follow is how they are told.
        note_told(ticket, at=entry.happened_at)
    return written


def _is_told_with_another(entry: Entry, ticket: Ticket) -> bool:
    if entry.tag == "visit.planned":
        # A meeting of our own is no visit.
        return ticket.assigned_at == entry.happened_at or entry.facts.get("mode") != "field"
    return ticket.accepted_at == ticket.opened_at


def _about(entry: Entry) -> str:
    for what in ("supplement", "resolution", "evaluation"):
        if what in entry.facts:
            return f"{what}:{entry.facts[what]}"
    return ""


def _write(
    entry: Entry,
    ticket: Ticket,
    *,
    tag: str,
    facts: Mapping[str, object],
    about: str,
    due_at: datetime,
) -> list[Notification]:
    language = wording.language_of(ticket.language)
    contact = Contact(email=ticket.contact_email, phone=ticket.contact_phone)
    rows = []
    for way in choosing.ways(tag=tag, contact=contact):
        letter = letters.write(tag=tag, channel=way.channel, language=language, facts=facts)
        row = _row(entry, way, letter, tag=tag, about=about, due_at=due_at)
        row.ticket, row.language = ticket, language
        rows.append(row)
    return _stored(rows)


def _announce_code(entry: Entry) -> list[Notification]:
    # The code itself is looked up when it is sent; it must not lie about in a table.
    _, _, pk = entry.subject.partition(":")
    sent = intake.one_time_code(int(pk))
    facts = {"code": "••••••", "minutes": whole_minutes(sent.valid_until - entry.happened_at)}
    way = Way(Channel.SMS, sent.phone)
    letter = letters.write(
        tag=entry.tag, channel=way.channel, language=wording.CHINESE, facts=facts
    )
    row = _row(entry, way, letter, tag=entry.tag, about=entry.subject, due_at=entry.happened_at)
    row.expires_at = sent.valid_until
    return _stored([row])


def _row(
    entry: Entry, way: Way, letter: letters.Letter, *, tag: str, about: str, due_at: datetime
) -> Notification:
    # What the portal shows is delivered by being there.
    there = way.channel == Channel.PORTAL and due_at <= entry.happened_at
    return Notification(
        effect_key=f"{entry.pk}:{tag}:{way.channel}",
        tag=tag,
        about=about,
        recipient=Recipient.CUSTOMER,
        channel=way.channel,
        address=way.address,
        subject=letter.subject[:200],
        body=letter.body,
        language=wording.CHINESE,
        state=Notification.State.SENT if there else Notification.State.PENDING,
        created_at=entry.happened_at,
        due_at=due_at,
        sent_at=due_at if there else None,
    )


def _stored(rows: list[Notification]) -> list[Notification]:
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    soon = [row.effect_key for row in rows if row.due_at <= row.created_at]
    pending = Notification.objects.filter(effect_key__in=soon, state=Notification.State.PENDING)
    return list(pending.order_by("id"))


def note_told(ticket: Ticket, *, at: datetime) -> None:
    """Note, once, that the applicant knows the result; the caller has locked the ticket."""
    if ticket.told_at is None and State(ticket.state) is State.RESOLVED:
        closing.tell(number=ticket.number, actor=ACTOR, at=at)


def whole_minutes(duration: timedelta) -> int:
    """Return a duration as a message says it."""
    return max(1, round(duration.total_seconds() / 60))
