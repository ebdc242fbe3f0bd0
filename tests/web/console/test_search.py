"""The search page: grouped, narrowed, marked, and only what somebody may see."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.console.conftest import BUDGETS

from changtong.search import operations
from changtong.search.queries import sources


pytestmark = pytest.mark.django_db


def indexed():
    for kind in sources.LEADING:
        operations.index(kind=kind, keys=sources.of_kind(kind).keys(after=0, at_most=500))


def section(page, kind):
    return next((one for one in page.context["sections"] if one.kind == kind), None)


def numbers(page, kind="ticket"):
    found = section(page, kind)
    return [hit.number for hit in found.hits] if found else []


def test_a_number_leads_straight_to_the_case(world):
    ticket = world.ticket()

    answer = world.as_("agent").get("/console/search", {"q": ticket.number.lower()})

    assert answer.url == f"/console/tickets/{ticket.number}"


@pytest.mark.parametrize("text", ["13800001111", "王芳", "wf", "花园路", "KD0001", "1111"])
def test_phone_name_address_and_account_find_the_customer_and_the_tickets(world, text):
    ticket = world.ticket()
    indexed()

    page = world.as_("agent").get("/console/search", {"q": text})

    assert numbers(page) == [ticket.number]
    assert numbers(page, "line") == ["KD0001"] or numbers(page, "customer") == ["C0001"]


def test_a_foreign_ticket_is_neither_found_nor_counted(world):
    ticket = world.ticket()
    indexed()

    page = world.as_("technician").get("/console/search", {"q": "宽带断网"})
    by_number = world.as_("technician").get("/console/search", {"q": ticket.number})

    for one in (page, by_number):
        assert one.status_code == 200
        assert one.context["sections"] == []
        assert one.context["found"].nothing
    assert "没有找到" in page.content.decode()


def test_what_was_found_is_marked_and_what_people_wrote_is_escaped(world):
    world.ticket(title="<b>宽带</b>断网", description="<script>alert(1)</script>宽带光猫红灯")
    indexed()

    text = world.as_("agent").get("/console/search", {"q": "宽带 光貓"}).content.decode()

    assert ">宽带</mark>" in text
    assert "光猫</mark>" in text
    assert "<script>alert" not in text
    assert "&lt;b&gt;" in text


def test_a_search_is_narrowed_and_says_so(world):
    ticket = world.ticket()
    indexed()
    client = world.as_("agent")

    every = client.get(
        "/console/search", {"q": "断网", "kind": "fault", "days": "7", "region": "410105"}
    )
    none = client.get("/console/search", {"q": "断网", "kind": "complaint"})
    unknown = client.get(
        "/console/search", {"q": "断网", "kind": "x", "state": "'", "days": "a", "tab": "y"}
    )

    assert numbers(every) == [ticket.number]
    assert numbers(none) == []
    assert "去掉筛选条件" in none.content.decode()
    assert numbers(unknown) == [ticket.number]


def test_a_kind_by_itself_is_paged(world):
    made = {world.ticket().number for _ in range(23)}
    indexed()
    client = world.as_("agent")

    first = client.get("/console/search", {"q": "断网", "tab": "ticket"})
    second = client.get("/console/search" + section(first, "ticket").next)

    assert len(numbers(first)) == 20
    assert set(numbers(first)) | set(numbers(second)) == made
    assert section(second, "ticket").next == ""


def test_a_page_that_nobody_gave_out_is_refused(world):
    world.ticket()
    indexed()

    answer = world.as_("agent").get(
        "/console/search", {"q": "断网", "tab": "ticket", "after": "x"}
    )

    assert answer.status_code in {400, 409, 422}


def test_without_words_the_page_says_what_can_be_found(world):
    page = world.as_("agent").get("/console/search")

    assert "可以这样找" in page.content.decode()


def test_whoever_may_see_no_tickets_may_not_search(world):
    assert world.as_("administrator").get("/console/search", {"q": "断网"}).status_code == 403


@pytest.mark.parametrize("text", ["断网", "光猫红灯花屏", "13800001111"])
def test_the_page_asks_few_questions(world, text):
    for _ in range(3):
        world.ticket()
    indexed()
    client = world.as_("agent")
    client.get("/console/search", {"q": text})

    with CaptureQueriesContext(connection) as asked:
        client.get("/console/search", {"q": text})

    assert len(asked) <= BUDGETS["console/search"], [query["sql"][:100] for query in asked]


@pytest.mark.parametrize("text", ["wf", "王芳", "光貓紅燈", "1111"])
def test_the_palette_suggests_what_search_finds(world, text):
    ticket = world.ticket()
    indexed()

    mine = world.as_("agent").get("/console/search/suggestions", {"q": text}).content.decode()
    others = world.as_("technician").get("/console/search/suggestions", {"q": text})

    assert ticket.number in mine
    assert ticket.number not in others.content.decode()
