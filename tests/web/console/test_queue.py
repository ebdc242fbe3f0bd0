"""The queue: order, tabs, filters, pages, and finding one ticket."""

from __future__ import annotations

import pytest

from changtong.tickets.domain.lifecycle import State
from changtong.tickets.models import Ticket
from changtong.web.console.tickets import queue


def numbers(page):
    return [row.ticket.number for row in page.context["listing"].rows]


def test_the_most_pressing_comes_first(world):
    slow = world.ticket(category="enquiry.other", kind="enquiry")
    urgent = world.ticket(urgency="critical", impact="area")

    page = world.as_("agent").get("/console/tickets/?tab=open")

    assert numbers(page) == [urgent.number, slow.number]


def test_a_technician_sees_only_their_own(world):
    world.ticket()
    mine, _order = world.assigned()

    page = world.as_("technician").get("/console/tickets/?tab=open")

    assert numbers(page) == [mine.number]


@pytest.mark.parametrize(
    ("tab", "states"),
    [("unassigned", ["accepted"]), ("resolved", ["resolved"]), ("open", ["accepted", "resolved"])],
)
def test_a_tab_holds_what_its_name_says(world, tab, states):
    world.ticket()
    world.resolved()

    page = world.as_("agent").get(f"/console/tickets/?tab={tab}")

    assert sorted(row.ticket.state for row in page.context["listing"].rows) == states


def test_a_filter_narrows_and_nonsense_is_ignored(world):
    fault = world.ticket()
    world.ticket(category="enquiry.other", kind="enquiry")
    agent = world.as_("agent")

    assert numbers(agent.get("/console/tickets/?tab=open&kind=fault")) == [fault.number]
    assert len(numbers(agent.get("/console/tickets/?tab=open&kind=nonsense"))) == 2


def test_pages_follow_each_other_without_gap_or_repetition(world, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 2)
    made = {world.ticket().number for _ in range(5)}
    agent = world.as_("agent")

    seen, url = [], "/console/tickets/?tab=open"
    while url:
        page = agent.get(url)
        seen += numbers(page)
        url = page.context["listing"].next_url

    assert len(seen) == 5
    assert set(seen) == made


def test_pages_lead_back_one_at_a_time_through_those_without_a_deadline(world, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 2)
    made = [world.ticket() for _ in range(7)]
    paused = [one.pk for one in made[::2]]
    Ticket.objects.filter(pk__in=paused).update(due_at=None, state=State.HELD)
    agent = world.as_("agent")
    forward, url = [], "/console/tickets/?tab=open"
    while url:
        page = agent.get(url)
        forward.append(numbers(page))
        url = page.context["listing"].next_url

    back, url = [numbers(page)], page.context["listing"].previous_url
    while url:
        page = agent.get(url)
        back.append(numbers(page))
        url = page.context["listing"].previous_url

    assert [len(one) for one in forward] == [2, 2, 2, 1]
    assert [one for page in forward for one in page][3:] == [one.number for one in made[::2]]
    assert sorted(back) == sorted(forward)


def test_whoever_names_no_tab_begins_where_work_waits(world):
    registered = world.ticket()
    Ticket.objects.update(state=State.ACKNOWLEDGED)

    page = world.as_("agent").get("/console/tickets/")

    assert page.context["tab"] == "registered"
    assert numbers(page) == [registered.number]
    assert {tab.label: tab.count for tab in page.context["tabs"]}["待受理"] == "1"


def test_a_tab_counts_no_further_than_a_limit(world, monkeypatch):
    monkeypatch.setattr(queue, "COUNTED_AT_MOST", 2)
    for _ in range(3):
        world.ticket()

    page = world.as_("agent").get("/console/tickets/?tab=open")

    assert {tab.label: tab.count for tab in page.context["tabs"]}["全部未结"] == "1+"


def test_the_refresh_stays_on_the_tab_that_was_shown(world):
    world.ticket()

    page = world.as_("dispatcher").get("/console/tickets/?kind=fault")

    assert page.context["live_url"] == "/console/tickets/?kind=fault&tab=unassigned"


def test_a_forged_cursor_means_the_first_page(world):
    ticket = world.ticket()

    page = world.as_("agent").get("/console/tickets/?tab=open&after=[null,0]:forged")

    assert numbers(page) == [ticket.number]


def test_htmx_gets_only_the_rows(world):
    world.ticket()

    part = world.as_("agent").get("/console/tickets/?tab=open", headers={"HX-Request": "true"})

    assert b"<html" not in part.content
    assert b"<tbody>" in part.content
