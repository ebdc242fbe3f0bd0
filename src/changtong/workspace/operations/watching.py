from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.feedback.operations import noticing
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.workspace.domain import mentions
from changtong.workspace.models import Watch
from changtong.workspace.queries import watches


if TYPE_CHECKING:
    from changtong.journal.models import Entry


MENTIONED = "note.mentioned"
WATCHED = "watch.happened"


@transaction.atomic
def follow(*, viewer: Viewer, number: str, at: datetime) -> None:
    """
    Watch a ticket that the viewer may see.

    :raises Missing: ``ticket.unknown``
    """
    ticket = tickets.by_number(viewer, number)
    Watch.objects.get_or_create(
        staff_id=viewer.staff_id or 0, ticket=ticket, defaults={"since": at}
    )


@transaction.atomic
def unfollow(*, viewer: Viewer, number: str) -> None:
    """Watch a ticket no longer."""
    Watch.objects.filter(staff=viewer.staff_id, ticket__number=number).delete()


@transaction.atomic
def tell_watchers(*, entry: Entry) -> None:
    """Put what happened into the inbox of those who watch the ticket, but not of who did it."""
    if not Watch.objects.filter(ticket__number=entry.subject).exists():
        return
    ticket = tickets.locked(entry.subject)
    people = [one for one in watches.watchers(ticket) if one.actor != entry.actor]
    noticing.tell(
        people,
        ticket,
        tag=WATCHED,
        key=f"watch:{entry.pk}",
        clause="",
        at=entry.happened_at,
        facts={"happened": entry.tag},
    )


@transaction.atomic
def tell_mentioned(*, entry: Entry) -> None:
    """Put an internal note into the inbox of the colleagues it names who may see the ticket."""
    staff_id = entry.actor.removeprefix("staff:")
    if entry.facts.get("public") or not staff_id.isdecimal():
        return
    author = parties.viewer_of_staff(int(staff_id))
    ticket = tickets.locked(entry.subject)
    note = ticket.log.filter(pk=entry.facts["entry"]).first()
    if author is None or note is None or not any(sign in note.text for sign in mentions.SIGNS):
        return
    found = watches.colleagues(author)
    meant = mentions.named(note.text, {one.pk: one.name for one in found})
    people = watches.who_see(ticket, [one for one in found if one.pk in meant])
    noticing.tell(
        people,
        ticket,
        tag=MENTIONED,
        key=f"mention:{entry.pk}",
        clause="",
        at=entry.happened_at,
        facts={"by": entry.actor, "entry": note.pk},
    )
