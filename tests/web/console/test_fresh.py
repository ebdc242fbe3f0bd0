"""What an open list asks after it was told of a change: never more than the person may see."""

from __future__ import annotations

import pytest
from tests.factories import people

from changtong.infra.clock import now
from changtong.journal import queries as journal
from changtong.parties.domain.roles import Role
from changtong.parties.queries import viewer_of_staff
from changtong.tickets import queries as tickets
from changtong.tickets.domain.sight import may_see
from changtong.tickets.models import Ticket
from changtong.tickets.operations import working
from changtong.tickets.queries import standing
from changtong.web.console.tickets import queue
from changtong.web.live import lists


def rows(client, numbers, **more):
    answer = client.get("/console/tickets/rows", {"numbers": ",".join(numbers), **more})
    assert answer.status_code == 200
    return answer.json()["rows"]


def changes(client, **asked):
    headers = {"If-None-Match": asked.pop("etag")} if "etag" in asked else {}
    return client.get("/console/tickets/changes", asked, headers=headers)


def test_a_row_comes_as_it_is_now_with_whether_the_list_holds_it(world):
    waiting = world.ticket()
    given, _order = world.assigned()

    found = rows(world.as_("agent"), [waiting.number, given.number], tab="unassigned")

    assert {number: row["held"] for number, row in found.items()} == {
        waiting.number: True,
        given.number: False,
    }
    assert f'id="row-{waiting.number}"' in found[waiting.number]["html"]


def test_a_filter_decides_too_whether_the_list_holds_a_row(world):
    fault = world.ticket()

    found = rows(world.as_("agent"), [fault.number], tab="open", kind="enquiry")

    assert not found[fault.number]["held"]


def test_a_row_that_one_may_not_see_is_left_out_like_one_that_is_not_there(world):
    foreign = world.ticket()

    assert rows(world.as_("technician"), [foreign.number, "GD1", "%", ""], tab="open") == {}


def test_changes_begin_where_the_page_begins_and_say_nothing_twice(world):
    ticket = world.ticket()
    agent = world.as_("agent")
    first = changes(agent)
    assert first.json() == {"position": journal.last_written(), "anew": False}

    assert changes(agent, etag=first.headers["ETag"]).status_code == 304

    note(ticket, "second")
    second = changes(agent, etag=first.headers["ETag"], since=first.json()["position"])
    assert second.json()["changed"] == [ticket.number]
    assert second.json()["entered"] == []


def test_changes_name_only_what_one_may_see(world):
    technician = world.as_("technician")
    position = changes(technician).json()["position"]
    note(world.ticket(), "not for everybody")

    answer = changes(technician, since=position).json()

    assert (answer["changed"], answer["entered"]) == ([], [])


@pytest.mark.parametrize("since", ["nonsense", "-1", "²", "999999999999"])
def test_a_position_that_is_none_makes_the_page_read_everything(world, since):
    assert changes(world.as_("agent"), since=since).json()["anew"] is True


@pytest.mark.parametrize("tab", [*queue.TABS])
@pytest.mark.parametrize("role", ["agent", "technician", "supervisor", "dispatcher"])
def test_values_and_the_database_agree_on_who_sees_what_and_which_list_holds_it(world, role, tab):
    world.ticket()
    world.assigned()
    world.resolved()
    other = people.staff("elsewhere", Role.AGENT)
    Ticket.objects.filter(number=world.ticket().number).update(complained_of=other)
    for person in (world.staff[role], other):
        viewer = viewer_of_staff(person.pk)
        assert viewer is not None
        places = standing.places(list(Ticket.objects.values_list("number", flat=True)))
        seen = {one.number for one in places if may_see(viewer, one)}
        held = {
            one.number for one in places if may_see(viewer, one) and lists.holds(tab, viewer, one)
        }

        assert seen == set(tickets.visible_to(viewer).values_list("number", flat=True))
        assert held == set(queue.of_tab(viewer, tab).values_list("number", flat=True))


def note(ticket, text):
    working.log(number=ticket.number, type_="note", text=text, actor="system:test", at=now())
