"""Self-checks: one question after the other, and nobody asks for the answers again."""

from __future__ import annotations

import pytest
from tests.factories.intake import PHONE, build_town
from tests.web.portal.test_portal import prove, submit

from changtong.journal import queries as journal
from changtong.tickets import queries


pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(client):
    build_town()
    prove(client, PHONE)
    return client


def test_a_question_leads_to_the_next(customer):
    first = customer.get("/portal/check/broadband")
    second = customer.get("/portal/check/broadband?path=0")

    assert first.context["walk"].step.code == "light"
    assert second.context["walk"].step.code == "fiber"


def test_what_is_solved_is_counted_without_a_case(customer):
    assert "已经恢复" in customer.get("/portal/check/broadband?path=0.0").content.decode()

    submit(customer, "/portal/check/broadband/solution", path="0.0")

    entry = journal.latest().filter(tag="self_check.solved").get()
    assert entry.facts["answers"] == ["light", "fiber"]
    assert entry.facts["clause"] == "3.14"
    assert not journal.latest().filter(tag="ticket.opened").exists()


def test_what_is_not_solved_is_not_counted(customer):
    answer = submit(customer, "/portal/check/broadband/solution", path="0.1")

    assert answer.status_code == 409
    assert not journal.latest().filter(tag="self_check.solved").exists()


def test_the_answers_go_with_the_report_as_facts(customer):
    led = customer.get("/portal/check/broadband?path=0.1&line=KD0001")
    page = customer.get(led.url)
    assert page.context["chosen"] == "fault.broadband.drop_cable"

    answer = submit(
        customer,
        "/portal/report/fault",
        line="KD0001",
        category="fault.broadband.drop_cable",
        check="broadband",
        path="0.1",
        contact_name="王芳",
    )

    ticket = queries.locked(answer.url.split("/")[-1].split("?")[0])
    (said,) = ticket.log.all()
    assert ticket.category == "fault.broadband.drop_cable"
    assert said.details["self_check"] == "broadband"
    assert [one["step"] for one in said.details["answers"]] == ["light", "fiber"]


@pytest.mark.parametrize("path", ["9", "x", "0.0.0", "-1"])
def test_a_path_that_there_is_not_is_refused(customer, path):
    assert customer.get(f"/portal/check/broadband?path={path}").status_code == 409


def test_a_check_that_there_is_not_is_missing(customer):
    assert customer.get("/portal/check/fax").status_code == 404


def test_nobody_proves_a_number_to_look_and_the_answers_survive_the_log_in(client):
    build_town()
    assert "第 1 步" in client.get("/portal/check/broadband").content.decode()
    assert "已经恢复" in client.get("/portal/check/broadband?path=0.0").content.decode()

    led = client.get("/portal/check/broadband?path=0.1").url

    assert client.get(led).url.startswith("/portal/login?next=/portal/report/fault%3Fcheck%3D")
