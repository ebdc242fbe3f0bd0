"""The next ticket at a press."""

from __future__ import annotations

from tests.web.console.conftest import World

from changtong.tickets.models import Ticket


def test_the_next_ticket_is_taken_and_opened(world: World) -> None:
    ticket = world.ticket(category="enquiry.other", kind="enquiry")

    answer = world.as_("agent").post("/console/tickets/next", {"operation_key": "k1"})

    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/console/tickets/{ticket.number}",
    )
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == world.staff["agent"].pk


def test_when_nothing_waits_the_page_says_so(world: World) -> None:
    answer = world.as_("agent").post(
        "/console/tickets/next",
        {"operation_key": "k1"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 409
    assert "没有可领的工单" in answer.content.decode()
