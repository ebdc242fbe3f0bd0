"""Customers: found by number, name or address, shown with lines and matters."""

from __future__ import annotations


def test_a_customer_is_found_and_shown_with_their_matters(world):
    ticket = world.ticket()
    agent = world.as_("agent")

    found = agent.get("/console/customers/", {"q": "王芳"})
    page = agent.get("/console/customers/C0001")

    assert [line.number for line in found.context["lines"]] == ["KD0001"]
    assert [row.ticket.number for row in page.context["rows"]] == [ticket.number]


def test_one_letter_finds_nobody(world):
    assert world.as_("agent").get("/console/customers/", {"q": "王"}).context["lines"] == []


def test_an_unknown_customer_is_missing(world):
    assert world.as_("agent").get("/console/customers/C9999").status_code == 404


def test_a_technician_does_not_browse_customers(world):
    assert world.as_("technician").get("/console/customers/C0001").status_code == 403
