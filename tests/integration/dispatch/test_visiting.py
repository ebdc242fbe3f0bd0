"""Doing the work: real times on the bookings, the ticket moving along, nothing left open."""

from __future__ import annotations

import pytest
from tests.factories import people
from tests.factories.dispatch import BY, DESK, accepted, after

from changtong.clocks import queries as clocks
from changtong.dispatch.models import Alarm, Booking, WorkOrder
from changtong.dispatch.operations import assigning, retrying, rostering, visiting, watching
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.kernel.time import Period
from changtong.parties import operations as parties
from changtong.standard import queries as standard
from changtong.tickets.models import Hold
from changtong.tickets.operations import asking, closing, opening, pausing, working


LI = {"actor": "staff:li"}


@pytest.fixture
def ticket(district):
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


def given(district, person, start, end, ticket=None):
    other = ticket or accepted(district.town)
    return assigning.assign_to(
        number=other.number,
        staff_id=person.pk,
        reason="x",
        planned=Period(after(start), after(end)),
        at=after(0),
        actor="staff:9",
    )


def test_starting_moves_the_bookings_to_the_real_time_and_the_ticket_along(ticket, work_order):
    visiting.start(number=work_order.number, at=after(20), **LI)
    assert (fresh(work_order).state, work_order.started_at) == ("in_progress", after(20))
    assert spans(work_order) == {(after(20), after(80), True)}
    assert fresh(ticket).state == "in_progress"


def test_arriving_begins_the_work_and_stops_the_limit_of_arriving(ticket, work_order):
    visiting.arrive(number=work_order.number, at=after(30), **LI)
    assert (fresh(work_order).state, work_order.arrived_at) == ("in_progress", after(30))
    assert work_order.started_at == after(30)
    (arrival,) = [one for one in clocks.of(ticket.number) if one.metric == "arrival"]
    assert (arrival.state, arrival.stopped_at) == ("stopped", after(30))
    with pytest.raises(Refused, match=r"work_order\.arrived_already"):
        visiting.arrive(number=work_order.number, at=after(31), **LI)
    assert fresh(work_order).arrived_at == after(30)


def test_completing_keeps_the_real_times_and_frees_the_rest(district, ticket, work_order):
    visiting.start(number=work_order.number, at=after(10), **LI)
    visiting.complete(number=work_order.number, note="换光猫", at=after(30), **LI)
    assert (fresh(work_order).state, work_order.ended_at) == ("completed", after(30))
    assert spans(work_order) == {(after(10), after(30), False)}
    assert not Hold.objects.filter(lifted_at=None).exists()
    assert (fresh(ticket).state, ticket.assignee_id) == ("in_progress", district.li.pk)
    after_it = given(district, district.li, 30, 90)
    assert after_it.technician_id == district.li.pk


def test_what_was_only_planned_is_gone_when_it_is_not_needed(work_order):
    visiting.complete(number=work_order.number, at=after(5), **LI)
    assert spans(work_order) == set()


def test_a_second_visit_follows_the_first(district, ticket, work_order):
    visiting.start(number=work_order.number, at=after(1), **LI)
    visiting.complete(number=work_order.number, at=after(30), **LI)
    second = given(district, district.li, 120, 180, ticket)
    assert second.number != work_order.number
    assert fresh(ticket).state == "assigned"


def test_what_has_not_begun_gives_way_and_gets_another_time(district, work_order, react):
    other = given(district, district.li, 120, 180)
    visiting.start(number=work_order.number, at=after(130), **LI)
    assert spans(work_order) == {(after(130), after(190), True)}
    assert spans(other) == set()
    react()
    assert (fresh(other).state, other.ended_because) == ("cancelled", "displaced")
    another = WorkOrder.objects.get(ticket_id=other.ticket_id, ended_at=None)
    assert (another.technician_id, another.planned.lower) == (district.li.pk, after(190))


def test_what_gave_way_may_be_begun_before_it_has_another_time(district, work_order, react):
    other = given(district, district.li, 120, 180)
    visiting.start(number=work_order.number, at=after(130), **LI)
    visiting.complete(number=work_order.number, at=after(140), **LI)
    visiting.start(number=other.number, at=after(141), **LI)
    assert spans(other) == {(after(141), after(201), True)}
    react()
    assert fresh(other).state == "in_progress"


