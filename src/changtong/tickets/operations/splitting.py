"""Make a case of its own of another matter that was raised within a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain.report import Report
from changtong.tickets.domain.structure import SPLITTING
from changtong.tickets.models import Link, LogEntry, Ticket
from changtong.tickets.operations import linking, opening
from changtong.tickets.queries import relations


@dataclass(frozen=True, slots=True)
class Matter:
    """What the new case is about."""

    kind: str
    category: str
    title: str


@transaction.atomic
def split(*, number: str, entry: int, matter: Matter, actor: str, at: datetime) -> Ticket:
    """
    Open a case for another matter, timed from the message in which it was raised.

    Whatever runs from the opening of a case runs from that message; it is accepted now, by
    whoever splits, and late if that is too late.

    :raises Refused: ``split.untitled``, ``split.nothing_said``
    :raises Missing: ``ticket.unknown``, ``split.message_unknown``, ``category.unknown``
    """
    if not matter.title.strip():
        raise Refused("split.untitled", clause=SPLITTING)
    ticket = queries.locked(number)
    message = relations.message(ticket, entry)
    if not message.text:
        raise Refused("split.nothing_said", clause=SPLITTING)
    made = _opened(ticket, message, matter, actor=actor)
    opening.accept(number=made.number, category=matter.category, actor=actor, at=at)
    linking.join(
        queries.locked(made.number),
        ticket,
        kind=Link.Kind.SPLIT_FROM,
        entry=message,
        actor=actor,
        at=at,
        tags=("ticket.split", "ticket.divided"),
    )
    return queries.locked(made.number)


def _opened(ticket: Ticket, message: LogEntry, matter: Matter, *, actor: str) -> Ticket:
    # Under the edition in force when it was raised, which need not be the other case's.
    edition = standard.edition_in_force(at=message.happened_at)
    report = Report(
        kind=matter.kind,
        channel=ticket.channel,
        title=matter.title,
        description=message.text,
        language=ticket.language,
        category=matter.category,
        contact_name=ticket.contact_name,
        contact_phone=ticket.contact_phone,
        contact_email=ticket.contact_email,
        special_needs=ticket.special_needs,
        address=ticket.address,
        family=ticket.family,
    )
    return opening.open_ticket(
        report=report,
        region=ticket.region,
        customer=ticket.customer,
        line=ticket.line,
        edition_id=edition.pk,
        accepted_later=True,
        actor=actor,
        at=message.happened_at,
    )
