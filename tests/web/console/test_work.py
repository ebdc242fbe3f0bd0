"""The technician's page: the next thing to press, for their own work only."""

from __future__ import annotations

from tests.web.console.conftest import posted

from changtong.tickets.models import Ticket


def next_labels(client):
    return [
        str(job.next.label) if job.next else ""
        for job in client.get("/console/work/").context["jobs"]
    ]


def test_each_state_has_one_next_action(world):
    ticket, order = world.assigned()
    technician = world.as_("technician")
    assert next_labels(technician) == ["接单并出发"]

    posted(technician, f"/console/work/{order.number}/start")
    assert next_labels(technician) == ["已到场"]

    posted(technician, f"/console/work/{order.number}/arrival")
    assert next_labels(technician) == ["完成：提交结果"]
    ticket.refresh_from_db()
    assert ticket.state == "in_progress"

    answer = posted(
        technician,
        f"/console/tickets/{ticket.number}/pause?back=work",
        reason="customer_absent",
        note="家里没人",
    )
    assert answer.url == "/console/work/"
    assert next_labels(technician) == ["恢复处理"]
    answer = posted(technician, f"/console/tickets/{ticket.number}/resumption?back=work")
    assert answer.url == "/console/work/"


def test_a_note_from_the_page_leads_back_to_it(world):
    ticket, _order = world.in_progress()

    answer = posted(
        world.as_("technician"),
        f"/console/tickets/{ticket.number}/log?type=retest&back=work",
        type="retest",
        passed="on",
    )

    assert answer.url == "/console/work/"
    assert ticket.log.get().details == {"passed": True}


def test_somebody_else_s_work_cannot_be_begun(world):
    _ticket, order = world.assigned()

    answer = posted(world.as_("leader"), f"/console/work/{order.number}/start")

    assert answer.status_code == 404
    order.refresh_from_db()
    assert order.state == "acknowledged"


def test_work_of_others_is_not_listed(world):
    world.assigned()

    assert world.as_("leader").get("/console/work/").context["jobs"] == []


def test_a_resolved_order_is_gone_before_the_worker_has_ended_it(world):
    ticket, order = world.in_progress()
    technician = world.as_("technician")
    assert order.number.encode() in technician.get("/console/work/").content

    Ticket.objects.filter(pk=ticket.pk).update(state="resolved")

    assert order.number.encode() not in technician.get("/console/work/").content


def test_a_card_shows_the_ticket_s_number_beside_the_order_s(world):
    ticket, order = world.assigned()

    page = world.as_("technician").get("/console/work/").content.decode()

    assert ticket.number in page
    assert order.number in page
