"""Two people save the same fields of a case: nobody's change is lost in silence."""

from __future__ import annotations

import json
import re
import uuid
from html import unescape

from changtong.tickets import queries


def opened(client, ticket):
    page = client.get(f"/console/tickets/{ticket.number}/reclassification").content.decode()
    hidden = re.search(r'name="opened" value="([^"]*)"', page) or re.search(
        r'value="([^"]*)"[^>]*name="opened"', page
    )
    return unescape(hidden.group(1))


def save(client, ticket, kept, **changes):
    fields = {**json.loads(kept), "opened": kept, "reason": "核实后更改", **changes}
    return client.post(
        f"/console/tickets/{ticket.number}/reclassification",
        {"operation_key": str(uuid.uuid4()), **fields},
    )


def test_changes_of_different_fields_are_both_kept(world):
    ticket = world.ticket()
    agent, leader = world.as_("agent"), world.as_("dispatcher")
    mine, theirs = opened(agent, ticket), opened(leader, ticket)

    assert save(leader, ticket, theirs, urgency="high").status_code == 303
    assert save(agent, ticket, mine, impact="group").status_code == 303

    now = queries.followed_by_link(ticket.number)
    assert (now.impact, now.urgency) == ("group", "high")


def test_a_field_that_both_changed_is_shown_with_both_and_asked(world):
    ticket = world.ticket()
    agent, leader = world.as_("agent"), world.as_("dispatcher")
    mine, theirs = opened(agent, ticket), opened(leader, ticket)
    save(leader, ticket, theirs, impact="area")

    asked = save(agent, ticket, mine, impact="group")

    page = unescape(asked.content.decode())
    assert asked.status_code == 422
    assert "您打开后别人已改为“片区”，您选的是“多个客户”" in page
    assert queries.followed_by_link(ticket.number).impact == "area"
    again = re.search(r'name="opened" value=["\']([^>]*?)["\'] ', page) or re.search(
        r'value=["\'](\{.*?\})["\']', page
    )
    assert save(agent, ticket, again.group(1), impact="group").status_code == 303
    assert queries.followed_by_link(ticket.number).impact == "group"
