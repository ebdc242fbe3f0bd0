"""The dispatcher's page: alarms, people, resources, and giving work to somebody."""

from __future__ import annotations

from tests.web.console.conftest import posted

from changtong.dispatch.operations import assigning
from changtong.dispatch.queries import orders
from changtong.infra.clock import now
from changtong.tickets import queries


def assign(world, ticket, role="dispatcher", **fields):
    return posted(world.as_(role), f"/console/tickets/{ticket.number}/assignment", **fields)


def test_whom_the_rules_choose_gets_it_when_nobody_is_named(world):
    ticket = world.ticket()

    assert assign(world, ticket).status_code == 303

    ticket.refresh_from_db()
    assert ticket.state == "assigned"
    assert ticket.assignee_id in {world.staff["technician"].pk, world.staff["leader"].pk}


def test_a_named_person_needs_a_reason(world):
    ticket, leader = world.ticket(), world.staff["leader"].pk

    assert assign(world, ticket, staff=leader).status_code == 409
    ticket.refresh_from_db()
    assert ticket.assignee_id is None

    assert assign(world, ticket, staff=leader, reason="就在附近").status_code == 303
    ticket.refresh_from_db()
    assert ticket.assignee_id == leader


def test_a_ticket_moves_to_somebody_else_in_one_step(world):
    ticket, _order = world.assigned()

    assign(world, ticket, staff=world.staff["leader"].pk, reason="张师傅请假")

    ticket.refresh_from_db()
    assert ticket.assignee_id == world.staff["leader"].pk


def test_whoever_has_it_hands_it_over_and_goes_on_with_the_queue(world):
    ticket, _order = world.assigned()
    path = f"/console/tickets/{ticket.number}/handover"
    ticket.refresh_from_db()
    has = next(role for role, one in world.staff.items() if one.pk == ticket.assignee_id)
    other = "leader" if has == "technician" else "technician"

    asked = world.as_(has).get(path).content.decode()
    assert world.staff[other].name in asked
    assert f'value="{ticket.assignee_id}"' not in asked
    assert posted(world.as_(other), path, note="给我吧").status_code == 409

    done = posted(world.as_(has), path, staff=world.staff[other].pk, note="已测光功率")
    assert (done.status_code, done.url) == (303, "/console/tickets/")
    ticket.refresh_from_db()
    assert ticket.assignee_id == world.staff[other].pk
    assert ticket.log.get().text == "已测光功率"


def test_the_candidates_are_explained(world):
    ticket = world.ticket()

    page = world.as_("dispatcher").get(f"/console/tickets/{ticket.number}/assignment")

    names = {one.name: one for one in page.context["candidates"]}
    assert set(names) == {"technician-1", "leader-1"}
    assert all(one.selectable for one in names.values())


def test_nobody_available_stands_first_with_the_reasons(world):
    ticket = world.ticket(category="fault.mobile.no_signal", family="mobile")
    assigning.assign_automatically(number=ticket.number, actor="system:test", at=now())

    page = world.as_("dispatcher").get("/console/dispatch/")

    (shown,) = page.context["alarms"]
    assert shown.alarm.ticket_number == ticket.number
    assert dict(shown.counts) == {"没有所需资质": 2}


def test_an_alarm_is_followed_up(world):
    ticket = world.ticket(category="fault.mobile.no_signal", family="mobile")
    assigning.assign_automatically(number=ticket.number, actor="system:test", at=now())

    posted(world.as_("dispatcher"), f"/console/dispatch/alarms/{ticket.number}/acknowledgement")

    alarm = orders.open_alarm_of(ticket.pk)
    assert alarm.acknowledged_by == world.staff["dispatcher"].actor


def test_the_board_shows_load_duty_and_booking(world):
    world.assigned()

    page = world.as_("dispatcher").get("/console/dispatch/")

    people = {one.row.name: one for one in page.context["people"]}
    assert people["technician-1"].on_duty is True
    assert people["technician-1"].row.open_count == 1


def test_resources_show_what_booked_them(world):
    _ticket, order = world.assigned()

    day = order.planned.lower.astimezone().date()
    page = world.as_("dispatcher").get("/console/dispatch/resources", {"day": day.isoformat()})

    booked = {
        row.resource.code: [one.work_order for one in row.bookings]
        for row, _type in page.context["rows"]
    }
    assert booked == {"optical_power_meter": [order.number], "speed_tester": [order.number]}
    assert {name for _row, name in page.context["rows"]} == {"光功率计", "宽带测速终端"}


def test_a_claim_takes_what_the_team_has(world):
    ticket = world.ticket()
    assigning.assign_to(
        number=ticket.number,
        team_id=world.staff["technician"].memberships.get().team_id,
        reason="给班组",
        actor="system:test",
        at=now(),
    )

    posted(world.as_("technician"), f"/console/tickets/{ticket.number}/claim")

    ticket.refresh_from_db()
    assert ticket.assignee_id == world.staff["technician"].pk


def test_a_supervisor_looks_but_does_not_assign(world):
    ticket = world.ticket()

    assert world.as_("supervisor").get("/console/dispatch/").status_code == 200
    assert assign(world, ticket, role="supervisor").status_code == 403
    ticket.refresh_from_db()
    assert ticket.state == queries.State.ACCEPTED
