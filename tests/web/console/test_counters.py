"""A service hall as its people see it: the door, the counter, the display and the desk."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.console.conftest import BUDGETS

from changtong.infra.clock import now
from changtong.intake.models import CounterCase, QueueNumber
from changtong.intake.operations import queueing
from changtong.journal.models import Entry
from changtong.web.console import counters
from changtong.web.console import hall as door


PHONE_SEEN = "138****1111"


@pytest.fixture
def hall(world, monkeypatch):
    # Nobody loses their number because the test goes on past midnight.
    at = now()
    for module in (counters, door):
        monkeypatch.setattr(module, "now", lambda: at)
    return queueing.open_hall(
        code="HYL",
        name="花园路营业厅",
        region=world.town.region,
        counters=2,
        actor="system:test",
        at=at,
    )


def post(client, path, **fields):
    return client.post(f"/console/{path}", {**fields, "operation_key": str(uuid.uuid4())})


def take(client, **fields):
    return post(client, "counters/HYL/numbers", **{"class_code": "fault", **fields})


def test_somebody_with_a_number_is_called_served_and_written_down(world, hall):
    agent = world.as_("agent")
    taken = take(agent, phone=world.town.customer.phone, called_first="elderly")
    number = QueueNumber.objects.get()
    assert taken["Location"] == f"/console/queue-numbers/{number.pk}"
    assert "A001" in agent.get(taken["Location"]).content.decode()

    post(agent, "counters/HYL/2/call")
    at_counter = agent.get("/console/counters/HYL/2").content.decode()
    assert PHONE_SEEN in at_counter
    assert world.town.customer.name in at_counter
    to_desk = post(agent, f"queue-numbers/{number.pk}/service")
    desk = agent.get(to_desk["Location"])
    assert desk.context["line"] == world.town.line
    assert (desk.context["form"]["channel"].value(), desk.context["form"]["kind"].value()) == (
        "counter",
        "fault",
    )
    post(
        agent,
        "tickets/new",
        queue_number=number.pk,
        line=world.town.line.number,
        channel="counter",
        kind="fault",
        title="宽带断网",
        contact_phone=world.town.customer.phone,
    )

    case = CounterCase.objects.get(number=number).ticket
    assert Entry.objects.get(tag="queue_number.linked").subject == case.number
    assert case.number in agent.get("/console/counters/HYL/2").content.decode()
    assert "A001" in agent.get(f"/console/tickets/{case.number}/receipt").content.decode()
    post(agent, f"queue-numbers/{number.pk}/completion")
    assert QueueNumber.objects.get().state == "served"


def test_a_request_that_is_delivered_twice_takes_one_number(world, hall):
    agent, key = world.as_("agent"), str(uuid.uuid4())
    fields = {"class_code": "service", "operation_key": key}

    answers = {agent.post("/console/counters/HYL/numbers", fields)["Location"] for _ in "12"}

    assert len(answers) == QueueNumber.objects.count() == 1


def test_a_wrong_telephone_number_is_said_at_the_door_and_gives_no_number(world, hall):
    answer = take(world.as_("agent"), phone="12")

    assert answer.status_code == 409
    assert "电话号码不正确" in answer.content.decode()
    assert not QueueNumber.objects.exists()


def test_the_display_shows_numbers_and_counters_and_nothing_about_anybody(world, hall):
    agent = world.as_("agent")
    for priority in ("disabled", ""):
        take(agent, phone=world.town.customer.phone, called_first=priority)
    post(agent, "counters/HYL/1/call")

    page = agent.get("/console/counters/HYL/display")

    shown = page.content.decode()
    assert [one.label for one in page.context["called"]] == ["A001"]
    assert page.context["waiting"] == ["A002"]
    for secret in (world.town.customer.phone, PHONE_SEEN, world.town.customer.name, "残障"):
        assert secret not in shown


@pytest.mark.parametrize("screen", ["1", "kiosk", "display"])
def test_a_screen_of_the_hall_stays_within_its_budget(world, hall, screen):
    agent = world.as_("agent")
    for _ in range(3):
        take(agent, phone=world.town.customer.phone)
    post(agent, "counters/HYL/1/call")

    with CaptureQueriesContext(connection) as asked:
        page = agent.get(f"/console/counters/HYL/{screen}")

    assert page.status_code == 200
    name = "console/counter" if screen == "1" else f"console/hall/{screen}"
    assert len(asked) <= BUDGETS[name], [query["sql"][:140] for query in asked]
