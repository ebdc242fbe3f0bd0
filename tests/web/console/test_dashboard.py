"""The supervisor's figures."""

from __future__ import annotations


def test_the_figures_are_those_of_the_viewers_tickets(world):
    world.ticket()
    world.ticket(urgency="critical", impact="area")
    world.resolved()

    page = world.as_("supervisor").get("/console/")

    assert page.context["today"] == 3
    assert page.context["open_total"] == 3
    assert {one["code"]: one["count"] for one in page.context["states"]}["resolved"] == 1
    assert page.context["alarms"] == "0"


def test_each_state_leads_to_its_list(world):
    world.resolved()
    supervisor = world.as_("supervisor")

    states = supervisor.get("/console/").context["states"]
    url = next(one["url"] for one in states if one["code"] == "resolved")

    assert len(supervisor.get(url).context["listing"].rows) == 1


def test_whoever_may_not_dispatch_sees_no_alarms(world):
    assert world.as_("auditor").get("/console/").context["alarms"] is None
