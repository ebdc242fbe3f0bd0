"""Tell whoever has a line in an outage that it is over, or when it will be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from changtong.feedback.adapters import letters
from changtong.feedback.domain import choosing, wording
from changtong.feedback.domain.announcing import AnnouncementKind
from changtong.feedback.domain.choosing import Channel, Contact, Recipient
from changtong.feedback.models import Announcement, Declined, Notification
from changtong.journal import operations as journal
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Reach, Viewer


if TYPE_CHECKING:
    from changtong.journal.models import Entry
    from changtong.parties.models import Customer, Line


AT_ONCE = 500
_EVERYTHING = Viewer(actor="system:feedback", reach=Reach.ALL, permissions=frozenset())


@transaction.atomic
def spread(*, entry: Entry) -> int:
    """Write to each person with a line in the outage, once for this news; return how many."""
    made = Announcement.objects.get(pk=int(entry.subject.partition(":")[2]))
    if made.kind != AnnouncementKind.OUTAGE or made.starts_at > entry.happened_at:
        return 0
    rows: list[Notification] = []
    count = 0
    for line in _touched(made):
        rows += _written(entry, made, line.customer)
        count += 1
        if len(rows) >= AT_ONCE:
            Notification.objects.bulk_create(rows, ignore_conflicts=True)
            rows.clear()
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return count


def _touched(made: Announcement) -> Iterator[Line]:
    """Return one working line for each person who wants to know, however many they have."""
    places = reduce(or_, (Q(region__path__startswith=path) for path in made.region_paths))
    lines = parties.lines_visible_to(_EVERYTHING).filter(places, state="active")
    if made.families:
        lines = lines.filter(family__in=made.families)
    lines = lines.exclude(customer__phone__in=Declined.objects.values("phone"))
    once = lines.order_by("customer__phone", "customer_id", "id").distinct("customer__phone")
    return once.select_related("customer").iterator(chunk_size=AT_ONCE)


def _written(entry: Entry, made: Announcement, customer: Customer) -> Iterator[Notification]:
    language = wording.language_of(customer.language)
    ends_at = str(entry.facts["ends_at"])
    expected = datetime.fromisoformat(ends_at)
    facts = {
        "name": wording.one_line(customer.name),
        "text": wording.plain(made.text),
        "expected": wording.moment(expected, language=language, zone=ZoneInfo(settings.TIME_ZONE)),
        "link": settings.PUBLIC_URL,
    }
    contact = Contact(email=customer.email, phone=customer.phone)
    for way in choosing.ways(tag=entry.tag, contact=contact):
        if way.channel == Channel.PORTAL:
            continue
        letter = letters.write(tag=entry.tag, channel=way.channel, language=language, facts=facts)
        yield Notification(
            effect_key=f"{entry.pk}:{entry.tag}:{customer.pk}:{way.channel}",
            tag=entry.tag,
            # Whoever waits long for the message is not told a time that has been overtaken.
            about=f"expected:{made.pk}@{ends_at}" if entry.tag == "announcement.postponed" else "",
            recipient=Recipient.CUSTOMER,
            channel=way.channel,
            address=way.address,
            subject=letter.subject[:200],
            body=letter.body,
            language=language,
            created_at=entry.happened_at,
            due_at=entry.happened_at,
        )


@transaction.atomic
def want(*, phone: str, wanted: bool, actor: str, at: datetime) -> None:
    """Note whether somebody wants to be told how outages go on."""
    if wanted:
        changed = bool(Declined.objects.filter(phone=phone).delete()[0])
    else:
        _, changed = Declined.objects.get_or_create(phone=phone, defaults={"declined_at": at})
    if changed:
        tag = "outage_news.wanted" if wanted else "outage_news.declined"
        journal.record(tag=tag, subject=actor, actor=actor, at=at)
