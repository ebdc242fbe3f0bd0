"""Tickets through the API: tokens, keys, problems, pages."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.factories import people
from tests.factories.intake import PHONE, build_town

from changtong.infra.clock import now
from changtong.journal import queries as journal
from changtong.parties import operations as parties
from changtong.parties import queries
from changtong.parties.domain.roles import PERMISSIONS, Role


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


def token_for(person, *scopes: str) -> str:
    _, secret = parties.issue_token(
        staff=person,
        name="test",
        scopes=scopes or sorted(PERMISSIONS[Role(person.role)]),
        valid_for=timedelta(days=1),
        actor="system:test",
        at=now(),
    )
    return secret


@pytest.fixture
def agent(town):
    return people.staff("agent", "agent", region="410105")


FAULT = {
    "kind": "fault",
    "title": "宽带断网",
    "description": "光猫红灯亮",
    "contact_phone": PHONE,
    "line_number": "KD0001",
}


def post(client, path, body, secret, key="k-1"):
    return client.post(
        f"/api/v1{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}", "idempotency-key": key},
    )


def get(client, path, secret):
    return client.get(f"/api/v1{path}", headers={"authorization": f"Bearer {secret}"})


def test_a_ticket_is_opened_once_however_often_the_request_is_repeated(client, agent):
    secret = token_for(agent)

    first = post(client, "/tickets", FAULT, secret)
    again = post(client, "/tickets", FAULT, secret)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert journal.latest().filter(tag="ticket.opened").count() == 1


def test_the_same_key_for_another_request_is_refused(client, agent):
    secret = token_for(agent)
    post(client, "/tickets", FAULT, secret)

    other = post(client, "/tickets", FAULT | {"title": "又断网"}, secret)

    assert (other.status_code, other.json()["code"]) == (409, "key.reused")
    assert journal.latest().filter(tag="ticket.opened").count() == 1


def test_a_mutation_without_a_key_is_refused_and_changes_nothing(client, agent):
    answer = client.post(
        "/api/v1/tickets",
        json.dumps(FAULT),
        content_type="application/json",
        headers={"authorization": f"Bearer {token_for(agent)}"},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "key.invalid")
    assert not journal.latest().filter(tag="ticket.opened").exists()


def test_a_refused_request_may_be_tried_again_under_its_key(client, agent):
    secret = token_for(agent)
    post(client, "/tickets", FAULT, secret, key="k-1")

    same = post(client, "/tickets", FAULT, secret, key="k-2")
    number = same.json()["facts"]["numbers"][0]
    joined = post(client, "/tickets", FAULT | {"same_as": number}, secret, key="k-3")

    assert (same.status_code, same.json()["code"]) == (409, "intake.same_matter")
    assert same.json()["clause"]
    assert (joined.status_code, joined.json()["number"], joined.json()["joined"]) == (
        201,
        number,
        True,
    )


def test_a_stranger_is_told_nothing(client, town):
    answer = client.get("/api/v1/tickets", headers={"authorization": "Bearer ct_wrong"})

    assert (answer.status_code, answer.json()["code"]) == (401, "token.invalid")


def test_a_token_without_the_scope_is_refused_though_the_role_may(client, agent):
    answer = post(client, "/tickets", FAULT, token_for(agent, "tickets.view"))

    assert (answer.status_code, answer.json()["code"]) == (403, "permission.missing")


def test_a_revoked_token_and_a_dismissed_person_are_refused_at_once(client, agent):
    secret = token_for(agent)
    assert get(client, "/tickets", secret).status_code == 200

    parties.dismiss(staff_id=agent.pk, actor="system:test", at=now())

    assert get(client, "/tickets", secret).status_code == 401
    assert queries.viewer_of_staff(agent.pk) is None


def test_foreign_and_missing_tickets_look_the_same(client, agent):
    number = post(client, "/tickets", FAULT, token_for(agent)).json()["number"]
    people.district("410311", "洛龙区")
    stranger = people.staff("stranger", "agent", region="410311")
    secret = token_for(stranger)

    foreign = get(client, f"/tickets/{number}", secret)
    missing = get(client, "/tickets/GD20200101-000001", secret)

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json()["code"] == missing.json()["code"] == "ticket.unknown"
    assert get(client, "/tickets", secret).json()["items"] == []


def test_unknown_fields_are_refused_not_ignored(client, agent):
    answer = post(client, "/tickets", FAULT | {"priority": "P1"}, token_for(agent))

    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


def test_pages_follow_each_other_without_gap_or_repetition(client, agent):
    secret = token_for(agent)
    numbers = []
    for serial in range(5):
        body = FAULT | {"title": f"宽带断网 {serial}", "anyway": True}
        numbers.append(post(client, "/tickets", body, secret, key=f"p-{serial}").json()["number"])

    seen, path = [], "/tickets?order=newest&limit=2"
    while path:
        page = get(client, path, secret).json()
        seen += [item["number"] for item in page["items"]]
        path = page["next"] and f"/tickets?order=newest&limit=2&cursor={page['next']}"

    assert seen == numbers[::-1]


def test_a_damaged_cursor_is_a_problem_not_a_crash(client, agent):
    answer = get(client, "/tickets?cursor=rubbish", token_for(agent))

    assert (answer.status_code, answer.json()["code"]) == (409, "cursor.invalid")


def test_the_description_of_the_api_is_public_and_complete(client, db):
    description = client.get("/api/v1/openapi.json").json()

    assert "/api/v1/tickets" in description["paths"]
    codes = description["paths"]["/api/v1/tickets"]["post"]["responses"]
    assert {"201", "401", "403", "404", "409", "422"} <= set(codes)
    changes = [
        operation
        for path in description["paths"].values()
        for method, operation in path.items()
        if method in {"post", "put", "patch", "delete"}
    ]
    assert all(
        "Idempotency-Key" in {parameter["name"] for parameter in change["parameters"]}
        for change in changes
    )


def test_a_complaint_names_whom_it_is_about_and_nothing_else_does(client, agent):
    secret = token_for(agent)
    named = FAULT | {"complained_of": agent.number}

    fault = post(client, "/tickets", named, secret, key="k-1")
    complaint = post(client, "/tickets", named | {"kind": "complaint"}, secret, key="k-2")
    nobody = post(
        client, "/tickets", FAULT | {"kind": "complaint", "complained_of": "X"}, secret, key="k-3"
    )

    assert (fault.status_code, fault.json()["code"]) == (409, "report.complained_of_no_complaint")
    assert complaint.status_code == 201
    assert get(client, f"/tickets/{complaint.json()['number']}", secret).status_code == 404
    assert (nobody.status_code, nobody.json()["code"]) == (404, "staff.unknown")


def test_answers_go_in_by_field_and_come_out_in_words(client, agent):
    secret = token_for(agent)
    wrong = post(client, "/tickets", {**FAULT, "answers": {"lights": "purple"}}, secret, key="a-1")
    made = post(client, "/tickets", {**FAULT, "answers": {"lights": "red"}}, secret, key="a-2")

    assert (wrong.status_code, wrong.json()["clause"]) == (409, "3.3")
    told = get(client, f"/tickets/{made.json()['number']}", secret).json()
    assert [(one["field"], one["says"]) for one in told["answers"]] == [
        ("lights", "光信号灯红或闪红")
    ]
