"""The leader's board and the wall: who has what, for whom, and what moving it would do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.factories import people
from tests.web.console.conftest import posted

from changtong.dispatch.operations import assigning
from changtong.infra.clock import now
from changtong.journal.models import Entry
from changtong.tickets.models import Ticket


BOARD = "/console/board"
WALL = "/console/board/wall"


def lanes(page):
    return {lane.row.name: lane for team in page.context["teams"] for lane in team.lanes}


def numbers(cards):
    return [card.ticket.number for card in cards]


def test_the_board_shows_what_each_of_the_team_has(world):
    ticket, _order = world.in_progress()

    found = lanes(world.as_("leader").get(BOARD))

    assert set(found) == {"technician-1", "leader-1"}
    lane = found["technician-1"]
    assert (lane.on_duty, lane.states) == (True, (("in_progress", 1),))
    assert numbers(lane.cards) == [ticket.number]


def test_what_nobody_has_stands_aside(world):
    free = world.ticket()
    queued = world.ticket()
    team = world.staff["technician"].memberships.get().team_id
    assigning.assign_to(
        number=queued.number, team_id=team, reason="班组", actor="system:test", at=now()
    )

    page = world.as_("leader").get(BOARD)

    assert set(numbers(page.context["waiting"])) == {free.number, queued.number}


def test_late_tickets_are_counted_for_whoever_holds_them(world):
    late, _order = world.assigned()
    pressing, _order = world.assigned()
    at = now()
    Ticket.objects.filter(pk=late.pk).update(due_at=at - timedelta(minutes=1))
    Ticket.objects.filter(pk=pressing.pk).update(
        opened_at=at - timedelta(hours=9), due_at=at + timedelta(hours=1)
    )

    lane = lanes(world.as_("leader").get(BOARD))["technician-1"]
    totals = world.as_("leader").get(WALL).context["totals"]

    assert (lane.breached, lane.at_risk) == (1, 1)
    assert (totals.open, totals.breached, totals.at_risk) == (2, 1, 1)


def test_a_leader_sees_no_other_team(world):
    stranger = people.staff("technician-2", "technician", region="410105")
    people.team("field-2", stranger, mode="field", region="410105")

    assert "technician-2" not in lanes(world.as_("leader").get(BOARD))
    assert "technician-2" in lanes(world.as_("dispatcher").get(BOARD))


@pytest.mark.parametrize("path", [BOARD, WALL])
@pytest.mark.parametrize(
    ("role", "status"),
    [("leader", 200), ("supervisor", 200), ("dispatcher", 200), ("agent", 403)],
)
def test_only_who_watches_over_work_may_look(world, path, role, status):
    assert world.as_(role).get(path).status_code == status


def test_whoever_may_not_assign_is_offered_no_move(world):
    world.assigned()

    assert "data-picks" not in world.as_("supervisor").get(BOARD).content.decode()
    assert "data-picks" in world.as_("leader").get(BOARD).content.decode()


def test_a_picked_ticket_and_a_person_are_enough_to_see_what_would_come_of_it(world):
    ticket, _order = world.assigned()
    to = f"staff:{world.staff['leader'].pk}"

    form = world.as_("leader").get(
        "/console/tickets/selection/assignment",
        {"numbers": ticket.number, "to": to, "reason": "均衡工作量"},
    )

    assert form.context["trial_when"] == "load, click"
    assert f'value="{to}" selected' in form.content.decode()


def test_the_trial_tells_of_the_visit_given_up_and_changes_nothing(world):
    ticket, _order = world.assigned()
    before = Entry.objects.count()

    answer = posted(
        world.as_("leader"),
        "/console/tickets/selection/assignment/trial",
        numbers=ticket.number,
        to=f"staff:{world.staff['leader'].pk}",
        reason="均衡工作量",
    )

    (outcome,) = answer.context["outcomes"]
    assert outcome.why_not == ""
    assert "leader-1此前在办 0 张" in [one.words for one in outcome.effects]
    assert Entry.objects.count() == before


def test_the_trial_says_by_which_clause_somebody_may_not(world):
    ticket, _order = world.assigned()
    novice = people.staff("technician-3", "technician", region="410105")

    answer = posted(
        world.as_("leader"),
        "/console/tickets/selection/assignment/trial",
        numbers=ticket.number,
        to=f"staff:{novice.pk}",
        reason="均衡工作量",
    )

    (outcome,) = answer.context["outcomes"]
    assert outcome.why_not
    assert outcome.clause


def test_a_move_is_taken_back(world):
    ticket, _order = world.assigned()
    leader = world.as_("leader")
    answer = posted(
        leader,
        "/console/tickets/selection/assignment",
        numbers=ticket.number,
        to=f"staff:{world.staff['leader'].pk}",
        reason="均衡工作量",
    )

    posted(leader, "/console/tickets/selection/undoing", undo=answer.context["undo"])

    ticket.refresh_from_db()
    assert ticket.assignee_id == world.staff["technician"].pk


def test_the_wall_tells_nothing_about_customers(world):
    world.ticket(title="王芳家宽带断网")
    ticket, _order = world.assigned(title="王芳家宽带断网")

    words = world.as_("leader").get(WALL).content.decode()

    assert ticket.number in words
    assert "technician-1" in words
    assert not re.search(r"王芳|断网|1380000", words)


def test_the_wall_says_since_when_nobody_looks_after_an_alarm(world):
    ticket = world.ticket(category="fault.mobile.no_signal", family="mobile")
    assigning.assign_automatically(number=ticket.number, actor="system:test", at=now())

    sounding = world.as_("leader").get(WALL).context["sounding"]

    assert sounding.count == 1
    assert sounding.since is not None
