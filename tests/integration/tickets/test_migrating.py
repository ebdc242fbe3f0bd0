"""Unfinished tickets come under another edition on purpose, with their pauses and old starts."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest
from tests.factories.drafts import HANDLING, STRICTER
from tests.factories.intake import AT, build_town, report

from changtong.clocks import queries as clocks
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.standard.domain import reading
from changtong.standard.operations import publishing
from changtong.tickets.operations import migrating, opening, pausing


pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BY = {"reason": "缩短修复时限", "actor": "staff:13"}


@pytest.fixture
def town():
    return build_town()


@pytest.fixture
def stricter(town):
    """Publish an edition in which a promise of restoration is twelve hours here."""
    body = deepcopy(standard.body(town.edition.pk))
    body["edition.toml"] |= {
        "version": "1.1.0",
        "replaces": town.edition.version,
        "effective_from": date(2026, 12, 1).isoformat(),
    }
    body[HANDLING]["limit"][0]["row"].append(STRICTER)
    assert reading.edition(body)
    return publishing.publish(body=body, actor="staff:13", at=AT)


@pytest.fixture
def ticket(town):
    return opening.open_ticket(
        report=report(category="fault.broadband.no_link"),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="staff:7",
        at=AT,
        by_agent=True,
    )


def restoration(ticket):
    running = clocks.of(ticket.number).filter(metric="restoration", basis="promise")
    return running.exclude(state="void").get()


def test_the_effect_is_shown_before_and_is_what_happens(ticket, stricter):
    seen = migrating.effect(ticket, edition_id=stricter.pk, at=AT + HOUR)
    assert ticket.edition_id != stricter.pk
    before = restoration(ticket).due_at
    moved = next(one for one in seen if (one.metric, one.basis) == ("restoration", "promise"))
    assert (moved.before, moved.after, moved.is_broken) == (before, AT + 12 * HOUR, False)

    done = migrating.migrate(number=ticket.number, edition_id=stricter.pk, at=AT + HOUR, **BY)

    assert (done.edition_id, restoration(ticket).due_at) == (stricter.pk, moved.after)
    assert restoration(ticket).started_at == AT
    assert done.due_at == clocks.running_earliest_due(ticket.number)
    entry = journal.latest().filter(tag="ticket.edition_migrated").get()
    assert entry.facts["edition"] == [ticket.edition_id, stricter.pk]
    assert (entry.facts["reason"], entry.facts["clause"]) == (BY["reason"], "26.8")


def test_a_limit_that_is_over_is_broken_at_the_migration_not_before(ticket, stricter):
    at = AT + 13 * HOUR
    seen = migrating.effect(ticket, edition_id=stricter.pk, at=at)
    moved = next(one for one in seen if (one.metric, one.basis) == ("restoration", "promise"))
    assert moved.is_broken

    migrating.migrate(number=ticket.number, edition_id=stricter.pk, at=at, **BY)

    clock = restoration(ticket)
    assert (clock.due_at, clock.applies_from, clock.breached_at) == (AT + 12 * HOUR, at, None)
    assert clock.is_overdue(at)


def test_pauses_are_kept(ticket, stricter):
    pausing.pause(
        number=ticket.number, reason="customer_absent", note="没人", actor="staff:7", at=AT + HOUR
    )
    pausing.resume(number=ticket.number, actor="staff:7", at=AT + 2 * HOUR)

    migrating.migrate(number=ticket.number, edition_id=stricter.pk, at=AT + 2 * HOUR, **BY)

    assert restoration(ticket).due_at == AT + 13 * HOUR


def test_asked_again_it_changes_nothing(ticket, stricter):
    for _ in range(2):
        migrating.migrate(number=ticket.number, edition_id=stricter.pk, at=AT + HOUR, **BY)
    assert journal.latest().filter(tag="ticket.edition_migrated").count() == 1


def test_without_a_reason_nothing_moves(ticket, stricter):
    with pytest.raises(Refused, match=r"migration\.unreasoned"):
        migrating.migrate(
            number=ticket.number, edition_id=stricter.pk, reason=" ", actor="staff:1", at=AT
        )
    assert not journal.latest().filter(tag="ticket.edition_migrated").exists()


def test_a_finished_ticket_stays_where_it_ended(ticket, stricter):
    opening.cancel(number=ticket.number, reason="不需要了", actor="staff:7", at=AT)
    with pytest.raises(Refused, match=r"ticket\.finished"):
        migrating.migrate(number=ticket.number, edition_id=stricter.pk, at=AT, **BY)
