"""A dispatcher's word: it overrules load, region and roster, with a reason, and nothing else."""

from __future__ import annotations

import pytest
from tests.factories import people
from tests.factories.dispatch import BY, accepted, after, technician

from changtong.dispatch.models import Alarm, Booking, WorkOrder
from changtong.dispatch.operations import assigning, rostering
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period
from changtong.tickets.models import Hold, Ticket
from changtong.tickets.operations import opening, pausing


DISPATCHER = {"actor": "staff:900"}


def give(ticket, minutes=1, reason="离得近", **whom):
    return assigning.assign_to(
        number=ticket.number, reason=reason, at=after(minutes), **DISPATCHER, **whom
    )


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def nothing_changed(ticket):
    return (
        fresh(ticket).assignee_id is None
        and not WorkOrder.objects.exists()
        and not Booking.objects.exists()
        and not Hold.objects.exists()
    )


def test_a_person_is_given_the_visit_at_the_set_time(district):
    ticket = accepted(district.town)
    work_order = give(ticket, staff_id=district.zhao.pk, planned=Period(after(60), after(120)))
    assert work_order.technician_id == district.zhao.pk
    assert (work_order.planned.lower, work_order.planned.upper) == (after(60), after(120))
    assert (work_order.reason["by"], work_order.reason["note"]) == ("dispatcher", "离得近")
    assert [(one["name"], one["reason"]) for one in work_order.reason["others"]] == [
        ("li", "less_suited")
    ]
    assert "despite" not in work_order.reason


def test_what_was_overruled_is_kept_with_the_reason(district):
    people.district("410122", "中牟县")
    wang = technician("wang", "broadband_maintenance", region="410122", shift=None)
    people.team("elsewhere", wang, mode="field", region="410122")
    work_order = give(accepted(district.town), staff_id=wang.pk)
    assert work_order.reason["despite"] == ["out_of_region", "off_shift"]
    assert work_order.planned.lower == after(1)


@pytest.mark.parametrize(("until", "standing"), [("2026-11-23", "expired"), (None, "missing")])
def test_the_unqualified_are_refused_even_to_a_dispatcher(district, until, standing):
    if until is None:
        district.li.qualifications.all().delete()
    else:
        district.li.qualifications.update(expires_on=until)
    ticket = accepted(district.town)
    with pytest.raises(Refused, match=r"assignment\.unqualified") as refused:
        give(ticket, staff_id=district.li.pk)
    assert refused.value.clause == "17.1"
    assert refused.value.facts == {
        "name": "li",
        "skill": "broadband_maintenance",
        "skill_name": "宽带装维",
        "skill_name_en": "Broadband installation and maintenance",
        "standing": standing,
    }
    assert nothing_changed(ticket)


def test_who_has_left_is_refused(district):
    district.li.is_active = False
    district.li.save()
    ticket = accepted(district.town)
    with pytest.raises(Refused, match=r"assignment\.inactive"):
        give(ticket, staff_id=district.li.pk)
    assert nothing_changed(ticket)


def test_who_is_complained_of_is_refused(district):
    ticket = accepted(district.town, complained_of_id=district.li.pk)
    with pytest.raises(Refused, match=r"assignment\.complained_of"):
        give(ticket, staff_id=district.li.pk)
    assert nothing_changed(ticket)


def test_a_person_cannot_be_in_two_places(district):
    first, second = accepted(district.town), accepted(district.town)
    work_order = give(first, staff_id=district.li.pk, planned=Period(after(60), after(120)))
    with pytest.raises(Refused, match=r"assignment\.booked") as refused:
        give(second, staff_id=district.li.pk, planned=Period(after(90), after(150)))
    assert refused.value.clause == "6.4"
    assert refused.value.facts == {"what": "person", "name": "li"}
    assert fresh(second).assignee_id is None
    assert list(WorkOrder.objects.all()) == [work_order]
    assert Booking.objects.count() == 3


def test_instruments_that_are_out_are_noted_and_do_not_stop_a_dispatcher(district):
    rostering.put_in_service(code="speed_tester-0", in_service=False, **BY)
    work_order = give(accepted(district.town), staff_id=district.li.pk)
    assert work_order.reason["despite"] == ["resource_unavailable"]
    assert work_order.reason["chosen"]["lacking"] == ["optical_power_meter", "speed_tester"]


def test_without_a_set_time_a_full_day_leads_to_a_late_visit(district):
    ticket = accepted(district.town)
    busy = accepted(district.town)
    give(busy, staff_id=district.li.pk, planned=Period(after(1), after(595)))
    rostering.plan_shifts(
        staff_id=district.li.pk, periods=[Period(after(24 * 60), after(32 * 60))], **BY
    )
    work_order = give(ticket, staff_id=district.li.pk)
    assert work_order.reason["despite"] == ["late"]
    assert work_order.planned.lower == after(24 * 60)


def test_a_team_gets_it_for_whoever_claims(district):
    ticket = accepted(district.town)
    work_order = give(ticket, team_id=district.team.pk)
    assert (work_order.team_id, work_order.technician_id) == (district.team.pk, None)
    assert (fresh(ticket).team_id, fresh(ticket).assignee_id) == (district.team.pk, None)
    assert not Booking.objects.exists()


