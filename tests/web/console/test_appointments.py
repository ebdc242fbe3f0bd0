"""Another time for a visit, handing it back, and the alarm of a missed one, on the screens."""

from __future__ import annotations

from datetime import timedelta

from django.utils.timezone import localtime
from tests.web.console.conftest import posted

from changtong.clocks import queries as clocks
from changtong.dispatch.models import WorkOrder
from changtong.dispatch.operations import watching
from changtong.dispatch.queries import appointments
from changtong.infra.clock import now


def first_slot(order):
    return appointments.on_offer(order, at=now())[0].period.start


def moved(client, url, order, **fields):
    return posted(client, url, starts_at=localtime(first_slot(order)).isoformat(), **fields)


def test_a_dispatcher_moves_a_visit_with_a_reason(world):
    ticket, order = world.assigned()
    url = f"/console/tickets/{ticket.number}/appointment"
    dispatcher = world.as_("dispatcher")
    page = dispatcher.get(url).content.decode()
    assert page.count("<optgroup") >= 2
    wanted = first_slot(order)

    refused = moved(dispatcher, url, order, asked_by="us")
    assert (refused.status_code, "请说明原因" in refused.content.decode()) == (422, True)
    moved(dispatcher, url, order, asked_by="us", reason="缺料")

    order.refresh_from_db()
    assert order.planned.lower == wanted


def test_a_technician_moves_their_own_visit_for_the_customer(world):
    ticket, order = world.assigned()
    wanted = first_slot(order)
    url = f"/console/work/{order.number}/appointment?back=work"

    answer = moved(world.as_("technician"), url, order, asked_by="customer")

    assert answer.url == "/console/work/"
    order.refresh_from_db()
    assert order.planned.lower == wanted
    assert ticket.number in clocks.paused_among([ticket.number])


def test_a_technician_who_cannot_make_it_hands_the_work_back(world):
    _ticket, order = world.assigned()
    technician = world.as_("technician")
    labels = [
        str(one.label) for one in technician.get("/console/work/").context["jobs"][0].changes
    ]
    assert labels == ["改约", "去不了"]

    posted(technician, f"/console/work/{order.number}/cancellation?back=work", reason="车坏了")

    order.refresh_from_db()
    assert (order.state, order.ended_because) == ("cancelled", "车坏了")
    other = WorkOrder.objects.get(ended_at=None)
    assert other.technician_id == world.staff["leader"].pk


def test_somebody_else_s_visit_is_neither_moved_nor_handed_back(world):
    _ticket, order = world.assigned()
    for what in ("appointment", "cancellation"):
        assert world.as_("leader").get(f"/console/work/{order.number}/{what}").status_code == 404


def test_a_missed_visit_stands_on_the_dispatcher_s_page(world):
    ticket, order = world.assigned()
    WorkOrder.objects.filter(pk=order.pk).update(
        planned=(now() - timedelta(hours=2), now() - timedelta(hours=1))
    )
    assert watching.sound_missed(at=now()) == 1

    page = world.as_("dispatcher").get("/console/dispatch/").content.decode()

    assert "上门误约" in page
    assert f"/console/tickets/{ticket.number}/appointment" in page
    assert world.staff["technician"].name in page


def test_a_resolved_fault_without_retest_stays_on_its_technician_s_page(world):
    ticket = world.resolved()
    ticket.resolutions.update(retest_passed=False)
    technician = world.as_("technician")
    assert [one.pk for one in technician.get("/console/work/").context["untested"]] == [ticket.pk]
    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/result").content.decode()
    assert f"/console/tickets/{ticket.number}/log?type=retest" in page

    url = f"/console/tickets/{ticket.number}/log?type=retest&back=work"
    posted(technician, url, type="retest", passed="on")

    assert technician.get("/console/work/").context["untested"] == []


def test_an_agent_is_reminded_of_an_answer_that_never_came(world):
    from changtong.clocks import operations as clockwork
    from changtong.tickets.operations import asking

    ticket = world.ticket()
    agent = world.as_("agent")
    asking.ask(number=ticket.number, question="账号?", actor=world.staff["agent"].actor, at=now())
    assert agent.get("/console/tickets/").context["unanswered"] == []

    clockwork.end_pauses(at=now() + timedelta(hours=73))

    page = agent.get("/console/tickets/")
    assert [one.pk for one in page.context["unanswered"]] == [ticket.pk]
    assert "客户逾期没有补充" in page.content.decode()


def test_an_agent_notes_that_the_customer_was_told_by_telephone(world):
    ticket = world.resolved()

    posted(world.as_("agent"), f"/console/tickets/{ticket.number}/notice", text="电话告知本人")

    ticket.refresh_from_db()
    assert ticket.told_at is not None
    assert ticket.log.get(type="call").text == "电话告知本人"
