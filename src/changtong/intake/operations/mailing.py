"""Take what came by e-mail: an answer to a ticket of ours, or a new matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from changtong.infra import storage
from changtong.infra.db import Lock, attempt
from changtong.intake import operations, queries
from changtong.intake.domain import letters, matters, normalizing, replies
from changtong.intake.domain.letters import Letter
from changtong.intake.models import Contact, Mail
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import FINAL, State
from changtong.tickets.domain.report import TITLE_AT_MOST, Report
from changtong.tickets.operations import asking, working


if TYPE_CHECKING:
    from changtong.parties.models import Customer
    from changtong.tickets.models import Ticket


ACTOR = "system:mail"
CHANNEL = "email"
PACE = timedelta(hours=1)
UNREADABLE = Letter()


def receive(*, raw: bytes, at: datetime) -> Mail:
    """
    Keep a message and do what it asks for; the same one twice has its effect once.

    Whatever cannot be acted on is set aside with the reason, so nothing in a message stops the
    next one.

    :raises Refused: ``file.too_large``
    """
    # On disk first: a row must never refer to what a power cut could take away.
    sha256 = storage.put([raw], at_most_bytes=settings.MAIL_AT_MOST_BYTES).sha256
    letter = letters.read(raw, auth_server=settings.MAIL_AUTH_SERVER)
    try:
        return _receive(letter, sha256, at=at)
    except IntegrityError:
        # The same message under another sender's lock, at this very moment.
        known = queries.known_mail(sha256, letter or UNREADABLE)
        if known is None:
            raise
        return known


@transaction.atomic
def _receive(read: Letter | None, sha256: str, *, at: datetime) -> Mail:
    letter = read or UNREADABLE
    _wait_for_turn(letter.sender)
    if (known := queries.known_mail(sha256, letter)) is not None:
        return known
    ticket: Ticket | None = None
    reason, outcome, left_out = "", Mail.Outcome.SET_ASIDE, list[str]()
    try:
        with attempt(), journal.gathered():
            _check(letter if read else None, at=at)
            ticket, outcome, left_out = _act(letter, sha256, at=at)
    except Refused as refused:
        reason = refused.code
    mail = Mail.objects.create(
        sha256=sha256,
        message_id=letter.message_id,
        sender=letter.sender,
        subject=normalizing.text(letter.subject)[:200],
        verdict=letter.verdict,
        outcome=outcome,
        reason=reason,
        ticket=ticket,
        left_out=left_out,
        received_at=at,
    )
    # No address and no words: the journal cannot forget them.
    journal.record(
        tag="mail.received",
        subject=ticket.number if ticket else f"mail:{mail.pk}",
        actor=ACTOR,
        at=at,
        mail=mail.pk,
        sha256=sha256,
        outcome=outcome.value,
        reason=reason,
    )
    return mail


def _check(letter: Letter | None, *, at: datetime) -> None:
    """
    Refuse what must not lead to a ticket or to an answer of ours.

    :raises Refused: ``mail.unreadable``, ``mail.automatic``, ``mail.sender_unclear``,
        ``mail.forged``, ``mail.too_many``
    """
    if letter is None:
        raise Refused("mail.unreadable")
    if letter.automatic or _is_ours(letter.sender):
        raise Refused("mail.automatic", why=letter.automatic or "loop")
    if not letter.sender or normalizing.email(letter.sender) != letter.sender:
        raise Refused("mail.sender_unclear")
    if letter.verdict == "fail":
        raise Refused("mail.forged")
    if queries.mails_since(letter.sender, at - PACE) >= settings.MAIL_PER_HOUR:
        raise Refused("mail.too_many", at_most=settings.MAIL_PER_HOUR)


def _is_ours(sender: str) -> bool:
    own = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    local, _, domain = settings.MAIL_REPLY_ADDRESS.partition("@")
    before, _, host = sender.partition("@")
    return sender == own or (bool(local) and (before.partition("+")[0], host) == (local, domain))


def _act(letter: Letter, sha256: str, *, at: datetime) -> tuple[Ticket, Mail.Outcome, list[str]]:
    """
    Add an answer to its ticket, or open one.

    :raises Refused: ``mail.reply_foreign``, and what the intake refuses
    """
    number, is_theirs = replies.number_from(
        letter.recipients,
        sender=letter.sender,
        reply_to=settings.MAIL_REPLY_ADDRESS,
        key=settings.SECRET_KEY,
    )
    if number and not is_theirs:
        raise Refused("mail.reply_foreign", number=number)
    ticket = _answered(number) if number else None
    if ticket is not None:
        _add(ticket, letter, sha256, at=at)
        return ticket, Mail.Outcome.JOINED, _attach(ticket, letter, at=at)
    received = _open(letter, sha256, at=at)
    outcome = Mail.Outcome.JOINED if received.joined else Mail.Outcome.OPENED
    return received.ticket, outcome, _attach(received.ticket, letter, at=at)


def _answered(number: str) -> Ticket | None:
    """Return the ticket that is answered, unless it is over: then it is a new matter."""
    try:
        ticket = tickets.locked(number)
    except Missing:
        return None
    return None if State(ticket.state) in FINAL else ticket


def _add(ticket: Ticket, letter: Letter, sha256: str, *, at: datetime) -> None:
    text, quoted = letters.split(letter.text)
    said = normalizing.text(text or quoted or letter.subject)[: letters.TEXT_AT_MOST]
    contact = Contact.objects.create(
        channel=CHANNEL,
        ticket=ticket,
        joined=True,
        matched=True,
        source="mail",
        source_reference=sha256,
        actor=ACTOR,
        received_at=at,
    )
    if ticket.state == State.PENDING and ticket.supplements.filter(answered_at=None).exists():
        asking.answer(number=ticket.number, text=said or "—", actor=ACTOR, at=at)
    else:
        working.log(
            number=ticket.number,
            type_="message",
            text=said,
            details={"contact": contact.pk, "channel": CHANNEL},
            public=True,
            actor=ACTOR,
            at=at,
        )
    journal.record(
        tag="contact.joined",
        subject=ticket.number,
        actor=ACTOR,
        at=at,
        contact=contact.pk,
        channel=CHANNEL,
    )


def _open(letter: Letter, sha256: str, *, at: datetime) -> operations.Received:
    edition = standard.edition_in_force(at=at)
    said = normalizing.text(letters.split(letter.text)[0] or letter.text)
    customer = queries.only_customer_with(letter.sender)
    # Anybody can write a customer's address; only what our own server confirmed makes it theirs.
    known = customer if letter.verdict == "pass" else None
    report = Report(
        kind=matters.kind_of(standard.read(edition.pk), f"{letter.subject}\n{said}"),
        channel=CHANNEL,
        title=normalizing.text(letter.subject)[:TITLE_AT_MOST],
        description=said[: normalizing.AT_MOST["description"]],
        contact_name=letter.sender_name,
        contact_email=letter.sender,
        source="mail",
        source_reference=sha256,
    )
    region = _region_code(customer)
    try:
        return _enter(report, known, region_code=region, at=at)
    except Refused as refused:
        numbers = refused.facts.get("numbers")
        if refused.code != "intake.same_matter" or not isinstance(numbers, list):
            raise
        # There is nobody to ask: the newest ticket of the same matter is the one meant.
        return _enter(report, known, region_code=region, at=at, same_as=str(numbers[0]))


def _region_code(customer: Customer | None) -> str:
    return str(customer.region.code) if customer else str(settings.MAIL_REGION)


def _enter(
    report: Report,
    customer: Customer | None,
    *,
    region_code: str,
    at: datetime,
    same_as: str | None = None,
) -> operations.Received:
    return operations.receive(
        report=report,
        actor=ACTOR,
        at=at,
        customer_number=customer.number if customer else "",
        region_code="" if customer else region_code,
        same_as=same_as,
    )


def _attach(ticket: Ticket, letter: Letter, *, at: datetime) -> list[str]:
    """Keep the files that the standard allows; return the names of the others."""
    left_out = []
    for file in letter.files:
        try:
            working.attach(
                number=ticket.number, name=file.name, chunks=[file.content], actor=ACTOR, at=at
            )
        except Refused:
            left_out.append(normalizing.text(file.name)[:120])
    return left_out


def _wait_for_turn(sender: str) -> None:
    # Two at once would both see that the sender has not sent too much yet.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [int(Lock.MATTER), f"mail:{sender}"]
        )
