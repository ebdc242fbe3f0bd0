"""What the passing of time does to visits."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.dispatch.domain.lifecycle import State
from changtong.dispatch.operations import issuing
from changtong.dispatch.queries import orders
from changtong.journal import operations as journal
from changtong.tickets import queries as tickets


ACTOR = "system:dispatch"


def let_go(*, at: datetime) -> int:
    """Free what a pause on site has kept for longer than the standard says; return how many."""
    return sum(_let_go(number, at=at) for number in orders.kept_too_long(at=at))


@transaction.atomic
def _let_go(number: str, *, at: datetime) -> bool:
    tickets.locked(orders.ticket_number_of(number))
    work_order = orders.locked(number)
    until = work_order.kept_until
    if work_order.state != State.HELD or until is None or until > at:
        return False
    issuing.give_back(work_order, at=until)
    work_order.kept_until = work_order.planned = None
    work_order.save(update_fields=["kept_until", "planned"])
    journal.record(
        tag="visit.let_go",
        subject=work_order.ticket_number,
        actor=ACTOR,
        at=until,
        work_order=work_order.number,
        staff=work_order.technician_id,
    )
    return True
