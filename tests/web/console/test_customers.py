"""Customers: found by number, name or address, shown with lines and matters."""

from __future__ import annotations

import json

from tests.web.console.conftest import posted

from changtong.journal.models import Entry


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


def test_two_corrections_at_once_keep_both_and_ask_where_they_disagree(world):
    customer = world.town.customer
    page = "/console/customers/C0001/correction"
    leader = world.as_("leader")
    opened = leader.get(page).context["form"].initial
    carried = {**opened, "opened": json.dumps(opened["opened"])}

    agent = posted(world.as_("agent"), page, **{**carried, "email": "a@b.cn", "tier": "platinum"})
    theirs = posted(leader, page, **{**carried, "tier": "gold"})
    asked = posted(leader, page, **{**carried, "email": "c@d.cn"})

    assert (agent.status_code, theirs.status_code, asked.status_code) == (303, 303, 422)
    customer.refresh_from_db()
    # An agent does not grade, and nobody wrote over what the other had changed.
    assert (customer.email, customer.tier) == ("a@b.cn", "gold")
    assert list(asked.context["form"].errors) == ["email"]
    noted = Entry.objects.filter(tag="customer.corrected").order_by("pk")
    assert [one.facts["fields"] for one in noted] == [["email"], ["tier"]]
    assert "a@b.cn" not in str([one.facts for one in noted])

    seen = {**carried, "email": "c@d.cn", "opened": asked.context["form"].data["opened"]}
    posted(leader, page, **seen)
    wrong = posted(leader, page, **{**seen, "phone": "12"})
    customer.refresh_from_db()
    assert (customer.email, wrong.status_code) == ("c@d.cn", 422)


def test_a_line_is_corrected_by_whoever_may(world):
    line = world.town.line
    page = f"/console/customers/C0001/lines/{line.number}/correction"
    opened = world.as_("agent").get(page).context["form"].initial
    given = {**opened, "opened": json.dumps(opened["opened"]), "monthly_rent": "99.50"}

    assert posted(world.as_("agent"), page, **given).status_code == 303
    line.refresh_from_db()
    assert str(line.monthly_rent) == "99.50"
    assert world.as_("dispatcher").get(page).status_code == 403
    assert world.as_("agent").get(page.replace(line.number, "KD9")).status_code == 404
