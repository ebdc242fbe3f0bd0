"""What is put right about customers and their lines; the journal keeps which, not what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain import phones
from changtong.parties.models import Customer, Line, Tier


@transaction.atomic
def correct_customer(
    *,
    number: str,
    name: str,
    phone: str,
    email: str,
    language: str,
    tier: str,
    actor: str,
    at: datetime,
) -> Customer:
    """
    Put right who a customer is, how they are reached and their tier.

    :raises Refused: ``customer.phone_invalid``, ``customer.tier_unknown``
    :raises Missing: ``customer.unknown``
    """
    digits = phones.normalized(phone)
    if digits is None:
        raise Refused("customer.phone_invalid", phone=phone)
    if tier not in Tier.values:
        raise Refused("customer.tier_unknown", tier=tier)
    customer = Customer.objects.select_for_update().filter(number=number).first()
    if customer is None:
        raise Missing("customer.unknown", number=number)
    given = {"name": name, "phone": digits, "email": email, "language": language, "tier": tier}
    if changed := _written(customer, given):
        # Limits follow from the tier, so this much is kept; the rest are personal data.
        facts = {"tier": tier} if "tier" in changed else {}
        journal.record(
            tag="customer.corrected",
            subject=f"customer:{customer.pk}",
            actor=actor,
            at=at,
            fields=changed,
            **facts,
        )
    return customer


@transaction.atomic
def correct_line(
    *,
    number: str,
    address: str,
    access_resource: str,
    state: str,
    monthly_rent: Decimal | None,
    actor: str,
    at: datetime,
) -> Line:
    """
    Put right where a line is, what it hangs on, whether it works and what it costs.

    :raises Refused: ``line.state_unknown``
    :raises Missing: ``line.unknown``
    """
    if state not in Line.State.values:
        raise Refused("line.state_unknown", state=state)
    line = Line.objects.select_for_update().filter(number=number).first()
    if line is None:
        raise Missing("line.unknown", number=number)
    given = {
        "address": address,
        "access_resource": access_resource,
        "state": state,
        "monthly_rent": monthly_rent,
    }
    if changed := _written(line, given):
        facts = {"state": state} if "state" in changed else {}
        journal.record(
            tag="line.corrected",
            subject=f"line:{line.pk}",
            actor=actor,
            at=at,
            fields=changed,
            **facts,
        )
    return line


def _written(row: Customer | Line, given: Mapping[str, Any]) -> list[str]:
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, given[name])
    if changed:
        row.save(update_fields=changed)
    return changed
