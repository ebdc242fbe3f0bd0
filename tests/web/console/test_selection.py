"""One action on several tickets: tried, done, taken back; never on what one may not see."""

from __future__ import annotations

import re

from tests.web.console.conftest import posted

from changtong.journal.models import Entry
from changtong.tickets.models import LogEntry, Ticket


def test_a_trial_says_for_each_ticket_what_would_be_and_changes_nothing(world):
    free = world.ticket()
    resolved = world.resolved()
    before = Entry.objects.count()

    answer = posted(
        world.as_("dispatcher"),
        "/console/tickets/selection/assignment/trial",
        numbers=f"{free.number},{resolved.number}",
        to=f"staff:{world.staff['technician'].pk}",
        reason="同一小区",
    )

    outcomes = answer.context["outcomes"]
    assert [bool(one.why_not) for one in outcomes] == [False, True]
    assert answer.context["able"] == 1
    assert Ticket.objects.get(pk=free.pk).assignee_id is None
    assert Entry.objects.count() == before


def test_what_can_be_done_is_done_and_the_rest_is_told_why(world):
    free = world.ticket()
    resolved = world.resolved()

    answer = posted(
        world.as_("dispatcher"),
        "/console/tickets/selection/assignment",
        numbers=f"{free.number},{resolved.number}",
        to=f"staff:{world.staff['technician'].pk}",
        reason="同一小区",
    )

    assert [bool(one.why_not) for one in answer.context["outcomes"]] == [False, True]
    assert Ticket.objects.get(pk=free.pk).assignee_id == world.staff["technician"].pk
    # Nobody had it before, so there is nobody to give it back to.
    assert answer.context["undo"] == ""


def test_grades_are_changed_and_given_back(world):
    ticket = world.ticket()
    agent = world.as_("agent")
    was = (ticket.impact, ticket.urgency)

    answer = posted(
        agent,
        "/console/tickets/selection/priority",
        numbers=ticket.number,
        impact="area",
        urgency="critical",
        reason="小区停电",
    )
    changed = Ticket.objects.get(pk=ticket.pk)
    assert (changed.impact, changed.urgency) == ("area", "critical")

    posted(agent, "/console/tickets/selection/undoing", undo=answer.context["undo"])
    back = Ticket.objects.get(pk=ticket.pk)
    assert (back.impact, back.urgency) == was


def test_an_undo_belongs_to_whoever_did_it_and_to_nobody_else(world):
    ticket = world.ticket()
    answer = posted(
        world.as_("agent"),
        "/console/tickets/selection/priority",
        numbers=ticket.number,
        impact="area",
        urgency="critical",
        reason="小区停电",
    )

    stolen = posted(
        world.as_("supervisor"),
        "/console/tickets/selection/undoing",
        undo=answer.context["undo"],
    )
    forged = posted(world.as_("agent"), "/console/tickets/selection/undoing", undo="forged")

    assert (stolen.status_code, forged.status_code) == (403, 409)


def test_a_note_reaches_only_tickets_that_one_may_see(world):
    foreign = world.ticket()
    mine, _order = world.assigned()

    posted(
        world.as_("technician"),
        "/console/tickets/selection/note",
        numbers=f"{foreign.number},{mine.number},{mine.number}",
        text="片区光缆抢修",
    )

    assert [one.ticket_id for one in LogEntry.objects.filter(text="片区光缆抢修")] == [mine.pk]


def test_who_lacks_the_permission_is_refused_and_is_not_offered_it(world):
    ticket = world.ticket()
    technician = world.as_("technician")

    answer = posted(
        technician,
        "/console/tickets/selection/priority",
        numbers=ticket.number,
        impact="area",
        urgency="critical",
        reason="x",
    )
    offered = technician.get("/console/tickets/?tab=mine").context["actions"]

    assert answer.status_code == 403
    assert [url.rsplit("/")[-1] for url, _action in offered] == ["note", "progress", "macro"]


def test_what_is_missing_is_said_in_the_form(world):
    answer = posted(
        world.as_("agent"), "/console/tickets/selection/note", numbers=world.ticket().number
    )

    assert answer.status_code == 422
    assert "text" in answer.context["form"].errors


def test_the_form_names_how_many_were_chosen_and_an_unknown_action_is_not_found(world):
    agent, ticket = world.as_("agent"), world.ticket()

    page = agent.get(f"/console/tickets/selection/note?numbers={ticket.number},GD1")

    assert page.context["chosen"] == 1
    assert agent.get("/console/tickets/selection/closure").status_code == 404


def test_a_row_opens_below_itself_with_words_and_clocks(world):
    ticket = world.ticket()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/preview")

    assert re.search("从今天早上开始宽带无法上网", page.content.decode())
    assert page.context["clocks"]
    foreign = world.as_("technician").get(f"/console/tickets/{ticket.number}/preview")
    assert foreign.status_code == 404