def test_what_is_more_urgent_or_in_progress_does_not_give_way(district, work_order):
    urgent = accepted(district.town, urgency="critical")
    other = given(district, district.li, 120, 180, urgent)
    visiting_at = after(130)
    with pytest.raises(Refused, match=r"work_order\.busy") as refused:
        visiting.start(number=work_order.number, at=visiting_at, **LI)
    visiting.start(number=other.number, at=visiting_at, **LI)
    third = given(district, district.zhao, 200, 260)
    assigning.reassign(
        number=third.ticket_number,
        staff_id=district.li.pk,
        planned=Period(after(200), after(260)),
        reason="x",
        at=after(131),
        actor="staff:9",
    )
    with pytest.raises(Refused, match=r"work_order\.busy"):
        visiting.start(number=work_order.number, at=after(132), **LI)
    assert refused.value.facts == {"work_order": other.number}
    assert fresh(work_order).state == "acknowledged"
    assert spans(work_order) == {(after(1), after(61), True)}


def test_a_late_start_ends_where_the_next_booking_begins(district, work_order):
    given(district, district.li, 120, 180)
    visiting.start(number=work_order.number, at=after(90), **LI)
    assert spans(work_order) == {(after(90), after(120), True)}


def test_what_only_a_team_has_cannot_be_started(district, ticket):
    queued = assigning.assign_to(
        number=ticket.number, team_id=district.team.pk, reason="x", at=after(1), **LI
    )
    with pytest.raises(Refused, match=r"work_order\.unclaimed"):
        visiting.start(number=queued.number, at=after(2), **LI)
    assert fresh(queued).state == "acknowledged"


def test_nobody_arrives_at_a_desk(district):
    agent = people.qualified(people.staff("agent", "agent", region="410105"), "customer_care")
    enquiry = accepted(district.town, DESK)
    work_order = assigning.assign_to(
        number=enquiry.number, staff_id=agent.pk, reason="x", at=after(1), **LI
    )
    with pytest.raises(Refused, match=r"work_order\.not_a_visit"):
        visiting.arrive(number=work_order.number, at=after(2), **LI)


def test_giving_up_lets_the_best_of_the_others_have_it(district, ticket, work_order):
    visiting.cancel(number=work_order.number, reason="车坏了", at=after(9), **LI)
    another = WorkOrder.objects.get(ended_at=None)
    assert (another.technician_id, another.planned.lower) == (district.zhao.pk, after(9))
    assert (another.reason["by"], another.reason["note"]) == ("cancelled", "车坏了")


def test_giving_up_what_nobody_else_can_do_raises_an_alarm(district, ticket, work_order):
    parties.dismiss(staff_id=district.zhao.pk, actor="staff:1", at=after(8))
    visiting.cancel(number=work_order.number, reason="车坏了", at=after(9), **LI)
    assert (fresh(work_order).state, work_order.ended_because) == ("cancelled", "车坏了")
    assert (fresh(ticket).state, ticket.assignee_id) == ("accepted", None)
    alarm = Alarm.objects.get(cleared_at=None)
    assert (alarm.reasons["by"], alarm.reasons["note"]) == ("cancelled", "车坏了")
    retrying.retry_alarms(at=after(10))
    assert fresh(ticket).assignee_id is None
    assert not Booking.objects.exists()
    assert not Hold.objects.filter(lifted_at=None).exists()


def test_giving_up_needs_a_reason(ticket, work_order):
    with pytest.raises(Refused, match=r"work_order\.unreasoned"):
        visiting.cancel(number=work_order.number, reason=" ", at=after(9), **LI)
    assert fresh(work_order).state == "acknowledged"


def test_what_has_ended_stays_ended(work_order):
    visiting.complete(number=work_order.number, at=after(5), **LI)
    for step in (visiting.start, visiting.complete):
        with pytest.raises(Refused, match=r"work_order\.cannot_move"):
            step(number=work_order.number, at=after(6), **LI)
    assert fresh(work_order).ended_at == after(5)


