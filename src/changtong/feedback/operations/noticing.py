"""Tell people of staff: in their inbox always, and by what else reaches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from changtong.dispatch.queries import diaries
from changtong.feedback.adapters import letters
from changtong.feedback.domain import choosing, wording
from changtong.feedback.domain.choosing import Channel, Recipient, Way
from changtong.feedback.models import EscalationStep, Notice, Notification
from changtong.kernel.errors import Missing
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Role
from changtong.standard.domain import words
from changtong.tickets import queries as tickets
from changtong.tickets.queries import relations


if TYPE_CHECKING:
    from changtong.journal.models import Entry
    from changtong.parties.models import Staff
    from changtong.tickets.models import Ticket


# Where it is looked for somebody to tell what has happened, the first place first.
HEARERS: Mapping[str, tuple[str, ...]] = {
    "assignment.failed": ("dispatcher", "duty", "province"),
    "follow_up.opened": ("leader", "duty", "province"),
    "pause.requested": ("leader", "duty", "province"),
    "pause.rejected": ("holder",),
    "pause.lapsed": ("holder",),
    "ticket.wait_ended": ("holder", "leader", "duty", "province"),
}
# Who decided that somebody has a ticket now, if it was a person; what the rules choose is no news.
GIVEN_BY = frozenset({"dispatcher", "handover"})


@transaction.atomic
def note(*, entry: Entry) -> list[Notice]:
    """Put what happened into the inbox of whoever has to see to it."""
    ticket = tickets.locked(entry.subject)
    for level in HEARERS[entry.tag]:
        found = whom(level, ticket, at=entry.happened_at)
        # Nobody has to be told what they did themselves.
        people = [person for person in found if person.actor != entry.actor]
        if people:
            return tell(
                people,
                ticket,
                tag=entry.tag,
                key=f"entry:{entry.pk}",
                clause=str(entry.facts.get("clause", "")),
                at=entry.happened_at,
            )
    return []


@transaction.atomic
def tell_given(*, entry: Entry) -> list[Notice]:
    """Tell whoever has a ticket now that a colleague gave it to them."""
    why = entry.facts.get("why")
    if not isinstance(why, dict) or why.get("by") not in GIVEN_BY:
        return []
    ticket = tickets.locked(entry.subject)
    found = whom("holder", ticket, at=entry.happened_at)
    return tell(
        [person for person in found if person.actor != entry.actor],
        ticket,
        tag=entry.tag,
        key=f"entry:{entry.pk}",
        clause=str(entry.facts.get("clause", "")),
        at=entry.happened_at,
        facts={"by": entry.actor},
    )


def whom(level: str, ticket: Ticket, *, at: datetime) -> list[Staff]:
    """Return the people of a level who look after a ticket; never whom it complains of."""
    ticket = relations.answerable(ticket)
    found: Sequence[Staff] = ()
    if level == "holder" and ticket.assignee is not None and ticket.assignee.is_active:
        found = (ticket.assignee,)
    elif level == "leader" and ticket.team_id is not None:
        found = parties.leaders_of(ticket.team_id)
    elif level == "dispatcher":
        found = parties.in_charge(Role.DISPATCHER, ticket.region_path)
    elif level == "duty":
        found = parties.in_charge(Role.SUPERVISOR, ticket.region_path)
        present = diaries.on_duty([person.pk for person in found], at=at)
        found = [person for person in found if person.pk in present]
    elif level == "province":
        found = parties.in_charge(Role.MANAGER, ticket.region_path)
    return [person for person in found if person.pk != ticket.complained_of_id]


def first_found(level: str, ticket: Ticket, *, at: datetime) -> tuple[str, list[Staff]]:
    """Return the people of a level, or of the next one above where there is anybody."""
    for one in words.LEVELS[words.LEVELS.index(level) :]:
        people = whom(one, ticket, at=at)
        if people:
            return one, people
    return "", []


def tell(
    people: Iterable[Staff],
    ticket: Ticket,
    *,
    tag: str,
    key: str,
    clause: str,
    at: datetime,
    facts: Mapping[str, object] | None = None,
    also_by: Sequence[str] = (),
    step: EscalationStep | None = None,
) -> list[Notice]:
    """Write a notice for each of these people, once, with its first message outside."""
    rows = [
        Notice(
            effect_key=f"{key}:{person.pk}",
            staff=person,
            tag=tag,
            ticket=ticket,
            step=step,
            clause=clause,
            facts=dict(facts or {}),
            also_by=list(also_by),
            created_at=at,
        )
        for person in people
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    kept = Notice.objects.filter(effect_key__in=[row.effect_key for row in rows])
    notices = list(kept.select_related("staff", "ticket"))
    for notice in notices:
        _send_by(notice, notice.also_by, at=at)
    return notices


def try_another_way(notification: Notification, *, at: datetime) -> None:
    """Send a notice by the next way, because this one has failed for good."""
    notice = Notice.objects.select_related("staff", "ticket").get(
        pk=notification.about.partition(":")[2]
    )
    ways = list(notice.also_by)
    _send_by(notice, ways[ways.index(notification.channel) + 1 :], at=at)


@transaction.atomic
def read(*, staff_id: int, at: datetime, notice_id: int | None = None) -> int:
    """
    Note that somebody has read one notice, or all that are theirs; return how many were new.

    :raises Missing: ``notice.unknown``
    """
    own = Notice.objects.filter(staff=staff_id)
    if notice_id is not None:
        own = own.filter(pk=notice_id)
        if not own.exists():
            raise Missing("notice.unknown", notice=notice_id)
    return own.filter(read_at=None).update(read_at=at)


def _send_by(notice: Notice, channels: Sequence[str], *, at: datetime) -> None:
    """Write the message for the first of these channels by which the person can be reached."""
    for channel in channels:
        way = _way(channel, notice.staff)
        if way is None:
            continue
        language = wording.language_of(notice.staff.language)
        letter = letters.write(
            tag="staff/limit", channel=channel, language=language, facts=_facts(notice, language)
        )
        Notification.objects.bulk_create(
            [
                Notification(
                    effect_key=f"notice:{notice.pk}:{channel}",
                    tag=notice.tag,
                    ticket=notice.ticket,
                    about=f"notice:{notice.pk}",
                    recipient=Recipient.STAFF,
                    channel=way.channel,
                    address=way.address,
                    subject=letter.subject[:200],
                    body=letter.body,
                    language=language,
                    created_at=at,
                    due_at=at,
                )
            ],
            ignore_conflicts=True,
        )
        return


def _way(channel: str, person: Staff) -> Way | None:
    if channel == Channel.EMAIL and choosing.is_email(person.email):
        return Way(Channel.EMAIL, person.email)
    if channel == Channel.SMS and choosing.is_mobile(person.phone):
        return Way(Channel.SMS, person.phone)
    return None


def _facts(notice: Notice, language: str) -> dict[str, object]:
    due_at = datetime.fromisoformat(str(notice.facts["due_at"]))
    number = notice.ticket.number
    return {
        "number": number,
        "title": wording.one_line(notice.ticket.title),
        "metric": letters.word("metric", str(notice.facts["metric"]), language),
        "due_at": wording.moment(due_at, language=language, zone=ZoneInfo(settings.TIME_ZONE)),
        "over": notice.tag == "limit.broken",
        "clause": notice.clause,
        "link": f"{settings.PUBLIC_URL}/console/tickets/{number}",
    }
