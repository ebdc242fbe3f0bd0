"""Which remedies a case has a claim to, and what each of them comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from changtong.kernel.errors import Refused
from changtong.standard.domain import remedies
from changtong.standard.domain.remedies import Owed, Remedy


@dataclass(frozen=True, slots=True)
class Broken:
    """A limit that was broken, and until when the work took."""

    clock: int
    metric: str
    basis: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A remedy that is owed for a broken limit; the sum is missing until its base is known."""

    remedy: Remedy
    broken: Broken
    owed: Owed | None


def claims(
    rules: Sequence[Remedy],
    broken: Iterable[Broken],
    *,
    category: str,
    cause: str,
    monthly_rent: Decimal | None,
) -> Iterator[Claim]:
    """Yield what a case has a claim to; of several such limits the first to end counts."""
    found = sorted(broken, key=lambda one: one.due_at)
    for rule in rules:
        if not rule.is_owed_for(category=category, cause=cause):
            continue
        limit = next(
            (one for one in found if (one.metric, one.basis) == (rule.metric, rule.basis)), None
        )
        if limit is not None:
            base = monthly_rent if rule.base == "monthly_rent" else None
            yield Claim(rule, limit, amount(rule, limit, base=base))


def amount(rule: Remedy, broken: Broken, *, base: Decimal | None) -> Owed | None:
    """Return the sum of a claim, or nothing while its base is not known."""
    return remedies.owed(
        rule,
        base=base,
        started_at=broken.started_at,
        due_at=broken.due_at,
        ended_at=broken.ended_at,
    )


def written(owed: Owed | None) -> list[dict[str, Any]]:
    """Return the terms of a sum as they are kept: numbers as text, so that no cent is lost."""
    return [
        {
            "of": term.of,
            "each": str(term.each.quantize(Decimal("0.0001"))),
            "per": term.per,
            "days": str(term.days),
            "amount": str(term.amount),
        }
        for term in (owed.terms if owed else ())
    ]


def money(text: str) -> Decimal:
    """
    Read an amount of money.

    :raises Refused: ``money.unreadable``
    """
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        raise Refused("money.unreadable", given=text) from None
    if not found.is_finite() or found < 0 or found != found.quantize(remedies.CENT):
        raise Refused("money.unreadable", given=text)
    return found