def test_an_unknown_work_order_is_missing(district):
    with pytest.raises(Missing, match=r"work_order\.unknown"):
        visiting.start(number="PD0", at=after(1), **LI)


# ---------------------------------------------------------------------------------------
# What becomes of the ticket
# ---------------------------------------------------------------------------------------


def resolve(ticket, minutes):
    edition = standard.read(ticket.edition_id)
    closing.resolve(
        number=ticket.number,
        cause=edition.causes(kind="fault")[0].code,
        fix=edition.fixes(kind="fault")[0].code,
        result="已修复",
        advice="",
        at=after(minutes),
        **LI,
    )


def test_an_accepted_ticket_is_assigned_by_reaction(district, ticket, run_jobs):
    run_jobs()
    assert (fresh(ticket).state, ticket.assignee_id) == ("assigned", district.li.pk)
    run_jobs()
    assert WorkOrder.objects.count() == 1


def test_resolving_completes_the_work_and_reopening_begins_it_again(district, ticket, react):
    assert react() == []
    first = WorkOrder.objects.get()
    visiting.start(number=first.number, at=after(5), **LI)
    resolve(ticket, 30)
    assert Hold.objects.filter(lifted_at=None).count() == 1
    assert react() == []
    assert (fresh(first).state, first.ended_at) == ("completed", after(30))
    assert not Hold.objects.filter(lifted_at=None).exists()

    closing.refuse(number=ticket.number, reason="又断了", actor="phone:1", at=after(60))
    assert react() == []
    second = WorkOrder.objects.get(ended_at=None)
    assert (second.technician_id, second.reason["by"]) == (first.technician_id, "again")
    assert second.planned.lower == after(60)
    assert fresh(ticket).state == "assigned"


def test_reopening_finds_somebody_else_when_the_same_person_cannot(district, ticket, react):
    assert react() == []
    visiting.start(number=WorkOrder.objects.get().number, at=after(5), **LI)
    resolve(ticket, 30)
    district.li.qualifications.update(expires_on="2026-11-23")
    assert react() == []
    closing.refuse(number=ticket.number, reason="又断了", actor="phone:1", at=after(60))
    assert react() == []
    assert fresh(ticket).assignee_id == district.zhao.pk


def test_cancelling_the_ticket_cancels_the_work_and_its_alarm(ticket, work_order, react):
    opening.cancel(number=ticket.number, reason="好了", actor="phone:1", at=after(9))
    # The reaction to the acceptance comes too late as well, and is told so.
    assert react() == ["assignment.not_now"]
    assert (fresh(work_order).state, work_order.ended_because) == (
        "cancelled",
        "ticket.cancelled",
    )
    assert not Booking.objects.exists()
    assert not Hold.objects.filter(lifted_at=None).exists()


def test_an_alarm_ends_with_its_ticket(district, ticket, react):
    rostering.put_in_service(code="speed_tester-0", in_service=False, **BY)
    assert react() == []
    assert Alarm.objects.filter(cleared_at=None).count() == 1
    opening.cancel(number=ticket.number, reason="好了", actor="phone:1", at=after(9))
    assert react() == []
    assert Alarm.objects.filter(cleared_at=None).count() == 0


def test_a_ticket_that_waits_frees_the_visit_and_gets_a_new_one(district, ticket, react):
    assert react() == []
    first = WorkOrder.objects.get()
    reason = standard.read(ticket.edition_id).pause_reasons(kind="fault")[0].code
    pausing.pause(number=ticket.number, reason=reason, note="", actor="staff:1", at=after(5))
    assert react() == []
    assert (fresh(first).state, Booking.objects.count()) == ("held", 0)
    pausing.resume(number=ticket.number, actor="staff:1", at=after(90))
    assert react() == []
    second = WorkOrder.objects.get(ended_at=None)
    assert (fresh(first).state, second.technician_id) == ("cancelled", district.li.pk)
    assert second.planned.lower == after(90)
    assert Hold.objects.filter(lifted_at=None).count() == 1


def paused_on_site(ticket, react, reason="customer_power"):
    react()
    work_order = WorkOrder.objects.get()
    visiting.arrive(number=work_order.number, at=after(10), **LI)
    pausing.pause(number=ticket.number, reason=reason, note="", at=after(20), **LI)
    react()
    return fresh(work_order)


