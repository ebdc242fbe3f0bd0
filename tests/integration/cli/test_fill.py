"""Load data: real places, constraints kept, the journal sound, the same for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count
from tests.factories.intake import AT, build_town

from changtong.cli.demo import fill
from changtong.cli.demo.filling import copying, country, course, limits, setting, stretch
from changtong.clocks import queries as clocks
from changtong.clocks.models import Clock
from changtong.journal import operations as journal
from changtong.journal import queries as entries
from changtong.journal.models import Entry
from changtong.parties.models import Line
from changtong.standard import queries as standard
from changtong.tickets.domain.lifecycle import FINAL
from changtong.tickets.models import Ticket


TICKETS = 400
UNTIL = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def filled(seed: int = 1, tickets: int = TICKETS) -> None:
    """Fill in the test's own transaction, as one chunk."""
    raw = connection.connection
    prepared = fill.prepared(raw, tickets=tickets, seed=seed, at=UNTIL)
    tables = setting.customer_tables()
    setting.write_customers(prepared, tables, 0, prepared.customers)
    copying.copied(tables, raw)
    shared = fill.Shared()
    shared.begin(raw, entries=tickets * stretch.ENTRIES)
    fill.copy_tickets(prepared, shared, raw, chunk=0, first=0, end=tickets)


@pytest.fixture
def town(db):
    made = build_town()
    journal.seal_pending(at=AT)
    return made


def test_places_are_real_and_located():
    found = {place.code: place for place in country.places()}

    assert found["410105"].full_name == "河南省郑州市金水区"
    assert found["410105"].path == "/41/4101/410105/"
    assert found["110105"].full_name == "北京市朝阳区"
    assert len([place for place in found.values() if len(place.code) == 2]) >= 31
    assert all(place.latitude for place in found.values() if place.is_district)


def test_filled_tickets_are_as_many_as_wanted_and_mostly_closed(town):
    filled()

    states = dict(Ticket.objects.values_list("state").annotate(Count("id")).order_by("state"))
    assert sum(states.values()) == TICKETS
    assert states["closed"] > 0.9 * TICKETS
    assert Ticket.objects.filter(channel__in=["web", "app", "sms", "api"]).count() > 0.6 * TICKETS


def test_every_clock_agrees_with_its_ticket(town):
    filled()

    finished = Ticket.objects.filter(state__in=[one.value for one in FINAL])
    numbers = list(finished.values_list("number", flat=True))
    still_open = Clock.objects.filter(subject__in=numbers, state__in=["running", "paused"])
    assert set(still_open.values_list("metric", flat=True)) <= {"callback"}
    for ticket in Ticket.objects.exclude(state__in=[one.value for one in FINAL]):
        running = Clock.objects.filter(subject=ticket.number, state="running")
        earliest = running.order_by("due_at").values_list("due_at", flat=True).first()
        assert ticket.due_at == earliest


def test_every_clock_is_due_and_warns_when_its_limit_and_pauses_say(town, monkeypatch):
    monkeypatch.setattr(course, "LEFT_WAITING", 1.0)
    filled()

    found = list(Clock.objects.all())
    kept = clocks.limits_of(found)
    for clock in found:
        plan = kept[clock.pk].plan(warned=clock.warned)
        assert clock.due_at == plan.due_at.replace(microsecond=0)
        if clock.warn_at is not None and plan.warn_at is not None:
            assert clock.warn_at == plan.warn_at.replace(microsecond=0)
    assert any(clock.state == "paused" for clock in found)


def test_a_limit_in_working_days_leaves_out_what_it_was_on_hold_not_the_hours_of_the_hold(town):
    edition = standard.edition_in_force(at=UNTIL)
    found = standard.read(edition.pk).targets(
        kind="service_request",
        priority="P3",
        region="/50/",
        region_type="urban",
        family="broadband",
        tier="standard",
        category="request.install.broadband",
    )
    (target,) = (one for one in found if one.metric == "resolution" and one.basis == "promise")
    since = int(datetime(2026, 11, 12, 2, tzinfo=UTC).timestamp())
    weekend = int(datetime(2026, 11, 13, 16, tzinfo=UTC).timestamp())
    held = weekend, weekend + 48 * 3600

    due, _, _ = limits.planned(target, edition.pk, since)
    paused, _, _ = limits.planned(target, edition.pk, since, held)

    # Friday, Monday, Tuesday; a Saturday and Sunday on hold take no working day away.
    assert str(target.within) == "3wd"
    assert datetime.fromtimestamp(due, UTC) == datetime(2026, 11, 17, 16, tzinfo=UTC)
    assert paused == due


def test_the_journal_of_filled_tickets_is_sealed_and_sound(town, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SEALS_FILE", tmp_path / "seals.log")
    filled()
    journal.publish_seals()

    assert not Entry.objects.filter(seal=None).exists()
    assert entries.verification().sound


def test_the_same_seed_gives_the_same_tickets(town):
    made = []
    for _ in range(2):
        population = country.Population(seed=7, first_serial=1)
        made.append([population.person(index) for index in range(50)])

    assert made[0] == made[1]
    assert made[0] != [
        country.Population(seed=8, first_serial=1).person(index) for index in range(50)
    ]


def test_a_second_filling_adds_to_the_first(town):
    filled(seed=1, tickets=100)
    filled(seed=1, tickets=100)

    assert Ticket.objects.count() == 200
    assert Line.objects.values("number").distinct().count() == Line.objects.count()
