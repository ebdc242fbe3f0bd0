from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from changtong.infra.db import Lock, attempt
from changtong.intake import queries
from changtong.intake.domain import checking, codes, importing, normalizing
from changtong.intake.domain.codes import Answer
from changtong.intake.domain.importing import Row, RowError
from changtong.intake.models import OneTimeCode
from changtong.intake.operations import assuring, contacting
from changtong.intake.operations.assuring import NOBODY_ASKED, Assured
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.parties.domain import phones
from changtong.standard import queries as standard
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import opening


if TYPE_CHECKING:
    from changtong.parties.domain.roles import Viewer
    from changtong.tickets.models import Ticket


# A code of yesterday is of no use to anybody, and its row names a telephone number.
CODE_KEPT_FOR = timedelta(days=1)
ERRORS_AT_MOST = 1_000
PORTAL = "system:portal"


@dataclass(frozen=True, slots=True)
class Received:
    """The ticket that a report led to; `known` if the same contact had already been received."""

    ticket: Ticket
    joined: bool
    known: bool = False


@dataclass(slots=True)
class Outcome:
    """What an import did, row by row."""

    rows: int = 0
    opened: int = 0
    joined: int = 0
    known: int = 0
    refused: int = 0
    # The first so many; `refused` counts the rows of all of them.
    errors: list[RowError] = field(default_factory=list)


def receive(
    *,
    report: Report,
    actor: str,
    at: datetime,
    line_number: str = "",
    customer_number: str = "",
    region_code: str = "",
    same_as: str | None = None,
    anyway: bool = False,
    by_agent: bool = False,
    edition_id: int | None = None,
    viewer: Viewer | None = None,
    assured: Assured = NOBODY_ASKED,
) -> Received:
    """
    Turn a report into a ticket, or add it to the ticket that is about the same matter.

    A report with a reference of its sender's has its effect once.

    :param same_as: number of the ticket, among those offered, that the reporter says it is
    :param anyway: the reporter says that it is another matter than those offered
    :param by_agent: an agent chose the category, which is as good as acceptance
    :param edition_id: the edition to replay history under; by default the one in force
    :param viewer: in whose sight a line or customer named by its number must be
    :param assured: how an agent made sure who asks, and what they were told or agreed to
    :raises Refused: ``intake.same_matter`` with the `numbers` of the tickets to choose from and
        how many more are `hidden` from the viewer, ``intake.same_matter_hidden`` if all are,
        ``intake.not_offered``, ``intake.region_unknown``, ``report.*``, ``answer.*``,
        ``category.kind_differs``, ``identity.*``, ``consent.unknown``
    :raises Missing: ``line.unknown``, ``customer.unknown``, ``category.unknown``
    """
    report = normalizing.cleaned(report)
    try:
        with _alone(report):
            return _receive(
                report,
                actor=actor,
                at=at,
                line_number=normalizing.number(line_number),
                customer_number=normalizing.number(customer_number),
                region_code=normalizing.number(region_code),
                same_as=same_as,
                anyway=anyway,
                by_agent=by_agent,
                edition_id=edition_id,
                viewer=viewer,
                assured=assured,
            )
    except IntegrityError:
        # Somebody else received the same reference at this very moment.
        known = _known(report)
        if known is None:
            raise
        return known


@contextmanager
def _alone(report: Report) -> Iterator[None]:
    # Only with a reference can somebody be faster, and then a transaction around has to go on.
    if connection.in_atomic_block and report.source_reference:
        with attempt(), journal.gathered():
            yield
    else:
        yield


@transaction.atomic
def _receive(
    report: Report,
    *,
    actor: str,
    at: datetime,
    line_number: str,
    customer_number: str,
    region_code: str,
    same_as: str | None,
    anyway: bool,
    by_agent: bool,
    edition_id: int | None,
    viewer: Viewer | None,
    assured: Assured,
) -> Received:
    known = _known(report)
    if known is not None:
        return known
    queries.expect_line(actor=actor, line_number=line_number, viewer=viewer)
    edition_id = edition_id or standard.edition_in_force(at=at).pk
    edition = standard.read(edition_id)
    checking.check(report, edition)
    place = queries.place_of(
        actor=actor,
        phone=report.contact_phone,
        family=report.family,
        line_number=line_number,
        customer_number=customer_number,
        region_code=region_code,
        viewer=viewer,
    )
    if same_as is not None or not anyway:
        similar = queries.similar(
            place=place,
            kind=report.kind,
            category=report.category or "",
            phone=report.contact_phone,
            at=at,
            edition_id=edition_id,
        )
        seen = queries.seen_among(similar, actor=actor, viewer=viewer)
        clause = edition.duplicates(kind=report.kind).clause
        hidden = len(similar) - len(seen)
        existing = _same_matter(seen, hidden=hidden, same_as=same_as, clause=clause)
        if existing is not None:
            contacting.join(existing, report, place, edition, actor=actor, at=at)
            assuring.note(existing, edition, assured, joined=True, actor=actor, at=at)
            return Received(existing, joined=True)
    ticket = opening.open_ticket(
        report=report,
        region=place.region,
        customer=place.customer,
        line=place.line,
        actor=actor,
        at=at,
        edition_id=edition_id,
        by_agent=by_agent,
    )
    assuring.note(ticket, edition, assured, joined=False, actor=actor, at=at)
    contacting.note(ticket, report, place, edition, joined=False, actor=actor, at=at)
    return Received(ticket, joined=False)


