"""Propose what a broken limit owes the customer, and decide about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from changtong.clocks import queries as clocks
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.domain import remedying as rules
from changtong.tickets.domain.remedying import Broken, Claim
from changtong.tickets.models import Remedy, Ticket


@transaction.atomic
def propose(*, number: str, actor: str, at: datetime) -> list[Remedy]:
    """
    Propose what the broken limits of a ticket owe by now; what was decided stays as it is.

    A proposal whose ground has gone, because the cause excludes it, is withdrawn.
    """
    ticket = queries.locked(number)
    known = {one.code: one for one in Remedy.objects.filter(ticket=ticket)}
    found = list(_claims(ticket, at=at))
    for claim in found:
        remedy = known.pop(claim.remedy.code, None)
        told = remedy and (remedy.state, remedy.terms, remedy.amount)
        if remedy is None:
            remedy = Remedy(ticket=ticket, code=claim.remedy.code, proposed_at=at)
        if remedy.state in Remedy.OPEN:
            _write(remedy, claim)
            if told != (remedy.state, remedy.terms, remedy.amount):
                _tell("remedy.proposed", remedy, actor=actor, at=at)
    for remedy in known.values():
        if remedy.state == Remedy.State.PROPOSED:
            remedy.state = Remedy.State.WITHDRAWN
            remedy.save(update_fields=["state"])
            _tell("remedy.withdrawn", remedy, actor=actor, at=at)
    return list(Remedy.objects.filter(ticket=ticket).order_by("id"))


def _claims(ticket: Ticket, *, at: datetime) -> Iterator[Claim]:
    resolution = ticket.resolutions.filter(refused_at=None).order_by("-id").first()
    broken = [
        Broken(
            clock=clock.pk,
            metric=clock.metric,
            basis=clock.basis,
            started_at=clock.started_at,
            due_at=clock.due_at,
            ended_at=clock.stopped_at or at,
        )
        for clock in clocks.of(ticket.number)
        if clock.breached_at is not None and clock.voided_at is None
    ]
    return rules.claims(
        standard.read(ticket.edition_id).remedies(kind=ticket.kind),
        broken,
        category=ticket.category,
        cause=resolution.cause if resolution else "",
        monthly_rent=ticket.line.monthly_rent if ticket.line else None,
    )


def _write(remedy: Remedy, claim: Claim) -> None:
    remedy.state = Remedy.State.PROPOSED
    remedy.clause = claim.remedy.clause
    remedy.clock = claim.broken.clock
    remedy.started_at = claim.broken.started_at
    remedy.due_at = claim.broken.due_at
    remedy.ended_at = claim.broken.ended_at
    remedy.terms = rules.written(claim.owed)
    remedy.amount = claim.owed.amount if claim.owed else None
    remedy.at_most = claim.remedy.at_most
    remedy.save()


@transaction.atomic
def accept(
    *, number: str, code: str, actor: str, at: datetime, base: Decimal | None = None
) -> Remedy:
    """
    Grant a proposed remedy.

    :param base: what the sum is a share of, if the proposal did not know it
    :raises Refused: ``remedy.settled``, ``remedy.not_final``, ``remedy.without_base``
    :raises Missing: ``remedy.unknown``
    """
    ticket = queries.locked(number)
    remedy = _proposed(ticket, code)
    if ticket.resolved_at is None and not queries.is_final(ticket):
        raise Refused("remedy.not_final", clause=remedy.clause)
    if remedy.amount is None:
        claim = next(one for one in _claims(ticket, at=at) if one.remedy.code == code)
        owed = rules.amount(claim.remedy, claim.broken, base=base)
        if owed is None:
            raise Refused("remedy.without_base", clause=remedy.clause)
        remedy.terms, remedy.amount = rules.written(owed), owed.amount
    return _settle(remedy, Remedy.State.ACCEPTED, actor=actor, at=at)


@transaction.atomic
def decline(*, number: str, code: str, reason: str, actor: str, at: datetime) -> Remedy:
    """
    Turn a proposed remedy down, with the reason.

    :raises Refused: ``remedy.settled``, ``remedy.unreasoned``
    :raises Missing: ``remedy.unknown``
    """
    remedy = _proposed(queries.locked(number), code)
    if not reason.strip():
        raise Refused("remedy.unreasoned", clause=remedy.clause)
    remedy.reason = reason.strip()
    return _settle(remedy, Remedy.State.DECLINED, actor=actor, at=at)


def _proposed(ticket: Ticket, code: str) -> Remedy:
    remedy = queries.remedy(ticket, code)
    if remedy.state != Remedy.State.PROPOSED:
        raise Refused("remedy.settled", clause=remedy.clause)
    return remedy


def _settle(remedy: Remedy, state: Remedy.State, *, actor: str, at: datetime) -> Remedy:
    remedy.state, remedy.settled_by, remedy.settled_at = state, actor, at
    remedy.save()
    _tell(f"remedy.{state}", remedy, actor=actor, at=at)
    return remedy


def _tell(tag: str, remedy: Remedy, *, actor: str, at: datetime) -> None:
    journal.record(
        tag=tag,
        subject=remedy.ticket.number,
        actor=actor,
        at=at,
        remedy=remedy.code,
        clause=remedy.clause,
        amount=None if remedy.amount is None else str(remedy.amount),
        terms=remedy.terms,
    )
