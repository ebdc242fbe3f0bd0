"""What stands between tickets through the API."""

from __future__ import annotations

import json

import pytest
from tests.factories import people
from tests.factories.intake import build_town
from tests.web.api.test_tickets import FAULT, post, token_for


pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(db):
    build_town()
    return token_for(people.staff("leader", "leader", region="410105"))


def opened(client, secret, key):
    body = {**FAULT, "category": "fault.broadband.no_link", "anyway": True}
    return post(client, "/tickets", body, secret, key=key).json()["number"]


def delete(client, path, body, secret, key):
    return client.delete(
        f"/api/v1{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}", "idempotency-key": key},
    )


def relations(client, number, secret):
    path = f"/api/v1/tickets/{number}/relations"
    return client.get(path, headers={"authorization": f"Bearer {secret}"}).json()


def test_a_ticket_is_merged_and_parted_again(client, secret):
    one, two = opened(client, secret, "a"), opened(client, secret, "b")
    assert [found["ticket"]["number"] for found in relations(client, two, secret)["suggestions"]]

    made = post(client, f"/tickets/{two}/merger", {"into": one, "reason": "重复"}, secret, key="c")
    assert (made.status_code, made.json()["into"], made.json()["clause"]) == (201, one, "3.10")
    assert [found["number"] for found in relations(client, one, secret)["mergers"]] == [two]

    parted = delete(client, f"/tickets/{two}/merger", {"reason": "不是一事"}, secret, "d")
    assert (parted.status_code, parted.json()["state"]) == (200, "accepted")
    assert relations(client, one, secret)["mergers"] == []


def test_what_is_merged_cannot_take_another_in(client, secret):
    one, two = opened(client, secret, "a"), opened(client, secret, "b")
    post(client, f"/tickets/{two}/merger", {"into": one, "reason": "重复"}, secret, key="c")

    refused = post(
        client, f"/tickets/{one}/merger", {"into": two, "reason": "重复"}, secret, key="d"
    )

    assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (
        409,
        "merger.survivor_ended",
        "3.10",
    )


def test_a_ticket_that_is_not_there_is_not_linked(client, secret):
    one = opened(client, secret, "a")

    missing = post(client, f"/tickets/{one}/links", {"other": "GD0"}, secret, key="b")

    assert (missing.status_code, missing.json()["code"]) == (404, "ticket.unknown")


def test_links_split_and_parent(client, secret):
    one, two = opened(client, secret, "a"), opened(client, secret, "b")

    link = post(client, f"/tickets/{one}/links", {"other": two}, secret, key="c").json()
    post(client, f"/tickets/{one}/parent", {"parent": two}, secret, key="d")
    line = {"type": "call", "text": "电视也看不了"}
    entry = post(client, f"/tickets/{one}/log", line, secret, key="e").json()
    split = post(
        client,
        f"/tickets/{one}/split",
        {"entry": entry["id"], "title": "电视", "category": "fault.broadband.no_link"},
        secret,
        key="f",
    ).json()

    found = relations(client, one, secret)
    assert found["parent"]["number"] == two
    assert sorted((one["kind"], one["ticket"]["number"]) for one in found["links"]) == [
        ("child_of", two),
        ("related", two),
        ("split_from", split["number"]),
    ]
    assert [one["number"] for one in relations(client, two, secret)["children"]] == [one]
    ended = delete(client, f"/tickets/{one}/links/{link['id']}", {}, secret, "g")
    assert ended.status_code == 200
    assert delete(client, f"/tickets/{one}/parent", {}, secret, "h").status_code == 200
    assert relations(client, two, secret)["children"] == []