def _known(report: Report) -> Received | None:
    if not report.source_reference:
        return None
    contact = queries.known_contact(report.source, report.source_reference)
    if contact is None:
        return None
    return Received(contact.ticket, joined=contact.joined, known=True)


def _same_matter(
    seen: Sequence[Ticket], *, hidden: int, same_as: str | None, clause: str
) -> Ticket | None:
    by_number = {ticket.number: ticket for ticket in seen}
    if same_as is not None:
        if same_as not in by_number:
            raise Refused("intake.not_offered", clause=clause, number=same_as)
        return by_number[same_as]
    if by_number:
        raise Refused("intake.same_matter", clause=clause, numbers=list(by_number), hidden=hidden)
    if hidden:
        raise Refused("intake.same_matter_hidden", clause=clause, hidden=hidden)
    return None


# -----------------------------------------------------------------------------------------
# One-time codes
# -----------------------------------------------------------------------------------------


@transaction.atomic
def request_code(*, phone: str, at: datetime, asked_by: str = "") -> OneTimeCode:
    """
    Let a code be sent to a mobile number; only the latest one counts.

    :param asked_by: whoever of the staff asks for it, to type what is read out to them; what was
        sent for the desk is worth nothing in the portal, and the other way round
    :raises Refused: ``code.not_mobile``, ``code.too_soon``
    """
    digits = phones.normalized(phone)
    if digits is None or not phones.is_mobile(digits):
        raise Refused("code.not_mobile", phone=phone)
    portal = standard.read(standard.edition_in_force(at=at).pk).portal
    _wait_for_turn(digits)
    latest = _latest(digits)
    if latest is not None and at < latest.requested_at + portal.code_resent_after:
        raise Refused(
            "code.too_soon",
            clause=portal.clause,
            seconds=ceil((latest.requested_at + portal.code_resent_after - at).total_seconds()),
        )
    row = OneTimeCode.objects.create(
        phone=digits,
        salt=secrets.token_hex(16),
        requested_at=at,
        expires_at=at + portal.code_valid_for,
        asked_by=asked_by,
    )
    # The number stays out of the journal: whoever asks has not proved that it is theirs.
    tag = "code.requested_at_desk" if asked_by else "code.requested"
    journal.record(tag=tag, subject=f"code:{row.pk}", actor=asked_by or PORTAL, at=at)
    return row


def redeem_code(*, phone: str, code: str, at: datetime) -> str:
    """
    Return the proved number in exchange for the latest code, once.

    :raises Refused: ``code.wrong`` with the attempts `left`, ``code.expired``,
        ``code.too_many``
    """
    return redeem(phone=phone, code=code, at=at).phone


def redeem(*, phone: str, code: str, at: datetime, asked_by: str = "") -> OneTimeCode:
    """
    Return the latest request that somebody made, once, in exchange for its code.

    :raises Refused: ``code.wrong`` with the attempts `left`, ``code.expired``,
        ``code.too_many``
    """
    digits = phones.normalized(phone) or ""
    typed = normalizing.number(code)
    # The refusal is raised after the transaction, which keeps the count of attempts.
    row, answer, clause, left = _try_code(phone=digits, typed=typed, at=at, asked_by=asked_by)
    if row is None:
        raise Refused("code.expired", clause=clause)
    match answer:
        case Answer.RIGHT:
            return row
        case Answer.WRONG if left > 0:
            raise Refused("code.wrong", clause=clause, left=left)
        case Answer.EXPIRED:
            raise Refused("code.expired", clause=clause)
        case Answer.TOO_MANY | Answer.WRONG:
            raise Refused("code.too_many", clause=clause)


