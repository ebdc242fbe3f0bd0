"""What somebody agreed to is theirs to take back, and nobody else's."""

from __future__ import annotations

import pytest
from tests.factories.intake import PHONE, build_town, report
from tests.web.portal.test_portal import prove, submit

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake.operations.assuring import Assured
from changtong.journal import queries as journal


pytestmark = pytest.mark.django_db
PATH = "/portal/mine/consents/withdrawal"
OTHER = "13900005555"


def agreed(town, phone):
    return intake.receive(
        report=report(contact_phone=phone),
        line_number=town.line.number,
        actor="staff:1",
        at=now(),
        anyway=True,
        assured=Assured("", ["callback"]),
    ).ticket


def test_whoever_applied_takes_a_consent_back(client):
    ticket = agreed(build_town(), PHONE)
    prove(client, PHONE)

    assert "同意就办理结果电话回访" in client.get("/portal/mine").content.decode()
    for _twice in range(2):
        answer = submit(client, PATH, ticket=ticket.number, consent="callback")
        assert answer.url == "/portal/mine"

    (entry,) = journal.timeline(ticket.number).filter(tag="consent.withdrawn")
    assert (entry.actor, entry.facts["channel"]) == (f"phone:{PHONE}", "web")
    assert "已撤回" in client.get("/portal/mine").content.decode()


def test_another_s_consent_is_neither_shown_nor_taken_back(client):
    # Somebody else applied, for this customer's line.
    ticket = agreed(build_town(), OTHER)
    prove(client, PHONE)

    page = client.get("/portal/mine").content.decode()
    answer = submit(client, PATH, ticket=ticket.number, consent="callback")

    assert "同意就办理结果电话回访" not in page
    assert answer.status_code == 404
    assert not journal.timeline(ticket.number).filter(tag="consent.withdrawn").exists()
