"""Visits lie in the hours that the edition states, with time for the way between two of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.factories.dispatch import BY, accepted, after

from changtong.dispatch.operations import appointing, assigning, rostering
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.parties import operations as parties
from changtong.parties.models import Line


# The factories' day begins at 10:00 in Zhengzhou.
EVENING = 11 * 60
MORNING = 22 * 60
AT_NIGHT = Period(after(EVENING), after(EVENING + 60))
SYSTEM = {"actor": "system:dispatch"}


@pytest.fixture
def on_duty(district):
    """Nobody goes home."""
    for person in (district.li, district.zhao):
        standing = [Period(after(10 * 60), after(100 * 60))]
        rostering.plan_shifts(staff_id=person.pk, periods=standing, **BY)
    return district


def test_what_comes_in_the_evening_is_visited_in_the_morning(on_duty):
    ticket = accepted(on_duty.town)
    assert ticket.priority == "P3"
    work_order = assigning.assign_automatically(number=ticket.number, at=after(EVENING), **SYSTEM)
    assert work_order.planned.lower == after(MORNING)
    assert work_order.reason["hours_clause"] == "7.9"


def test_what_the_table_lets_go_round_the_clock_is_visited_at_night(on_duty):
    ticket = accepted(on_duty.town, urgency="critical")
    assert ticket.priority == "P2"
    work_order = assigning.assign_automatically(number=ticket.number, at=after(EVENING), **SYSTEM)
    assert work_order.planned.lower == after(EVENING)
    assert work_order.reason["hours_clause"] == "7.3"


def test_a_visit_that_would_end_after_the_hours_waits_for_the_morning(on_duty):
    ticket = accepted(on_duty.town)
    late = after(9 * 60 + 30)
    work_order = assigning.assign_automatically(number=ticket.number, at=late, **SYSTEM)
    assert work_order.planned.lower == after(MORNING)


def test_no_dispatcher_sends_somebody_at_night_without_a_row_that_lets_them(on_duty):
    ticket = accepted(on_duty.town)
    given = {"number": ticket.number, "reason": "x", "at": after(1), "actor": "staff:9"}
    with pytest.raises(Refused, match=r"visit\.out_of_hours") as refused:
        assigning.assign_to(staff_id=on_duty.li.pk, planned=AT_NIGHT, **given)
    assert refused.value.clause == "7.9"
    work_order = assigning.assign_to(staff_id=on_duty.li.pk, **given)
    with pytest.raises(Refused, match=r"visit\.out_of_hours"):
        appointing.replan(
            number=work_order.number,
            starts_at=after(EVENING),
            reason="x",
            at=after(2),
            actor="staff:9",
        )
    work_order.refresh_from_db()
    assert work_order.planned.lower == after(1)


def test_between_two_visits_there_is_time_for_the_way(district):
    far = parties.connect_line(
        number="KD0999",
        customer=district.town.customer,
        service_code="bb500",
        address="西郊",
        region_code="410105",
        latitude=34.75 + 5 / 111.195,
        longitude=113.62,
        **BY,
    )
    Line.objects.filter(pk=district.town.line.pk).update(latitude=34.75, longitude=113.62)
    first, second = accepted(district.town), accepted(replace(district.town, line=far))
    given = {"staff_id": district.li.pk, "reason": "x", "at": after(0), "actor": "staff:9"}
    one = assigning.assign_to(number=first.number, planned=Period(after(60), after(120)), **given)
    # Seven kilometers by road: fourteen minutes.
    two = assigning.assign_to(number=second.number, **{**given, "at": after(1)})
    assert (one.planned.upper, two.planned.lower) == (after(120), after(134))

    squeezed = assigning.reassign(
        number=second.number, planned=Period(after(125), after(185)), **given
    )
    assert squeezed.reason["despite"] == ["on_the_way"]
