"""What is kept about somebody is theirs: to read, to take away, to have put right or deleted."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from tests.factories.intake import PHONE, build_town
from tests.web.portal.test_portal import STRANGER, prove, submit, ticket_of

from changtong.intake.models import OneTimeCode
from changtong.journal import queries as journal
from changtong.tickets import queries
from changtong.tickets.operations import working


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


def taken(client):
    answer = submit(client, "/portal/mine/export")
    assert answer.url == "/portal/mine/data.zip"
    content = client.get(answer.url)
    return zipfile.ZipFile(io.BytesIO(content.content)), content


def test_the_file_holds_what_is_mine_and_nothing_that_staff_noted(client, town):
    from changtong.infra.clock import now

    ticket = ticket_of(town)
    for text, public in (("在路上", True), ("脾气不好", False)):
        working.log(
            number=ticket.number,
            type_="note",
            text=text,
            public=public,
            actor="staff:7",
            at=now(),
        )
    prove(client, PHONE)

    file, answer = taken(client)
    kept = json.loads(file.read("data.json"))

    assert answer.headers["Cache-Control"] == "no-store"
    assert [one["number"] for one in kept["tickets"]] == [ticket.number]
    assert kept["lines"][0]["number"] == "KD0001"
    both = file.read("data.json").decode() + file.read("data.html").decode()
    assert "在路上" in both
    assert "脾气不好" not in both
    assert journal.latest().filter(tag="customer.exported").count() == 1


def test_the_file_of_a_stranger_holds_nothing_of_others(client, town):
    ticket = ticket_of(town)
    prove(client, STRANGER)

    file, _ = taken(client)

    text = file.read("data.json").decode()
    assert ticket.number not in text
    assert "王芳" not in text


def test_the_address_of_the_file_alone_gives_nothing(client, town):
    prove(client, PHONE)
    taken(client)

    assert client.get("/portal/mine/data.zip").url == "/portal/mine"


def test_how_i_am_reached_is_put_right_at_once(client, town):
    prove(client, PHONE)

    answer = submit(client, "/portal/mine/contact", email="new@example.cn", language="en")

    town.customer.refresh_from_db()
    assert answer.status_code == 303
    assert (town.customer.email, town.customer.language) == ("new@example.cn", "en")
    entry = journal.latest().filter(tag="customer.corrected").get()
    assert "new@example.cn" not in json.dumps(entry.facts)


def test_a_wrong_address_changes_nothing(client, town):
    prove(client, PHONE)

    answer = submit(client, "/portal/mine/contact", email="nowhere", language="en")

    assert answer.status_code == 422
    assert not journal.latest().filter(tag="customer.corrected").exists()


@pytest.mark.parametrize("wish", ["correction", "erasure"])
def test_a_wish_that_somebody_must_look_at_becomes_a_case(client, town, wish):
    prove(client, PHONE)

    answer = submit(client, f"/portal/mine/{wish}", text="名字是王芳芳")

    number = answer.url.split("/")[-1].split("?")[0]
    ticket = queries.locked(number)
    assert (ticket.kind, ticket.contact_phone) == ("service_request", PHONE)
    assert "名字是王芳芳" in ticket.description
    if wish == "erasure":
        assert "23.4" in ticket.description
        assert "个月" in ticket.description


def test_large_type_follows_the_customer_to_another_device(client, town):
    prove(client, PHONE)
    assert 'data-type="' not in client.get("/portal/mine").content.decode()

    assert submit(client, "/portal/mine/type", type="large").status_code == 204

    assert 'data-type="large"' in client.get("/").content.decode()
    # A second code for the same number is sent after a minute only.
    OneTimeCode.objects.all().delete()
    elsewhere = type(client)()
    assert 'data-type="' not in elsewhere.get("/").content.decode()
    prove(elsewhere, PHONE)
    assert 'data-type="large"' in elsewhere.get("/").content.decode()

    submit(elsewhere, "/portal/logout")
    assert 'data-type="' not in elsewhere.get("/").content.decode()
