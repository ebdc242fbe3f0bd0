"""Which times a visit could have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from changtong.dispatch.domain import choosing
from changtong.dispatch.domain.lifecycle import State
from changtong.dispatch.domain.slots import Frame, Slot
from changtong.dispatch.queries import candidates, diaries
from changtong.kernel.time import Period


if TYPE_CHECKING:
    from changtong.dispatch.models import WorkOrder
    from changtong.dispatch.queries.candidates import Work
    from changtong.standard.domain.rules import VisitRule
    from changtong.tickets.models import Ticket


def movable(work_order: WorkOrder | None) -> bool:
    """Say whether it is a visit of somebody that has a time and has not begun."""
    return (
        work_order is not None
        and work_order.mode == "field"
        and work_order.state == State.ACKNOWLEDGED
        and work_order.technician_id is not None
        and work_order.planned is not None
    )


def on_offer(work_order: WorkOrder, *, at: datetime) -> list[Slot]:
    """Return the times of the edition's offer at which the visit's person could come instead."""
    if not movable(work_order):
        return []
    work = candidates.work_on(work_order.ticket, at=at, but=work_order)
    rule = work.visit
    if rule is None:
        return []
    work = _at_leisure(work, rule, length=work_order.work_for, at=at)
    person = candidates.person(work_order.technician_id or 0, work, at=at, but=work_order)
    found = choosing.on_offer(person, work.needs, rule.offered_every)
    return [one for one in found if one.period.start != work_order.planned.lower]


def on_offer_for(sketch: Ticket, *, at: datetime) -> list[Slot] | None:
    """
    Return when somebody who serves the place could come about a case that is not opened yet.

    Nothing is kept for anybody: the time is booked with the order, by whoever is first. None
    says that the category needs no visit.
    """
    work = candidates.work_on(sketch, at=at)
    rule = work.visit
    if rule is None:
        return None
    work = _at_leisure(work, rule, length=work.category.work_for, at=at)
    able = choosing.able(candidates.around(sketch, work, at=at), work.needs, at)
    found = {
        slot.period.start: slot
        for one in able
        for slot in choosing.on_offer(one, work.needs, rule.offered_every)
    }
    return [found[start] for start in sorted(found)]


def _at_leisure(work: Work, rule: VisitRule, *, length: timedelta, at: datetime) -> Work:
    """Return the work with the time from which a customer may choose, whatever the limits are."""
    span = Period(at + rule.offered_from, at + rule.offered_within)
    frame = Frame(
        length=length,
        after=span.start,
        end_by=span.end or span.start,
        timezone=work.needs.frame.timezone,
        hours=diaries.hours(work.calendar, span) if work.calendar else None,
    )
    return replace(work, needs=replace(work.needs, frame=frame))
