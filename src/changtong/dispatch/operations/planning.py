"""A week of duties as a leader plans it: put on, taken off, moved, on leave, as last week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from changtong.dispatch.domain.rosters import LeaveReason, without
from changtong.dispatch.models import Leave, Shift
from changtong.dispatch.operations import rostering
from changtong.dispatch.queries import rosters
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period


WEEK = timedelta(days=7)


@transaction.atomic
def put_on(*, staff_id: int, period: Period, actor: str, at: datetime) -> Shift:
    """
    Put somebody on duty from now on or later.

    :raises Refused: ``shift.over``, ``shift.on_leave``, ``shift.overlaps``, ``shift.empty``
    """
    _require_to_come(period, at)
    return rostering.plan_shifts(staff_id=staff_id, periods=[period], actor=actor, at=at)[0]


@transaction.atomic
def take_off(*, staff_id: int, period: Period, actor: str, at: datetime) -> int:
    """
    Take somebody off duty in this stretch; what is booked in it stays until somebody moves it.

    What lies before and after it remains, so that a standing duty can lose one day. What is past
    was so and stays. Return how many duties were touched.

    :raises Refused: ``shift.over``
    """
    _require_to_come(period, at)
    gone = Period(max(period.start, at), period.end)
    touched = list(
        Shift.objects.select_for_update()
        .filter(staff_id=staff_id, period__overlap=DateTimeTZRange(gone.start, gone.end))
        .order_by("pk")
    )
    for shift in touched:
        duty = Period(shift.period.lower, shift.period.upper)
        shift.delete()
        Shift.objects.bulk_create(
            Shift(staff_id=staff_id, period=DateTimeTZRange(part.start, part.end))
            for part in without(duty, gone)
        )
    if touched:
        journal.record(
            tag="shift.dropped",
            subject=f"staff:{staff_id}",
            actor=actor,
            at=at,
            starts_at=gone.start.isoformat(),
            ends_at=gone.end.isoformat() if gone.end else None,
        )
    return len(touched)


@transaction.atomic
def move(*, staff_id: int, was: Period, period: Period, actor: str, at: datetime) -> Shift:
    """
    Let a duty that has not ended be at other hours.

    :raises Missing: ``shift.unknown``, also when somebody else has moved it meanwhile
    :raises Refused: ``shift.over``, ``shift.on_leave``, ``shift.overlaps``, ``shift.empty``
    """
    _require_to_come(was, at)
    shift = (
        Shift.objects.select_for_update()
        .filter(staff_id=staff_id, period=DateTimeTZRange(was.start, was.end))
        .first()
    )
    if shift is None:
        raise Missing("shift.unknown")
    rostering.drop_shift(shift_id=shift.pk, actor=actor, at=at)
    return put_on(staff_id=staff_id, period=period, actor=actor, at=at)


@transaction.atomic
def grant_leave(
    *, staff_id: int, first: date, last: date, reason: str, actor: str, at: datetime
) -> Leave:
    """
    Give somebody leave from a day until a day, both included; their duties in it go.

    :raises Refused: ``leave.reversed``, ``leave.overlaps``, ``leave.reason_unknown``,
        ``shift.over``
    """
    if reason not in set(LeaveReason):
        raise Refused("leave.reason_unknown", reason=reason)
    if last < first:
        raise Refused("leave.reversed")
    days = DateRange(first, last + timedelta(days=1))
    try:
        with transaction.atomic():
            leave = Leave.objects.create(staff_id=staff_id, days=days, reason=reason)
    except IntegrityError as error:
        if "leave_no_overlap" not in str(error):
            raise
        raise Refused("leave.overlaps") from error
    take_off(staff_id=staff_id, period=rosters.stretch(leave), actor=actor, at=at)
    # Not why: whether somebody is ill is nothing for a record that cannot forget.
    journal.record(
        tag="leave.granted",
        subject=f"staff:{staff_id}",
        actor=actor,
        at=at,
        first=first.isoformat(),
        last=last.isoformat(),
    )
    return leave


@transaction.atomic
def withdraw_leave(*, staff_id: int, day: date, actor: str, at: datetime) -> None:
    """
    Take back the leave that a day lies in; the duties that it took have to be planned again.

    :raises Missing: ``leave.unknown``
    """
    leave = Leave.objects.select_for_update().filter(staff_id=staff_id, days__contains=day).first()
    if leave is None:
        raise Missing("leave.unknown")
    first = leave.days.lower
    leave.delete()
    journal.record(
        tag="leave.withdrawn",
        subject=f"staff:{staff_id}",
        actor=actor,
        at=at,
        first=first.isoformat(),
    )


@transaction.atomic
def repeat_week(
    *, staff_ids: Sequence[int], monday: date, actor: str, at: datetime
) -> tuple[int, int]:
    """
    Plan the week that begins on a Monday like the one before it.

    Return how many duties were planned and how many could not be: those in the past, on leave or
    where there is one already. So a second time plans nothing.
    """
    start = rosters.midnight(monday)
    before = Shift.objects.filter(
        staff_id__in=staff_ids,
        period__startswith__gte=start - WEEK,
        period__startswith__lt=start,
        period__upper_inf=False,
    )
    planned = left_out = 0
    for shift in before.order_by("staff_id", "period"):
        again = Period(shift.period.lower + WEEK, shift.period.upper + WEEK)
        try:
            put_on(staff_id=shift.staff_id, period=again, actor=actor, at=at)
            planned += 1
        except Refused:
            left_out += 1
    return planned, left_out


def _require_to_come(period: Period, at: datetime) -> None:
    if period.end is not None and period.end <= at:
        raise Refused("shift.over")
