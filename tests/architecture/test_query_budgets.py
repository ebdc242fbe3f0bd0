"""Every page asks the database a bounded number of questions; the API's are checked here."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import people
from tests.factories.intake import PHONE, build_town

from changtong.infra.clock import now
from changtong.parties import operations as parties
from changtong.parties.domain.roles import PERMISSIONS, Role


# One file for all faces; the console's screens are checked in tests/web/console.
BUDGETS = json.loads((Path(__file__).parent / "query_budgets.json").read_text("utf-8"))
MOST = 12
# Choosing somebody weighs everybody; it is a page for one dispatcher at a time. A reviewer sees
# the whole of a draft, and what a rehearsal found, by clause, month, place and team. What is hardly
# found is searched for again with less and less of its words, each time by the index alone. A
# leader's board sets who waits in the service halls beside who has what, by one question more.
EXCEPTIONS = frozenset(
    {
        "console/assignment",
        "console/board",
        "console/search",
        "console/standard/rehearsal",
        "console/standard/review",
        "api/tickets/opening",
    }
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client):
    """Return what asks the API as an agent of the town."""
    build_town()
    person = people.staff("agent", "agent", region="410105")
    _, secret = parties.issue_token(
        staff=person,
        name="test",
        scopes=sorted(PERMISSIONS[Role.AGENT]),
        valid_for=timedelta(days=1),
        actor="system:test",
        at=now(),
    )
    keys = iter(range(1_000_000))

    def ask(method, path, body=None):
        headers = {"authorization": f"Bearer {secret}", "idempotency-key": f"k-{next(keys)}"}
        return client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body else b"",
            content_type="application/json",
            headers=headers,
        )

    return ask


def opened(api, title="宽带断网"):
    return api(
        "POST",
        "/tickets",
        {
            "kind": "fault",
            "title": title,
            "description": "光猫红灯亮，宽带断网，上不了网",
            "contact_phone": PHONE,
            "line_number": "KD0001",
            "anyway": True,
        },
    )


def asked_by(call):
    with CaptureQueriesContext(connection) as asked:
        answer = call()
    assert answer.status_code < 300, answer.content
    return [query["sql"] for query in asked]


def test_opening_a_ticket(api):
    opened(api)

    asked = asked_by(lambda: opened(api, "又断网"))

    # The test's own transaction makes savepoints of what would be BEGIN and COMMIT.
    assert len(asked) <= BUDGETS["api/tickets/opening"], asked


@pytest.mark.parametrize(
    ("page", "path"), [("api/tickets", "/tickets?limit=50"), ("api/ticket", "/tickets/{number}")]
)
def test_reading_tickets(api, page, path):
    for serial in range(5):
        number = opened(api, f"断网 {serial}").json()["number"]

    asked = asked_by(lambda: api("GET", path.format(number=number)))

    assert len(asked) <= BUDGETS[page], asked


def test_no_budget_is_above_twelve_without_a_reason():
    assert {page for page, most in BUDGETS.items() if most > MOST} <= EXCEPTIONS
