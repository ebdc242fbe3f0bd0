"""Shifts and resources: planned once, withdrawn at once, all in the journal."""

from __future__ import annotations

from datetime import date

import pytest
from tests.factories.dispatch import BY, after

from changtong.dispatch.models import Resource, Shift
from changtong.dispatch.operations import rostering
from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period


def plan(district, *periods):
    return rostering.plan_shifts(staff_id=district.li.pk, periods=periods, **BY)


def test_shifts_are_planned_together_and_written_down(district):
    shifts = plan(district, Period(after(1440), after(1920)), Period(after(2880)))
    assert [(one.period.lower, one.period.upper) for one in shifts] == [
        (after(1440), after(1920)),
        (after(2880), None),
    ]
    entry = Entry.objects.filter(tag="shift.planned").latest("pk")
    assert entry.subject == f"staff:{district.li.pk}"
    assert entry.facts["periods"][1] == ["2026-11-26T02:00:00+00:00", None]


def test_of_overlapping_shifts_none_is_planned(district):
    before = Shift.objects.count()
    with pytest.raises(Refused, match=r"shift\.overlaps"):
        plan(district, Period(after(1440), after(1920)), Period(after(1900), after(2000)))
    with pytest.raises(Refused, match=r"shift\.empty"):
        plan(district, Period(after(1440), after(1440)))
    assert Shift.objects.count() == before


def test_a_shift_is_dropped(district):
    (shift,) = plan(district, Period(after(1440), after(1920)))
    rostering.drop_shift(shift_id=shift.pk, **BY)
    assert not Shift.objects.filter(pk=shift.pk).exists()
    with pytest.raises(Missing, match=r"shift\.unknown"):
        rostering.drop_shift(shift_id=shift.pk, **BY)


def test_a_resource_is_registered_once_and_of_a_known_kind(district):
    def register(code, kind):
        rostering.register_resource(
            code=code, kind=kind, type_="x", name="x", region=district.town.region, **BY
        )

    with pytest.raises(Refused, match=r"resource\.exists"):
        register("speed_tester-0", "instrument")
    with pytest.raises(Refused, match=r"resource\.kind_unknown"):
        register("new", "ship")
    assert Resource.objects.count() == 2


def test_service_and_calibration_are_kept(district):
    rostering.put_in_service(code="speed_tester-0", in_service=False, **BY)
    rostering.calibrate(code="speed_tester-0", due_on=date(2027, 1, 1), **BY)
    resource = Resource.objects.get(code="speed_tester-0")
    assert (resource.in_service, resource.calibration_due_on) == (False, date(2027, 1, 1))
    for act in (
        lambda: rostering.put_in_service(code="none", in_service=True, **BY),
        lambda: rostering.calibrate(code="none", due_on=date(2027, 1, 1), **BY),
    ):
        with pytest.raises(Missing, match=r"resource\.unknown"):
            act()