def test_an_assignment_clears_the_alarm(district):
    rostering.put_in_service(code="speed_tester-0", in_service=False, **BY)
    ticket = accepted(district.town)
    assigning.assign_automatically(number=ticket.number, at=after(1), actor="system:dispatch")
    give(ticket, 5, staff_id=district.li.pk)
    assert Alarm.objects.get().cleared_at == after(5)


@pytest.mark.parametrize(
    ("whom", "code"),
    [
        ({"reason": " ", "staff_id": 1}, "assignment.unreasoned"),
        ({}, "assignment.to_nobody"),
        ({"staff_id": 10**6}, "staff.unknown"),
        ({"team_id": 10**6}, "team.unknown"),
    ],
)
def test_what_is_asked_must_make_sense(district, whom, code):
    ticket = accepted(district.town)
    with pytest.raises(Refused, match=code):
        give(ticket, **whom)
    assert nothing_changed(ticket)


def test_what_somebody_has_is_reassigned_not_assigned(district):
    ticket = accepted(district.town)
    work_order = give(ticket, staff_id=district.li.pk)
    with pytest.raises(Refused, match=r"assignment\.taken") as refused:
        give(ticket, staff_id=district.zhao.pk)
    assert refused.value.facts == {"work_order": work_order.number}
    assert fresh(ticket).assignee_id == district.li.pk


def test_a_ticket_that_waits_is_not_assigned(district):
    ticket = accepted(district.town)
    reason = "spare_part"
    allowed = [one.code for one in _pauses(ticket)]
    pausing.pause(
        number=ticket.number,
        reason=reason if reason in allowed else allowed[0],
        note="",
        actor="staff:1",
        at=after(1),
    )
    with pytest.raises(Refused, match=r"assignment\.not_now") as refused:
        give(ticket, 2, staff_id=district.li.pk)
    assert refused.value.facts == {"state": "held"}


def test_reassigning_moves_everything_at_once(district):
    ticket = accepted(district.town)
    first = give(ticket, staff_id=district.li.pk)
    second = assigning.reassign(
        number=ticket.number, staff_id=district.zhao.pk, reason="病假", at=after(9), **DISPATCHER
    )
    first.refresh_from_db()
    assert (first.state, first.ended_because, first.ended_at) == ("cancelled", "病假", after(9))
    assert (second.state, second.technician_id) == ("acknowledged", district.zhao.pk)
    assert fresh(ticket).assignee_id == district.zhao.pk
    assert [hold.source for hold in Hold.objects.filter(lifted_at=None)] == [
        f"work_order:{second.number}"
    ]
    assert {row.work_order_id for row in Booking.objects.all()} == {second.pk}


def test_reassigning_without_a_name_chooses_the_best_of_the_others(district):
    ticket = accepted(district.town)
    give(ticket, staff_id=district.li.pk)
    second = assigning.reassign(number=ticket.number, reason="病假", at=after(9), **DISPATCHER)
    assert (second.technician_id, second.reason["by"]) == (district.zhao.pk, "reassigned")


def test_reassigning_when_there_are_no_others_raises_the_alarm(district):
    district.zhao.qualifications.all().delete()
    ticket = accepted(district.town)
    give(ticket, staff_id=district.li.pk)
    alarm = assigning.reassign(number=ticket.number, reason="病假", at=after(9), **DISPATCHER)
    assert isinstance(alarm, Alarm)
    assert (fresh(ticket).state, fresh(ticket).assignee_id) == ("accepted", None)
    assert not Booking.objects.exists()


def test_a_refused_reassignment_leaves_all_as_it_was(district):
    district.zhao.qualifications.all().delete()
    ticket = accepted(district.town)
    first = give(ticket, staff_id=district.li.pk)
    with pytest.raises(Refused, match=r"assignment\.unqualified"):
        assigning.reassign(
            number=ticket.number, staff_id=district.zhao.pk, reason="x", at=after(9), **DISPATCHER
        )
    first.refresh_from_db()
    assert (first.state, fresh(ticket).assignee_id) == ("acknowledged", district.li.pk)
    assert Booking.objects.filter(work_order=first, active=True).count() == 3
    assert Hold.objects.filter(lifted_at=None).count() == 1


def test_reassigning_needs_somebody_to_take_it_from_and_a_change(district):
    ticket = accepted(district.town)
    with pytest.raises(Refused, match=r"assignment\.none"):
        assigning.reassign(number=ticket.number, reason="x", at=after(1), **DISPATCHER)
    give(ticket, staff_id=district.li.pk)
    with pytest.raises(Refused, match=r"assignment\.unchanged"):
        assigning.reassign(
            number=ticket.number, staff_id=district.li.pk, reason="x", at=after(2), **DISPATCHER
        )


def test_an_unknown_ticket_is_missing(district):
    with pytest.raises(Missing, match=r"ticket\.unknown"):
        assigning.assign_to(
            number="GD0", staff_id=district.li.pk, reason="x", at=after(1), **DISPATCHER
        )


def test_a_cancelled_ticket_is_not_assigned(district):
    ticket = accepted(district.town)
    opening.cancel(number=ticket.number, reason="好了", actor="phone:1", at=after(1))
    with pytest.raises(Refused, match=r"assignment\.not_now"):
        give(ticket, 2, staff_id=district.li.pk)
    assert nothing_changed(ticket)


def _pauses(ticket):
    from changtong.standard import queries as standard

    return standard.read(ticket.edition_id).pause_reasons(kind=ticket.kind)