def test_a_short_pause_on_site_keeps_the_visit(ticket, react):
    work_order = paused_on_site(ticket, react)
    assert (work_order.state, work_order.kept_until) == ("held", after(80))
    assert spans(work_order) == {(after(10), after(70), True)}
    pausing.resume(number=ticket.number, at=after(50), **LI)
    assert react() == []
    assert (fresh(work_order).state, work_order.kept_until) == ("in_progress", None)
    assert WorkOrder.objects.count() == 1


def test_a_long_pause_on_site_lets_the_visit_go(ticket, react):
    work_order = paused_on_site(ticket, react)
    assert watching.let_go(at=after(79)) == 0
    assert watching.let_go(at=after(95)) == 1
    assert (fresh(work_order).kept_until, work_order.planned) == (None, None)
    assert spans(work_order) == {(after(10), after(80), False)}
    assert journal.timeline(ticket.number).get(tag="visit.let_go").happened_at == after(80)
    pausing.resume(number=ticket.number, at=after(100), **LI)
    assert react() == []
    second = WorkOrder.objects.get(ended_at=None)
    assert (fresh(work_order).state, second.planned.lower) == ("cancelled", after(100))


def test_another_time_lets_the_visit_go_at_once(ticket, react):
    work_order = paused_on_site(ticket, react, reason="customer_reschedule")
    assert (work_order.state, work_order.kept_until) == ("held", None)
    assert spans(work_order) == {(after(10), after(20), False)}


def test_desk_work_goes_on_where_it_stopped(district, react):
    agent = people.qualified(people.staff("agent", "agent", region="410105"), "customer_care")
    rostering.plan_shifts(staff_id=agent.pk, periods=[Period(after(-600))], **BY)
    people.team("desk", agent, region="410105")
    enquiry = accepted(district.town, DESK)
    assert react() == []
    (work_order,) = WorkOrder.objects.all()
    visiting.start(number=work_order.number, at=after(2), **LI)
    asking.ask(number=enquiry.number, question="账号?", actor="staff:1", at=after(5))
    assert react() == []
    assert fresh(work_order).state == "held"
    asking.answer(number=enquiry.number, text="KD0001", actor="phone:1", at=after(9))
    assert react() == []
    assert fresh(work_order).state == "in_progress"
    assert journal.timeline(enquiry.number).filter(tag="work_order.resumed").count() == 1


def test_an_open_work_order_keeps_the_ticket_from_closing(ticket, work_order):
    visiting.start(number=work_order.number, at=after(5), **LI)
    resolve(ticket, 30)
    with pytest.raises(Refused, match=r"closing\.unmet") as refused:
        closing.close(number=ticket.number, actor="system:x", at=after(31))
    assert "no_open_work_order" in refused.value.facts["conditions"]


def test_what_a_team_does_not_claim_in_time_raises_an_alarm(district, ticket):
    assigning.assign_to(
        number=ticket.number, team_id=district.team.pk, reason="x", at=after(0), **LI
    )
    retrying.retry_alarms(at=after(9))
    assert not Alarm.objects.exists()
    retrying.retry_alarms(at=after(10))
    alarm = Alarm.objects.get()
    assert (alarm.reasons["by"], alarm.clause) == ("unclaimed", "6.5")
    assigning.claim(number=ticket.number, staff_id=district.li.pk, at=after(11), **LI)
    assert fresh(alarm).cleared_at == after(11)


def test_work_begins_also_on_a_ticket_that_is_in_progress_already(ticket, work_order):
    working.start(number=ticket.number, actor="staff:1", at=after(2))
    visiting.start(number=work_order.number, at=after(3), **LI)
    assert fresh(ticket).state == "in_progress"


def test_who_leaves_is_relieved_of_open_work(district, ticket, react):
    assert react() == []
    parties.dismiss(staff_id=district.li.pk, actor="staff:1", at=after(9))
    assert react() == []
    assert fresh(ticket).assignee_id == district.zhao.pk
    (open_,) = WorkOrder.objects.filter(ended_at=None)
    assert (open_.technician_id, open_.reason["by"]) == (district.zhao.pk, "reassigned")
