"""Somebody leaves: what they hold is handed over first, then their account is closed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.dispatch.queries import orders
from changtong.kernel.errors import Refused
from changtong.parties import operations as parties
from changtong.tickets import queries as tickets


@transaction.atomic
def depart(*, staff_id: int, actor: str, at: datetime) -> None:
    """
    Close the account of somebody who holds nothing any more.

    :raises Refused: ``staff.holds_work``, ``staff.own_account``
    """
    if actor == f"staff:{staff_id}":
        raise Refused("staff.own_account")
    held = max(len(orders.tickets_of(staff_id)), tickets.open_counts([staff_id]).get(staff_id, 0))
    if held:
        raise Refused("staff.holds_work", count=held)
    parties.dismiss(staff_id=staff_id, actor=actor, at=at)
