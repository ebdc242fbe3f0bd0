"""Another time for a visit: ours with a reason, the customer's among those on offer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.dispatch import BY, accepted, after

from changtong.clocks import queries as clocks
from changtong.dispatch.models import Alarm, Booking
from changtong.dispatch.operations import appointing, assigning, rostering, visiting, watching
from changtong.dispatch.queries import appointments
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.tickets.operations import working


DISPATCHER = {"actor": "staff:9"}
CUSTOMER = {"actor": "phone:13800001111"}
MORNING = 22 * 60


@pytest.fixture
def ticket(district):
    for person in (district.li, district.zhao):
        tomorrow = [Period(after(MORNING), after(MORNING + 12 * 60))]
        rostering.plan_shifts(staff_id=person.pk, periods=tomorrow, **BY)
    return accepted(district.town)


@pytest.fixture
def work_order(ticket):
    return assigning.assign_automatically(number=ticket.number, at=after(1), actor="system:x")


def fresh(row):
    row.refresh_from_db()
    return row


def spans(work_order):
    rows = Booking.objects.filter(work_order=work_order).order_by("id")
    return {(row.period.lower, row.period.upper, row.active) for row in rows}


def restoration(ticket):
    promises = [one for one in clocks.of(ticket.number) if one.basis == "promise"]
    return next(one for one in promises if one.metric == "restoration")


def offered(work_order, minutes=2):
    found = appointments.on_offer(work_order, at=after(minutes))
    return [one.period.start for one in found]


def test_a_visit_is_moved_with_all_it_needs_and_the_reason_is_kept(work_order):
    appointing.replan(
        number=work_order.number, starts_at=after(240), reason="缺料", at=after(2), **DISPATCHER
    )
    assert spans(work_order) == {(after(240), after(300), True)}
    assert Booking.objects.count() == 3
    assert fresh(work_order).planned.lower == after(240)
    entry = journal.timeline(work_order.ticket_number).get(tag="visit.moved")
    assert (entry.facts["because"], entry.facts["clause"]) == ("缺料", "7.7")
    assert entry.facts["moved_from"] == after(1).isoformat()


@pytest.mark.parametrize(
    ("starts_at", "reason", "refusal"),
    [
        (150, "x", "assignment.booked"),
        (1, "x", "work_order.in_the_past"),
        (600, "x", "visit.out_of_hours"),
        (240, " ", "work_order.unreasoned"),
    ],
)
def test_a_visit_is_not_moved(district, work_order, starts_at, reason, refusal):
    other = accepted(district.town)
    assigning.assign_to(
        number=other.number,
        staff_id=district.li.pk,
        reason="x",
        planned=Period(after(120), after(180)),
        at=after(1),
        **DISPATCHER,
    )
    with pytest.raises(Refused) as refused:
        appointing.replan(
            number=work_order.number,
            starts_at=after(starts_at),
            reason=reason,
            at=after(2),
            **DISPATCHER,
        )
    assert refused.value.code == refusal
    assert spans(work_order) == {(after(1), after(61), True)}


def test_what_has_begun_is_not_moved_and_nothing_is_offered(work_order):
    visiting.start(number=work_order.number, at=after(2), actor="staff:1")
    with pytest.raises(Refused, match=r"work_order\.cannot_move"):
        appointing.reschedule(
            number=work_order.number, starts_at=after(180), at=after(3), **CUSTOMER
        )
    assert offered(fresh(work_order)) == []


def test_full_hours_are_offered_within_hours_shift_and_days_of_the_edition(work_order):
    found = offered(work_order)
    # From 11:02 on, an hour's notice later: 12:00 to 19:00 today, 8:00 to 19:00 tomorrow.
    assert found[0] == after(120)
    assert found[7:9] == [after(9 * 60), after(MORNING)]
    assert found[-1] == after(MORNING + 11 * 60)
    assert len(found) == 20


def test_a_later_time_of_the_customers_lets_promises_wait_and_the_law_run_on(ticket, work_order):
    before = {one.pk: one.due_at for one in clocks.of(ticket.number)}
    appointing.reschedule(
        number=work_order.number, starts_at=after(MORNING), at=after(2), **CUSTOMER
    )
    assert spans(work_order) == {(after(MORNING), after(MORNING + 60), True)}
    found = {one.metric: one for one in clocks.of(ticket.number) if one.basis == "promise"}
    assert (found["restoration"].state, found["arrival"].state) == ("paused", "paused")
    later = timedelta(minutes=MORNING - 2)
    assert found["restoration"].due_at - before[found["restoration"].pk] == later
    (law,) = [one for one in clocks.of(ticket.number) if one.basis == "legal" and one.is_open]
    assert (law.state, law.due_at) == ("running", before[law.pk])
    running = [one.due_at for one in clocks.of(ticket.number) if one.state == "running"]
    assert (fresh(ticket).state, ticket.due_at) == ("assigned", min(running))


def test_promises_run_again_at_the_new_time_or_when_somebody_arrives(ticket, work_order, run_jobs):
    from changtong.clocks import operations as clockwork

    appointing.reschedule(
        number=work_order.number, starts_at=after(MORNING), at=after(2), **CUSTOMER
    )
    clockwork.end_pauses(at=after(MORNING + 1))
    run_jobs()
    found = {one.metric: one for one in clocks.of(ticket.number) if one.basis == "promise"}
    assert found["restoration"].state == "running"
    assert fresh(ticket).due_at == min(one.due_at for one in found.values() if one.is_open)


def test_promises_run_again_when_work_begins_before_the_new_time(ticket, work_order):
    appointing.reschedule(number=work_order.number, starts_at=after(240), at=after(2), **CUSTOMER)
    visiting.start(number=work_order.number, at=after(200), actor="staff:1")
    assert restoration(ticket).state == "running"


def test_the_last_of_several_times_counts(ticket, work_order):
    before = restoration(ticket).due_at
    for starts_at, at in ((after(MORNING), after(2)), (after(240), after(62))):
        appointing.reschedule(number=work_order.number, starts_at=starts_at, at=at, **CUSTOMER)
    assert fresh(work_order).planned.lower == after(240)
    assert restoration(ticket).due_at - before == timedelta(minutes=240 - 2)


def test_an_earlier_time_stops_no_clock(ticket, work_order):
    appointing.replan(
        number=work_order.number, starts_at=after(300), reason="缺料", at=after(2), **DISPATCHER
    )
    appointing.reschedule(number=work_order.number, starts_at=after(240), at=after(3), **CUSTOMER)
    assert restoration(ticket).state == "running"


def test_only_what_is_offered_can_be_chosen(work_order):
    with pytest.raises(Refused, match=r"visit\.not_offered") as refused:
        appointing.reschedule(
            number=work_order.number, starts_at=after(130), at=after(2), **CUSTOMER
        )
    assert refused.value.clause == "7.7"
    assert spans(work_order) == {(after(1), after(61), True)}


def test_a_visit_that_nobody_came_to_raises_an_alarm_until_somebody_does(ticket, work_order):
    assert watching.sound_missed(at=after(30)) == 0
    assert watching.sound_missed(at=after(31)) == 1
    assert watching.sound_missed(at=after(32)) == 0
    alarm = Alarm.objects.get(cleared_at=None)
    assert (alarm.reasons["by"], alarm.clause) == ("missed", "7.7")
    assert journal.timeline(ticket.number).filter(tag="visit.missed").count() == 1
    visiting.arrive(number=work_order.number, at=after(40), actor="staff:1")
    assert fresh(alarm).cleared_at == after(40)


def test_another_time_ends_the_alarm_of_a_missed_visit(ticket, work_order):
    from changtong.dispatch.operations import retrying

    watching.sound_missed(at=after(31))
    retrying.retry_alarms(at=after(32))
    assert Alarm.objects.filter(cleared_at=None).count() == 1
    appointing.replan(
        number=work_order.number, starts_at=after(240), reason="缺料", at=after(33), **DISPATCHER
    )
    assert Alarm.objects.filter(cleared_at=None).count() == 0
    working.log(number=ticket.number, type_="call", text="已致歉", at=after(34), actor="staff:1")
