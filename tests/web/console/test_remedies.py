"""The case page shows what a broken limit owes, and lets those decide who may."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.web.console.conftest import posted

from changtong.clocks.models import Clock
from changtong.infra.clock import now
from changtong.tickets import queries
from changtong.tickets.models import Ticket
from changtong.tickets.operations import remedying


pytestmark = pytest.mark.django_db


@pytest.fixture
def late(world):
    """Return a repaired fault whose limits ended two days before."""
    line = world.town.line
    line.monthly_rent = Decimal(90)
    line.save(update_fields=["monthly_rent"])
    ticket = world.resolved()
    late = {"started_at": now() - timedelta(days=4), "due_at": now() - timedelta(days=2)}
    clocks = Clock.objects.filter(subject=ticket.number, metric="restoration")
    clocks.update(
        **late, applies_from=late["started_at"], breached_at=late["due_at"], stopped_at=now()
    )
    remedying.propose(number=ticket.number, actor="system:tickets", at=now())
    return Ticket.objects.get(pk=ticket.pk)


def state(ticket, code):
    return queries.remedy(ticket, code).state


def test_the_case_page_shows_the_sum(world, late):
    page = world.as_("leader").get(f"/console/tickets/{late.number}").content.decode()
    assert "免收障碍期间月租" in page
    assert "日租 3.00 元 × 5 天 = 15.00 元" in page


def test_a_leader_accepts_and_turns_down(world, late):
    client = world.as_("leader")
    url = f"/console/tickets/{late.number}/remedies"

    posted(client, f"{url}/rent_waived/acceptance")
    posted(client, f"{url}/repair_late/refusal", reason="已当面和解")

    assert state(late, "rent_waived") == "accepted"
    assert state(late, "repair_late") == "declined"
    assert "已当面和解" in client.get(f"/console/tickets/{late.number}").content.decode()


def test_an_agent_sees_and_does_not_decide(world, late):
    client = world.as_("agent")
    assert (
        "remedies/rent_waived"
        not in client.get(f"/console/tickets/{late.number}").content.decode()
    )
    answer = posted(client, f"/console/tickets/{late.number}/remedies/rent_waived/acceptance")
    assert answer.status_code == 403
    assert state(late, "rent_waived") == "proposed"
