"""Search through the API: within the token's reach, in pieces, page by page."""

from __future__ import annotations

import pytest
from tests.factories import people
from tests.factories.intake import build_town, report
from tests.web.api.test_tickets import token_for

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.search import operations
from changtong.search.queries import sources


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


@pytest.fixture
def made(town):
    numbers = [
        intake.receive(
            report=report(), line_number="KD0001", actor="system:test", at=now(), anyway=True
        ).ticket.number
        for _ in range(3)
    ]
    for kind in sources.LEADING:
        operations.index(kind=kind, keys=sources.of_kind(kind).keys(after=0, at_most=500))
    return numbers


def ask(client, person, *scopes, **query):
    headers = {"Authorization": f"Bearer {token_for(person, *scopes)}"}
    return client.get("/api/v1/search", query, headers=headers)


def groups(answer):
    return {one["kind"]: one for one in answer.json()["groups"]}


def test_words_find_tickets_with_marked_pieces(client, town, made):
    answer = ask(client, people.staff("agent", "agent", region="410105"), query="ONU 紅燈")

    found = groups(answer)["ticket"]
    assert answer.status_code == 200
    assert {one["number"] for one in found["items"]} == set(made)
    assert found["count"] == 3
    assert {"text": "光猫红灯", "marked": True} in found["items"][0]["excerpt"]


def test_a_program_pages_through_one_kind(client, town, made):
    agent = people.staff("agent", "agent", region="410105")
    first = groups(ask(client, agent, query="断网", only="ticket", limit=2))["ticket"]
    second = ask(client, agent, query="断网", only="ticket", limit=2, cursor=first["next"])

    rest = groups(second)["ticket"]
    assert {one["number"] for one in first["items"] + rest["items"]} == set(made)
    assert rest["next"] is None


def test_a_token_finds_no_more_than_its_person_may_see(client, town, made):
    technician = people.staff("tech", "technician", region="410105")
    archivist = people.staff("keeper", "archivist", region="410105")

    assert groups(ask(client, technician, query="断网"))["ticket"]["count"] == 0
    seen = groups(ask(client, archivist, query="王芳"))
    assert seen["customer"]["count"] == 0
    assert groups(ask(client, archivist, query="13800001111"))["ticket"]["count"] == 0


def test_without_the_scope_nothing_is_answered(client, town, made):
    agent = people.staff("agent", "agent", region="410105")

    assert ask(client, agent, "customers.view", query="断网").status_code == 403


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA"])
def test_a_forged_cursor_is_refused(client, town, made, cursor):
    agent = people.staff("agent", "agent", region="410105")

    answer = ask(client, agent, query="断网", only="ticket", cursor=cursor)

    assert answer.json()["code"] == "cursor.invalid"
