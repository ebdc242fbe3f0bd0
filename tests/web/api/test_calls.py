"""Calls as the telephone system tells them, and who sees them."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.factories import people
from tests.factories.intake import PHONE, build_town
from tests.web.api.test_tickets import post, token_for

from changtong.infra.clock import now
from changtong.intake import queries
from changtong.intake.models import Call
from changtong.intake.operations import calling
from changtong.journal.models import Entry
from changtong.parties import operations as parties


pytestmark = pytest.mark.django_db
CALL = {"call_id": "c-1", "event": "ringing", "caller_number": PHONE, "called_number": "10010"}


class Desk:
    """The telephone system's token, and two agents."""

    def __init__(self) -> None:
        build_town()
        self.secret = token_for(people.staff("pbx", "administrator", region="410105"))
        self.one = people.staff("one", "agent", region="410105")
        self.two = people.staff("two", "agent", region="410105")
        self.keys = 0

    def tell(self, client, who, **changes):
        self.keys += 1
        body = {**CALL, "staff_number": who.number, **changes}
        return post(client, "/calls", body, self.secret, key=f"k{self.keys}")


@pytest.fixture
def desk(db):
    return Desk()


def seen_by(person):
    client = Client()
    client.force_login(person)
    return client.get("/console/calls/mine")


def test_only_whoever_is_called_sees_who_calls(client, desk):
    answer = desk.tell(client, desk.one)

    assert (answer.status_code, answer.json()) == (200, {"call_id": "c-1", "state": "ringing"})
    assert seen_by(desk.one).context["names"] == ["王芳"]
    assert seen_by(desk.two).context["call"] is None


def test_the_desk_opens_with_the_callers_line_and_not_with_a_colleagues(client, desk):
    desk.tell(client, desk.one)
    path = f"/console/tickets/new?call={Call.objects.get().pk}"
    for person, line in ((desk.one, "KD0001"), (desk.two, None)):
        browser = Client()
        browser.force_login(person)
        shown = browser.get(path).context["line"]
        assert (shown.number if shown else None) == line


def test_a_call_from_the_number_on_file_says_so_and_only_for_its_own_customer(client, desk):
    by = {"region_code": "410105", "actor": "system:test", "at": now()}
    stranger = parties.register_customer(number="C2", name="李四", phone="13700009999", **by)
    parties.connect_line(
        number="KD0002", customer=stranger, service_code="bb500", address="经三路 1 号", **by
    )
    desk.tell(client, desk.one)
    browser = Client()
    browser.force_login(desk.one)
    call = str(Call.objects.get().pk)
    for line, way in (("KD0001", "calling_number"), ("KD0002", "")):
        asked = {"line": line, "call": call}
        page = browser.get("/console/tickets/new/caller", asked, headers={"HX-Request": "true"})
        assert page.context["form"]["identity"].value() == way
        assert 'id="identity-way" hx-swap-oob' in page.content.decode()


def test_events_are_told_twice_and_overtake_each_other_without_effect(client, desk):
    desk.tell(client, desk.one, event="answered")
    desk.tell(client, desk.one, event="ringing")
    desk.tell(client, desk.one, event="answered")

    assert Call.objects.get().state == "answered"
    assert Entry.objects.filter(tag="call.announced").count() == 1
    assert PHONE not in str(Entry.objects.get(tag="call.announced").facts)

    desk.tell(client, desk.one, event="ended")
    assert queries.current_call(desk.one.pk, at=now()) is None


def test_when_one_of_a_group_answers_it_rings_no_longer_at_the_others(client, desk):
    desk.tell(client, desk.one)
    desk.tell(client, desk.two)
    desk.tell(client, desk.two, event="answered")

    assert queries.current_call(desk.one.pk, at=now()) is None
    assert queries.current_call(desk.two.pk, at=now()).state == "answered"
    entry = Entry.objects.filter(tag="call.announced").latest("id")
    assert queries.called([entry.subject]) == {desk.one.pk, desk.two.pk}


def test_neither_strangers_nor_agents_announce_calls(client, desk):
    secret = token_for(desk.one)
    body = {**CALL, "staff_number": desk.one.number}

    assert post(client, "/calls", body, secret, key="x").status_code == 403
    assert desk.tell(client, desk.one, staff_number="NOBODY").status_code == 404
    assert Call.objects.count() == 0


def test_calls_are_forgotten_after_a_day(client, desk):
    desk.tell(client, desk.one)
    told_at = Call.objects.get().told_at

    assert calling.forget(at=told_at + calling.KEPT_FOR) == 0
    assert calling.forget(at=told_at + calling.KEPT_FOR * 2) == 1
