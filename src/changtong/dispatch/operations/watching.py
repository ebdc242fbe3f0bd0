"""What the passing of time does to visits."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.dispatch.domain.lifecycle import State
from changtong.dispatch.models import WorkOrder
from changtong.dispatch.operations import alarming, issuing
from changtong.dispatch.queries import orders
from changtong.journal import operations as journal
from changtong.standard import queries as standard


ACTOR = "system:dispatch"


def let_go(*, at: datetime) -> int:
    """Free what a pause on site has kept for longer than the standard says; return how many."""
    return sum(_let_go(number, at=at) for number in orders.kept_too_long(at=at))


def sound_missed(*, at: datetime) -> int:
    """Raise an alarm for each visit whose time passed without arrival; return how many."""
    return sum(_sound(one.number, at=at) for one in orders.late(at=at) if _is_missed(one, at=at))


@transaction.atomic
def _sound(number: str, *, at: datetime) -> bool:
    ticket, work_order = orders.locked_with_ticket(number)
    if work_order.arrived_at is not None or not _is_missed(work_order, at=at):
        return False
    rule = standard.read(ticket.edition_id).visit(kind=ticket.kind)
    alarming.sound(
        ticket,
        reasons={
            "by": orders.MISSED,
            "work_order": work_order.number,
            "staff": work_order.technician_id,
            "planned_at": work_order.planned.lower.isoformat(),
            "within_minutes": int(rule.missed_after.total_seconds() // 60),
        },
        clause=rule.clause,
        actor=ACTOR,
        at=at,
        tag="visit.missed",
    )
    return True


def _is_missed(work_order: WorkOrder, *, at: datetime) -> bool:
    if State(work_order.state) not in {State.ACKNOWLEDGED, State.IN_PROGRESS}:
        return False
    ticket = work_order.ticket
    rule = standard.read(ticket.edition_id).visit(kind=ticket.kind)
    return work_order.planned is not None and work_order.planned.lower + rule.missed_after <= at


@transaction.atomic
def _let_go(number: str, *, at: datetime) -> bool:
    _, work_order = orders.locked_with_ticket(number)
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
