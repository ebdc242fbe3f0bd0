"""Write down how it was made sure who asks, and what they were told or agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction

from changtong.intake.domain import assurance
from changtong.intake.models import OneTimeCode
from changtong.intake.queries import assurances
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.identity import Consent, Method
    from changtong.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Assured:
    """
    What an agent made sure of, by the codes of the standard's table.

    :param method: how identity was checked, empty if not at all; None where nobody could ask
    :param consents: what the applicant was told or agreed to
    :param proof: the code that the applicant read out, for a way that the system proves
    """

    method: str | None = None
    consents: Sequence[str] = ()
    proof: str = ""


NOBODY_ASKED: Final = Assured()


def note(
    ticket: Ticket,
    edition: Edition,
    assured: Assured,
    *,
    joined: bool,
    actor: str,
    at: datetime,
) -> None:
    """
    Record both with a case that is being opened, or that a report joins.

    Without what is required none is opened; one that is open shows what it lacks.

    :raises Refused: ``identity.method_unknown``, ``identity.unverified``, ``identity.unproved``,
        ``consent.unknown``
    """
    rule = edition.identity
    if rule is None or assured.method is None:
        return
    if not joined:
        method = rule.checked(assured.method, channel=ticket.channel, category=ticket.category)
    else:
        method = rule.method(assured.method) if assured.method else None
    _record_check(ticket, method, assured.proof, actor=actor, at=at)
    _record_consents(ticket, edition, rule.agreed(assured.consents), actor=actor, at=at)


@transaction.atomic
def check(*, number: str, method: str, actor: str, at: datetime, proof: str = "") -> None:
    """
    Record afterwards how it was made sure who asks.

    :raises Refused: ``ticket.finished``, ``identity.method_unknown``, ``identity.unproved``
    """
    ticket = tickets.locked(number)
    if tickets.is_final(ticket):
        raise Refused("ticket.finished", state=ticket.state)
    rule = standard.read(ticket.edition_id).identity
    if rule is None:
        raise Refused("identity.method_unknown", method=method)
    _record_check(ticket, rule.method(method), proof, actor=actor, at=at)


@transaction.atomic
def withdraw(
    *, number: str, consent: str, channel: str, reason: str, actor: str, at: datetime
) -> bool:
    """
    Record that an applicant takes a consent back; return whether it stood until now.

    :raises Refused: ``consent.not_given``, ``consent.only_told``
    """
    ticket = tickets.locked(number)
    given = assurance.consents(assurances.told_of(ticket.number))
    found = next((one for one in given if one.code == consent), None)
    if found is None:
        raise Refused("consent.not_given", consent=consent)
    if found.only_told:
        raise Refused("consent.only_told", clause=found.clause, consent=consent)
    if found.withdrawn_at is not None:
        return False
    journal.record(
        tag="consent.withdrawn",
        subject=ticket.number,
        actor=actor,
        at=at,
        choice=found.code,
        name=found.name,
        name_en=found.name_en,
        channel=channel,
        reason=reason,
        wording=found.digest,
        clause=found.clause,
    )
    return True


def _record_check(
    ticket: Ticket, method: Method | None, proof: str, *, actor: str, at: datetime
) -> None:
    if method is None:
        return
    journal.record(
        tag="identity.checked",
        subject=ticket.number,
        actor=actor,
        at=at,
        clause=method.clause,
        choice=method.code,
        name=method.name,
        name_en=method.name_en,
        **({"proof": _spend(ticket, method, proof, actor, at)} if method.by_code else {}),
    )


def _spend(ticket: Ticket, method: Method, proof: str, actor: str, at: datetime) -> str:
    """Return the request whose code the applicant read out, which counts for one case."""
    rows = OneTimeCode.objects.select_for_update().filter(
        pk=int(proof) if proof.isascii() and proof.isdigit() else 0,
        phone=assurances.number_on_file(ticket.line, ticket.customer),
        asked_by=actor,
        used_at__isnull=False,
        counted_at=None,
    )
    row = rows.first()
    if row is None:
        raise Refused("identity.unproved", clause=method.clause)
    row.counted_at = at
    row.save(update_fields=["counted_at"])
    return f"code:{row.pk}"


def _record_consents(
    ticket: Ticket, edition: Edition, consents: Iterable[Consent], *, actor: str, at: datetime
) -> None:
    for one in consents:
        journal.record(
            tag="consent.noted",
            subject=ticket.number,
            actor=actor,
            at=at,
            clause=one.clause,
            choice=one.code,
            name=one.name,
            name_en=one.name_en,
            version=edition.version,
            wording=one.digest,
            **({"only_told": True} if one.only_told else {}),
        )
