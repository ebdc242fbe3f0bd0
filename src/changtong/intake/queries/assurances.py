"""Look up what was made sure of about a case, and by which number that can be proved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery

from changtong.intake.domain.assurance import TAGS, Told
from changtong.intake.models import OneTimeCode
from changtong.journal import queries as journal
from changtong.parties.domain import phones


if TYPE_CHECKING:
    from changtong.parties.models import Customer, Line


def with_told() -> ArraySubquery:
    """Return what the journal tells of each case, for a query of tickets."""
    return journal.told_of_each("number", TAGS)


def read(rows: Iterable[dict[str, Any]] | None) -> list[Told]:
    """Return what such a query found."""
    return [
        Told(one["tag"], one["actor"], datetime.fromisoformat(one["at"]), one["facts"])
        for one in rows or ()
    ]


def told_of(number: str) -> list[Told]:
    """Return what the journal tells of one case."""
    entries = journal.timeline(number).filter(tag__in=TAGS)
    return [Told(one.tag, one.actor, one.happened_at, one.facts) for one in entries]


def is_awaited(number: str, *, asked_by: str, at: datetime) -> bool:
    """Say whether somebody had a code sent to a number that may still be read out to them."""
    codes = OneTimeCode.objects.filter(phone=number, asked_by=asked_by, used_at=None)
    return codes.filter(expires_at__gt=at).exists()


def number_on_file(line: Line | None, customer: Customer | None) -> str:
    """Return the mobile number on file, to which a code can go; empty if there is none."""
    owner = line.customer if line else customer
    known = (owner.phone if owner else "", line.number if line else "")
    found = (phones.normalized(one) or "" for one in known)
    return next((one for one in found if phones.is_mobile(one)), "")
