"""Write down that somebody reached us, about a new ticket or one that is open."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from changtong.infra import hot, quick
from changtong.intake.domain import checking
from changtong.intake.models import Contact
from changtong.intake.queries import Place
from changtong.journal import operations as journal
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import working


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.tickets.models import Ticket


# Here customers fill in themselves what an agent would ask.
ASKED_PUBLICLY = frozenset({"web"})


def join(
    ticket: Ticket, report: Report, place: Place, edition: Edition, *, actor: str, at: datetime
) -> None:
    """
    Add what a report says to the open ticket of the same matter.

    :raises Refused: ``answer.required``, ``answer.invalid``, ``answer.unknown``
    """
    contact = note(ticket, report, place, edition, joined=True, actor=actor, at=at)
    said = report.description or report.title
    working.log(
        number=ticket.number,
        # What an agent writes down is the applicant's word, not our first word to the applicant,
        # so it must not stop the clock of the first response as a message of ours would.
        type_="note" if actor.startswith("staff:") else "message",
        text=said,
        details={"contact": contact.pk, "channel": report.channel},
        actor=actor,
        at=at,
        public=True,
    )
    journal.record(
        tag="contact.joined",
        subject=ticket.number,
        actor=actor,
        at=at,
        contact=contact.pk,
        channel=report.channel,
    )


def note(
    ticket: Ticket,
    report: Report,
    place: Place,
    edition: Edition,
    *,
    joined: bool,
    actor: str,
    at: datetime,
) -> Contact:
    """
    Write down that somebody reached us, and what they answered.

    :raises Refused: ``answer.required``, ``answer.invalid``, ``answer.unknown``
    """
    public = report.channel in ASKED_PUBLICLY
    # A report that joins a ticket may have been asked what its own category asks; a customer who
    # chose no category was asked what is asked of every matter of the kind.
    category = report.category if joined or public else ""
    if not public:
        category = category or ticket.category
    contact = quick.new(
        Contact,
        channel=report.channel,
        ticket=ticket,
        joined=joined,
        matched=place.line is not None or place.customer is not None,
        phone=report.contact_phone,
        source=report.source,
        source_reference=report.source_reference,
        answers=checking.answered(report, edition, category=category or "", public=public),
        actor=actor,
        received_at=at,
    )
    # Only one that joins a ticket is referred to by its key.
    (hot.insert if joined else hot.write)([contact])
    return contact
