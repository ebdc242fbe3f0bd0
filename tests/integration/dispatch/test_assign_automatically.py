"""An accepted ticket finds somebody with all they need, or an alarm stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import people
from tests.factories.dispatch import BY, DESK, VISIT, accepted, after, technician

from changtong.clocks import queries as clocks
from changtong.dispatch.models import Alarm, Booking, WorkOrder
from changtong.dispatch.operations import alarming, assigning, retrying, rostering
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period
from changtong.tickets.models import Hold, Ticket


SYSTEM = {"actor": "system:dispatch"}


def assign(ticket, minutes=1):
    return assigning.assign_automatically(number=ticket.number, at=after(minutes), **SYSTEM)


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def tags(ticket):
    return [entry.tag for entry in journal.timeline(ticket.number)]


def test_a_visit_books_the_person_and_the_instruments_in_one_step(district):
    ticket = accepted(district.town)
    work_order = assign(ticket)

    assert work_order.number.startswith("PD20261124-")
    assert (work_order.mode, work_order.state) == ("field", "acknowledged")
    assert (work_order.technician_id, work_order.team_id) == (district.li.pk, district.team.pk)
    assert (work_order.planned.lower, work_order.planned.upper) == (after(1), after(61))
    booked = Booking.objects.filter(work_order=work_order, active=True).order_by("id")
    assert [(row.resource and row.resource.code, row.staff_id) for row in booked] == [
        ("optical_power_meter-0", None),
        ("speed_tester-0", None),
        (None, district.li.pk),
    ]
    assert {(row.period.lower, row.period.upper) for row in booked} == {(after(1), after(61))}
    assert (fresh(ticket).state, fresh(ticket).assignee_id) == ("assigned", district.li.pk)
    hold = Hold.objects.get(ticket=ticket, lifted_at=None)
    assert (hold.source, hold.reason) == (f"work_order:{work_order.number}", "open_work_order")
    assert tags(ticket)[-3:] == ["ticket.assigned", "ticket.hold_set", "visit.planned"]


def test_the_reason_names_the_clause_the_chosen_and_each_of_the_others(district):
    technician("sun", region="410105")
    sun = technician("zhou", "broadband_maintenance", region="410105", shift=None)
    people.team("other", sun, mode="field", region="410105")
    work_order = assign(accepted(district.town))
    assert work_order.clause == "6.3"
    assert work_order.reason["chosen"]["staff"] == district.li.pk
    assert work_order.reason["chosen"]["resources"] == [
        "optical_power_meter-0",
        "speed_tester-0",
    ]
    assert [(one["name"], one["reason"]) for one in work_order.reason["others"]] == [
        ("zhao", "less_suited"),
        ("zhou", "off_shift"),
    ]
    assert work_order.reason["counts"] == {"less_suited": 1, "off_shift": 1}
    entry = journal.timeline(work_order.ticket_number).get(tag="ticket.assigned")
    assert entry.facts["why"]["work_order"] == work_order.number
    assert entry.facts["why"]["counts"] == {"less_suited": 1, "off_shift": 1}


def test_the_limit_of_arriving_starts_with_the_visit_and_only_with_a_visit(district):
    ticket = accepted(district.town)
    before = [clock.metric for clock in clocks.of(ticket.number)]
    assert "arrival" not in before
    assign(ticket)
    (arrival,) = [clock for clock in clocks.of(ticket.number) if clock.metric == "arrival"]
    assert (arrival.state, arrival.started_at) == ("running", after(1))


def test_the_second_visit_waits_for_the_only_instruments(district):
    assign(accepted(district.town))
    second = assign(accepted(district.town))
    assert second.technician_id == district.zhao.pk
    assert (second.planned.lower, second.planned.upper) == (after(61), after(121))


def test_an_expired_qualification_excludes(district):
    for person in (district.li, district.zhao):
        person.qualifications.update(expires_on="2026-11-23")
    alarm = assign(accepted(district.town))
    assert isinstance(alarm, Alarm)
    assert alarm.reasons["counts"] == {"qualification_expired": 2}


def test_nobody_free_raises_one_alarm_and_changes_nothing_else(district):
    for resource in ("optical_power_meter-0", "speed_tester-0"):
        rostering.put_in_service(code=resource, in_service=False, **BY)
    ticket = accepted(district.town)
    alarm = assign(ticket)

    assert isinstance(alarm, Alarm)
    assert (alarm.ticket_number, alarm.clause, alarm.raised_at) == (ticket.number, "6.5", after(1))
    assert alarm.reasons["counts"] == {"resource_unavailable": 2}
    assert alarm.reasons["others"][0]["lacking"] == ["optical_power_meter", "speed_tester"]
    assert (fresh(ticket).state, fresh(ticket).assignee_id) == ("accepted", None)
    assert (WorkOrder.objects.count(), Booking.objects.count(), Hold.objects.count()) == (0, 0, 0)
    assert tags(ticket)[-1] == "assignment.failed"

    assert assign(ticket, 2) == alarm
    assert Alarm.objects.get().tried_at == after(2)
    assert tags(ticket).count("assignment.failed") == 1


def test_the_sweep_assigns_as_soon_as_somebody_may_and_clears_the_alarm(district):
    rostering.put_in_service(code="speed_tester-0", in_service=False, **BY)
    ticket = accepted(district.town)
    assign(ticket)
    assert retrying.retry_alarms(at=after(2)) == 0
    rostering.put_in_service(code="speed_tester-0", in_service=True, **BY)
    assert retrying.retry_alarms(at=after(3)) == 1
    assert Alarm.objects.get().cleared_at == after(3)
    assert fresh(ticket).assignee_id == district.li.pk
    assert retrying.retry_alarms(at=after(4)) == 0


def test_an_alarm_is_acknowledged_once(district):
    rostering.put_in_service(code="speed_tester-0", in_service=False, **BY)
    ticket = accepted(district.town)
    assign(ticket)
    alarm = alarming.acknowledge_alarm(number=ticket.number, actor="staff:9", at=after(2))
    assert (alarm.acknowledged_by, alarm.acknowledged_at) == ("staff:9", after(2))
    with pytest.raises(Refused, match=r"alarm\.acknowledged_already"):
        alarming.acknowledge_alarm(number=ticket.number, actor="staff:8", at=after(3))
    assert Alarm.objects.get().acknowledged_by == "staff:9"


def test_there_is_no_alarm_to_acknowledge_where_none_stands(district):
    ticket = accepted(district.town)
    with pytest.raises(Missing, match=r"alarm\.unknown"):
        alarming.acknowledge_alarm(number=ticket.number, actor="staff:9", at=after(2))


def test_desk_work_books_nobody_and_stops_at_the_load_limit(district):
    agent = people.qualified(people.staff("agent", "agent", region="410105"), "customer_care")
    rostering.plan_shifts(staff_id=agent.pk, periods=[_standing()], **BY)
    people.team("desk", agent, region="410105")
    orders = [assign(accepted(district.town, DESK)) for _ in range(21)]
    assert [order.technician_id for order in orders[:20]] == [agent.pk] * 20
    assert isinstance(orders[20], Alarm)
    assert orders[20].reasons["counts"] == {"at_capacity": 1}
    assert Booking.objects.count() == 0


def test_the_region_of_a_team_bounds_its_work(district):
    people.district("410122", "中牟县")
    wang = technician("wang", "broadband_maintenance", region="410122")
    people.team("elsewhere", wang, mode="field", region="410122")
    district.team.memberships.all().delete()
    alarm = assign(accepted(district.town))
    assert isinstance(alarm, Alarm)
    assert alarm.reasons["others"] == []


def test_the_customers_wish_is_when_the_visit_begins(district):
    work_order = assign(accepted(district.town, wanted_at=after(180)))
    assert work_order.planned.lower == after(180)


def test_it_is_assigned_once(district):
    ticket = accepted(district.town)
    first = assign(ticket)
    with pytest.raises(Refused, match=r"assignment\.not_now") as refused:
        assign(ticket, 2)
    assert refused.value.facts == {"state": "assigned"}
    assert [order.number for order in WorkOrder.objects.all()] == [first.number]


def test_an_assignment_costs_a_bounded_number_of_queries(district):
    agent = people.qualified(people.staff("agent", "agent", region="410105"), "customer_care")
    rostering.plan_shifts(staff_id=agent.pk, periods=[_standing()], **BY)
    people.team("desk", agent, region="410105")
    # Savepoints and the statements of tickets, clocks and journal are counted with our own.
    for category, at_most in ((VISIT, 40), (DESK, 32)):
        ticket = accepted(district.town, category)
        with CaptureQueriesContext(connection) as captured:
            assign(ticket)
        assert len(captured) <= at_most


def _standing():
    return Period(after(0) - timedelta(days=1))