@transaction.atomic
def _try_code(
    *, phone: str, typed: str, at: datetime, asked_by: str
) -> tuple[OneTimeCode | None, Answer, str, int]:
    portal = standard.read(standard.edition_in_force(at=at).pk).portal
    _wait_for_turn(phone)
    row = OneTimeCode.objects.filter(phone=phone, asked_by=asked_by).order_by("-id").first()
    if row is None or row.used_at is not None:
        return None, Answer.EXPIRED, portal.clause, 0
    answer = codes.judge(
        typed=typed,
        expected=queries.code_of(row),
        attempts=row.attempts,
        at_most=portal.code_attempts,
        expires_at=row.expires_at,
        at=at,
    )
    if answer is Answer.WRONG:
        row.attempts += 1
        row.save(update_fields=["attempts"])
    elif answer is Answer.RIGHT:
        row.used_at = at
        row.save(update_fields=["used_at"])
        actor = asked_by or f"phone:{phone}"
        journal.record(tag="code.redeemed", subject=f"code:{row.pk}", actor=actor, at=at)
    return row, answer, portal.clause, portal.code_attempts - row.attempts


def _latest(phone: str) -> OneTimeCode | None:
    return OneTimeCode.objects.filter(phone=phone).order_by("-id").first()


def _wait_for_turn(phone: str) -> None:
    # Two requests at once would both see that enough time has passed since the last one.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
            [int(Lock.MATTER), f"code:{phone}"],
        )


@transaction.atomic
def forget_codes(*, at: datetime) -> int:
    """Delete the codes that can no longer be used; return how many."""
    deleted, _ = OneTimeCode.objects.filter(expires_at__lt=at - CODE_KEPT_FOR).delete()
    return deleted


# -----------------------------------------------------------------------------------------
# Import
# -----------------------------------------------------------------------------------------


def import_csv(
    *,
    lines: Iterable[str],
    source: str,
    actor: str,
    at: datetime,
    on_row: Callable[[Outcome], object] | None = None,
) -> Outcome:
    """
    Receive every row of a CSV file, each in a transaction of its own.

    A bad row is reported and does not stop the others; a row that came before changes nothing;
    a row about the same matter as an open ticket joins it.

    :param source: the sender's name, within which its references are unique
    :param on_row: is told how it stands after each row
    :raises Refused: ``import.source_invalid``, ``import.empty``, ``import.columns_missing``,
        ``import.columns_unknown``
    """
    source = normalizing.text(source)
    if not 0 < len(source) <= normalizing.AT_MOST["source"]:
        raise Refused("import.source_invalid", at_most=normalizing.AT_MOST["source"])
    outcome = Outcome()
    zone = ZoneInfo(settings.TIME_ZONE)
    for row in importing.rows(lines, source=source, zone=zone):
        outcome.rows += 1
        if isinstance(row, Row):
            _import_row(row, outcome, actor=actor, at=at)
        else:
            _refuse_row(outcome, *row)
        if on_row is not None:
            on_row(outcome)
    _record_import(outcome, source=source, actor=actor, at=at)
    return outcome


def _import_row(row: Row, outcome: Outcome, *, actor: str, at: datetime) -> None:
    try:
        received = _receive_row(row, actor=actor, at=row.received_at or at)
    except Refused as refused:
        _refuse_row(outcome, RowError(row.line, refused.code, facts=refused.facts))
        return
    if received.known:
        outcome.known += 1
    elif received.joined:
        outcome.joined += 1
    else:
        outcome.opened += 1


def _receive_row(row: Row, *, actor: str, at: datetime, same_as: str | None = None) -> Received:
    try:
        return receive(
            report=row.report,
            actor=actor,
            at=at,
            line_number=row.line_number,
            customer_number=row.customer_number,
            region_code=row.region_code,
            same_as=same_as,
        )
    except Refused as refused:
        numbers = refused.facts.get("numbers")
        if refused.code != "intake.same_matter" or not isinstance(numbers, list):
            raise
        # There is nobody to ask: the newest ticket of the same matter is the one meant.
        return _receive_row(row, actor=actor, at=at, same_as=str(numbers[0]))


def _refuse_row(outcome: Outcome, *errors: RowError) -> None:
    outcome.refused += 1
    outcome.errors.extend(errors[: ERRORS_AT_MOST - len(outcome.errors)])


@transaction.atomic
def _record_import(outcome: Outcome, *, source: str, actor: str, at: datetime) -> None:
    journal.record(
        tag="contacts.imported",
        subject=f"import:{source}",
        actor=actor,
        at=at,
        rows=outcome.rows,
        opened=outcome.opened,
        joined=outcome.joined,
        known=outcome.known,
        refused=outcome.refused,
    )
