"""The supervisor's figures."""

from __future__ import annotations

from datetime import timedelta
from html import escape

import pytest

from changtong.infra.clock import now
from changtong.tickets.models import Ticket


def test_the_figures_are_those_of_the_viewers_tickets(world):
    world.ticket()
    world.ticket(urgency="critical", impact="area")
    world.resolved()

    page = world.as_("supervisor").get("/console/")

    assert page.context["today"] == 3
    assert page.context["open_total"] == 3
    assert {one["code"]: one["count"] for one in page.context["states"]}["resolved"] == 1
    assert page.context["alarms"] == "0"


@pytest.mark.parametrize(
    ("moved", "figure", "count", "when"),
    [
        ({"due_at": timedelta(minutes=-5)}, "late_count", "1", "tab=open&when=late"),
        ({"due_at": timedelta(minutes=30)}, "soon_count", "1", "tab=open&when=soon"),
        ({}, "today", 3, "tab=newest&when=opened-today"),
    ],
)
def test_a_figure_leads_to_exactly_what_it_counts(world, moved, figure, count, when):
    for _ in range(3):
        ticket = world.ticket()
    Ticket.objects.update(due_at=now() + timedelta(days=3))
    for field, after in moved.items():
        Ticket.objects.filter(pk=ticket.pk).update(**{field: now() + after})
    supervisor = world.as_("supervisor")

    page = supervisor.get("/console/")
    listed = supervisor.get(f"/console/tickets/?{when}")

    assert page.context[figure] == count
    assert len(listed.context["listing"].rows) == int(count)
    assert escape(when) in page.content.decode()


def test_kinds_and_channels_lead_to_todays_tickets(world):
    world.ticket()
    world.ticket(category="enquiry.other", kind="enquiry")
    supervisor = world.as_("supervisor")

    links = [one for links in supervisor.get("/console/").context["intake_links"] for one in links]

    assert len(links) == 3
    for one in links:
        assert len(supervisor.get(one["url"]).context["listing"].rows) == one["count"]


def test_each_state_leads_to_its_list(world):
    world.resolved()
    supervisor = world.as_("supervisor")

    states = supervisor.get("/console/").context["states"]
    url = next(one["url"] for one in states if one["code"] == "resolved")

    assert len(supervisor.get(url).context["listing"].rows) == 1


def test_whoever_may_not_dispatch_sees_no_alarms(world):
    assert world.as_("auditor").get("/console/").context["alarms"] is None
