"""Who sees which work, whose day and why whom, in a bounded number of queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import people
from tests.factories.dispatch import BY, accepted, after, technician

from changtong.dispatch.operations import assigning, rostering
from changtong.dispatch.queries import board, candidates, orders, rosters
from changtong.kernel.errors import Missing
from changtong.kernel.time import Period
from changtong.parties.queries import viewer_of_phone
from changtong.tickets.models import Ticket


TODAY = date(2026, 11, 24)


@pytest.fixture
def dispatcher(district):
    return people.viewer(people.staff("dispatcher", "dispatcher", region="410105"))


@pytest.fixture
def stranger(district):
    people.district("410122", "中牟县")
    return people.viewer(people.staff("stranger", "dispatcher", region="410122"))


def given(district, person, start=60, end=120, **changes):
    ticket = accepted(district.town, **changes)
    return assigning.assign_to(
        number=ticket.number,
        staff_id=person.pk,
        reason="x",
        planned=Period(after(start), after(end)),
        at=after(0),
        actor="staff:9",
    )


def test_the_region_bounds_what_a_dispatcher_sees(district, dispatcher, stranger):
    work_order = given(district, district.li)
    assert [one.number for one in orders.unfinished(dispatcher)] == [work_order.number]
    assert list(orders.unfinished(stranger)) == []
    with pytest.raises(Missing, match=r"work_order\.unknown"):
        orders.by_number(stranger, work_order.number)
    assert list(orders.of_ticket(stranger, work_order.ticket_number)) == []


def test_a_technician_sees_their_own_in_the_order_of_the_day(district):
    later = given(district, district.li, 240, 300)
    sooner = given(district, district.li, 60, 120)
    given(district, district.zhao, 360, 420)
    assert [one.number for one in orders.mine(people.viewer(district.li))] == [
        sooner.number,
        later.number,
    ]


def test_who_is_complained_of_does_not_see_the_work_on_it(district):
    work_order = given(district, district.zhao, complained_of_id=district.li.pk)
    leader = people.viewer(district.li)
    with pytest.raises(Missing, match=r"work_order\.unknown"):
        orders.by_number(leader, work_order.number)


def test_what_is_booked_for_a_foreign_case_shows_only_that_it_is(district):
    leader = people.staff("leader", "leader", region="410105")
    people.team("another", leader, district.zhao, mode="field", region="410105")
    work_order = given(district, district.zhao, complained_of_id=leader.pk)
    viewer, day = people.viewer(leader), Period(after(0), after(600))

    (row,) = (one for one in board.board(viewer, TODAY) if one.staff_id == district.zhao.pk)
    (known,) = orders.unfinished(people.viewer(district.zhao))
    (visit,) = rosters.appointments(viewer, district.zhao.pk, [day])

    assert known.number == work_order.number
    assert {(one.work_order, one.ticket) for one in row.bookings} == {("", "")}
    assert (visit.ticket, visit.title, visit.customer) == ("", "", "")


def test_who_turns_out_to_be_complained_of_loses_sight_of_their_own_work(district):
    work_order = given(district, district.li)
    technician = people.viewer(district.li)
    assert [one.number for one in orders.mine(technician)] == [work_order.number]

    # The database lets nobody hold a case about themselves; the order is another row.
    Ticket.objects.update(assignee=None, complained_of=district.li)

    assert list(orders.mine(technician)) == []
    with pytest.raises(Missing, match=r"work_order\.unknown"):
        orders.by_number(technician, work_order.number)


def test_alarms_are_for_dispatchers_of_the_region(district, dispatcher, stranger):
    rostering.put_in_service(code="speed_tester-0", in_service=False, **BY)
    ticket = accepted(district.town)
    assigning.assign_automatically(number=ticket.number, at=after(1), actor="system:x")
    assert [one.ticket_number for one in orders.alarms(dispatcher)] == [ticket.number]
    assert list(orders.alarms(stranger)) == []
    assert list(orders.alarms(people.viewer(district.li))) == []
    assert (
        list(orders.alarms(people.viewer(people.staff("agent", "agent", region="410105")))) == []
    )
    assert list(orders.alarms(viewer_of_phone("13800001111"))) == []


def test_the_board_shows_each_persons_day(district, dispatcher, stranger):
    work_order = given(district, district.li)
    rows = {row.name: row for row in board.board(dispatcher, TODAY)}
    assert list(rows) == ["li", "zhao"]
    assert (rows["li"].team, rows["li"].open_count) == ("field", 1)
    assert rows["li"].shifts == (Period(after(-120), after(600)),)
    (booked,) = rows["li"].bookings
    assert (booked.period, booked.work_order, booked.state) == (
        Period(after(60), after(120)),
        work_order.number,
        "acknowledged",
    )
    assert rows["zhao"].bookings == ()
    assert board.board(stranger, TODAY) == []
    assert [row.name for row in board.board(people.viewer(district.li), TODAY)] == ["li"]


def test_resources_show_what_they_are_booked_for(district, dispatcher, stranger):
    rostering.calibrate(code="speed_tester-0", due_on=date(2026, 11, 23), **BY)
    work_order = given(district, district.li)
    rows = {row.resource.code: row for row in board.resources(dispatcher, TODAY)}
    assert list(rows) == ["optical_power_meter-0", "speed_tester-0"]
    assert rows["speed_tester-0"].calibrated is False
    assert rows["optical_power_meter-0"].bookings == ()
    assert work_order.reason["despite"] == ["resource_unavailable"]
    assert board.resources(stranger, TODAY) == []


def test_the_choice_is_explained_before_it_is_made(district, dispatcher, stranger):
    technician("qian", region="410105", shift=None)
    ticket = accepted(district.town)
    choice = candidates.explained(dispatcher, ticket.number, at=after(1))
    assert choice.chosen is not None
    assert choice.chosen.candidate.name == "li"
    assert [(one.candidate.name, one.why) for one in choice.others] == [("zhao", "less_suited")]
    with pytest.raises(Missing, match=r"ticket\.unknown"):
        candidates.explained(stranger, ticket.number, at=after(1))


def test_pages_cost_the_same_for_one_and_for_many(district, dispatcher):
    def cost(ask):
        with CaptureQueriesContext(connection) as captured:
            ask()
        return len(captured)

    questions = {
        "unfinished": lambda: [
            (one.technician.name, one.ticket.title, list(one.bookings.all()))
            for one in orders.unfinished(dispatcher)
        ],
        "board": lambda: board.board(dispatcher, TODAY),
        "resources": lambda: board.resources(dispatcher, TODAY),
    }
    given(district, district.li, 60, 120)
    one = {name: cost(ask) for name, ask in questions.items()}
    given(district, district.zhao, 180, 240)
    given(district, district.li, 300, 360)
    assert {name: cost(ask) for name, ask in questions.items()} == one
    assert one == {"unfinished": 3, "board": 6, "resources": 3}
