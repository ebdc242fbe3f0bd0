"""A manager sees what moving open cases to another edition changes, and confirms it."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from tests.factories.drafts import HANDLING, STRICTER
from tests.web.console.conftest import BUDGETS, posted

from changtong.analytics.models import Conversion
from changtong.analytics.operations import converting
from changtong.infra.clock import now
from changtong.standard import queries
from changtong.standard.operations import publishing
from changtong.tickets.models import Ticket


@pytest.fixture
def newer(world):
    world.ticket()
    body = deepcopy(queries.body(world.town.edition.pk))
    body["edition.toml"] |= {"version": "1.1.0", "effective_from": localdate(now()).isoformat()}
    body[HANDLING]["limit"][0]["row"].append(STRICTER)
    return publishing.publish(body=body, actor="staff:1", at=now())


def asked_of(client, row):
    """Ask for everything that the person may see."""
    choices = client.get(address(row)).context["form"].fields["region"].choices
    return posted(client, address(row), region=choices[0][0])


def address(row, rest=""):
    return f"/console/standard/editions/{row.pk}/conversions{rest}"


def test_a_manager_measures_confirms_and_reads_what_was_done(world, newer):
    manager = world.as_("manager")
    assert "有 1 件还按其他版次" in manager.get(address(newer)).content.decode()

    answer = asked_of(manager, newer)

    found = Conversion.objects.get()
    assert answer["Location"] == address(newer, f"/{found.pk}")
    assert "测算中" in manager.get(address(newer, f"/{found.pk}")).content.decode()
    converting.measure(conversion_id=found.pk, now=now)
    assert "确认转换" in manager.get(address(newer, f"/{found.pk}")).content.decode()
    confirming = address(newer, f"/{found.pk}/confirmation")
    assert posted(manager, confirming, because="").status_code == 422
    assert posted(manager, confirming, because="新旧标准并行不便").status_code == 303
    converting.move(conversion_id=found.pk, now=now)
    page = manager.get(address(newer, f"/{found.pk}")).content.decode()
    assert "新旧标准并行不便" in page
    assert "已转换" in page
    assert Ticket.objects.get().edition_id == newer.pk
    assert posted(manager, confirming, because="再来").status_code == 409


def test_who_may_not_approve_sees_the_effect_and_confirms_nothing(world, newer):
    assert world.as_("agent").get(address(newer)).status_code == 403
    asked_of(world.as_("manager"), newer)
    found = Conversion.objects.get()
    converting.measure(conversion_id=found.pk, now=now)
    confirming = address(newer, f"/{found.pk}/confirmation")
    assert posted(world.as_("supervisor"), confirming, because="急").status_code == 403
    found.refresh_from_db()
    assert found.state == "measured"


def test_the_screens_ask_a_bounded_number_of_questions(world, newer):
    manager = world.as_("manager")
    asked_of(manager, newer)
    found = Conversion.objects.get()
    converting.measure(conversion_id=found.pk, now=now)

    for screen, rest in {
        "console/standard/conversions": "",
        "console/standard/conversion": f"/{found.pk}",
    }.items():
        manager.get(address(newer, rest))
        with CaptureQueriesContext(connection) as asked:
            manager.get(address(newer, rest))
        assert len(asked) <= BUDGETS[screen], [query["sql"][:140] for query in asked]
