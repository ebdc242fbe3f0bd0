"""Who is on duty when, and what there is to work with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from changtong.dispatch.domain.resources import ResourceKind
from changtong.dispatch.models import Resource, Shift
from changtong.dispatch.queries import rosters
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period


if TYPE_CHECKING:
    from changtong.catalog.models import Region
    from changtong.parties.models import Team


@transaction.atomic
def plan_shifts(
    *, staff_id: int, periods: Sequence[Period], actor: str, at: datetime
) -> list[Shift]:
    """
    Put somebody on duty for these periods; one without an end is a standing duty.

    :raises Refused: ``shift.overlaps``, ``shift.empty``, ``shift.on_leave``
    """
    if any(period.start == period.end for period in periods):
        raise Refused("shift.empty")
    if any(period.overlaps(away) for away in rosters.leaves_of(staff_id) for period in periods):
        raise Refused("shift.on_leave")
    try:
        with transaction.atomic():
            shifts = Shift.objects.bulk_create(
                Shift(staff_id=staff_id, period=DateTimeTZRange(period.start, period.end))
                for period in periods
            )
    except IntegrityError as error:
        if "shift_no_overlap" not in str(error):
            raise
        raise Refused("shift.overlaps") from error
    journal.record(
        tag="shift.planned",
        subject=f"staff:{staff_id}",
        actor=actor,
        at=at,
        periods=[
            [period.start.isoformat(), period.end.isoformat() if period.end else None]
            for period in periods
        ],
    )
    return shifts


@transaction.atomic
def drop_shift(*, shift_id: int, actor: str, at: datetime) -> None:
    """
    Take somebody off duty; what is booked in the shift stays until somebody moves it.

    :raises Missing: ``shift.unknown``
    """
    shift = Shift.objects.select_for_update().filter(pk=shift_id).first()
    if shift is None:
        raise Missing("shift.unknown", shift=shift_id)
    shift.delete()
    journal.record(
        tag="shift.dropped",
        subject=f"staff:{shift.staff_id}",
        actor=actor,
        at=at,
        starts_at=shift.period.lower.isoformat(),
    )


@transaction.atomic
def register_resource(
    *,
    code: str,
    kind: str,
    type_: str,
    name: str,
    region: Region,
    actor: str,
    at: datetime,
    team: Team | None = None,
    calibration_due_on: date | None = None,
) -> Resource:
    """
    Register an instrument, a vehicle or a room.

    :raises Refused: ``resource.exists``, ``resource.kind_unknown``
    """
    if kind not in set(ResourceKind):
        raise Refused("resource.kind_unknown", kind=kind)
    resource, created = Resource.objects.get_or_create(
        code=code,
        defaults={
            "kind": kind,
            "type": type_,
            "name": name,
            "region": region,
            "region_path": region.path,
            "team": team,
            "calibration_due_on": calibration_due_on,
        },
    )
    if not created:
        raise Refused("resource.exists", resource=code)
    journal.record(
        tag="resource.registered",
        subject=f"resource:{code}",
        actor=actor,
        at=at,
        kind=kind,
        type=type_,
    )
    return resource


@transaction.atomic
def put_in_service(*, code: str, in_service: bool, actor: str, at: datetime) -> Resource:
    """
    Say whether a resource may be booked from now on; what is booked stays.

    :raises Missing: ``resource.unknown``
    """
    resource = _locked(code)
    resource.in_service = in_service
    resource.save(update_fields=["in_service"])
    tag = "resource.returned" if in_service else "resource.withdrawn"
    journal.record(tag=tag, subject=f"resource:{code}", actor=actor, at=at)
    return resource


@transaction.atomic
def calibrate(*, code: str, due_on: date, actor: str, at: datetime) -> Resource:
    """
    Record that an instrument was calibrated and when it must be again.

    :raises Missing: ``resource.unknown``
    """
    resource = _locked(code)
    resource.calibration_due_on = due_on
    resource.save(update_fields=["calibration_due_on"])
    journal.record(
        tag="resource.calibrated",
        subject=f"resource:{code}",
        actor=actor,
        at=at,
        due_on=due_on.isoformat(),
    )
    return resource


def _locked(code: str) -> Resource:
    resource = Resource.objects.select_for_update().filter(code=code).first()
    if resource is None:
        raise Missing("resource.unknown", resource=code)
    return resource
