"""Starting costs one statement and writes no entry: the ticket's own entry says it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from tests.factories.clocks import AGENT, HOUR, LEGAL, START, SUBJECT, target

from changtong.clocks import operations as clocks
from changtong.clocks.models import Clock
from changtong.journal.models import Entry
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard


def test_all_clocks_of_a_ticket_are_one_statement(edition_id, django_assert_num_queries):
    standard.read(edition_id)
    targets = [target("first_response", "30min"), target("resolution", "24h"), LEGAL]
    before = Entry.objects.count()
    with transaction.atomic(), django_assert_num_queries(2):
        started = clocks.start_all(
            subject=SUBJECT, targets=targets, edition_id=edition_id, at=START
        )
        # Written now, because something else is asked; else by the commit.
        assert Clock.objects.filter(subject=SUBJECT).count() == len(targets)
    assert [clock.due_at - START for clock in started] == [0.5 * HOUR, 24 * HOUR, 48 * HOUR]
    assert Entry.objects.count() == before


def test_a_clock_keeps_what_its_clause_says(edition_id, clock):
    clocks.start_all(
        subject=SUBJECT, targets=[target("resolution", "24h")], edition_id=edition_id, at=START
    )
    made = clock()
    assert (made.state, made.basis, made.clause, made.within) == (
        "running",
        "promise",
        "5.3.1",
        "24h",
    )
    assert (made.started_at, made.due_at, made.warn_at) == (
        START,
        START + 24 * HOUR,
        START + 12 * HOUR,
    )


def test_the_law_s_limit_is_never_pausable_whatever_the_table_says(edition_id, clock):
    clocks.start_all(
        subject=SUBJECT,
        targets=[target("restoration", "48h", basis="legal", pausable=True)],
        edition_id=edition_id,
        at=START,
    )
    assert not clock().pausable


def test_what_was_done_at_once_starts_and_stops_at_the_same_instant(edition_id, clock):
    done = target("acceptance", "30min")
    clocks.start_all(
        subject=SUBJECT, targets=[done], edition_id=edition_id, at=START, met=[done], actor=AGENT
    )
    made = clock()
    assert (made.state, made.stopped_at, made.stopped_by) == ("stopped", START, AGENT)
    assert made.is_met


def test_a_limit_that_reaches_into_a_year_without_holidays_is_provisional(edition_id, clock):
    clocks.start_all(
        subject=SUBJECT,
        targets=[target("answer", "5wd", calendar="workday")],
        edition_id=edition_id,
        at=datetime(2099, 12, 1, tzinfo=UTC),
    )
    assert clock().is_provisional


def test_an_unknown_calendar_is_refused_and_nothing_starts(edition_id):
    with pytest.raises(Missing, match=r"calendar\.unknown"):
        clocks.start_all(
            subject=SUBJECT,
            targets=[target("resolution", "24h"), target("answer", "5wd", calendar="lunar")],
            edition_id=edition_id,
            at=START,
        )
    assert Clock.objects.count() == 0


def test_the_same_limit_cannot_run_twice(edition_id):
    start = {"subject": SUBJECT, "targets": [target("resolution", "24h")], "at": START}
    clocks.start_all(**start, edition_id=edition_id)
    with pytest.raises(IntegrityError, match="clock_open_once"), transaction.atomic():
        clocks.start_all(**start, edition_id=edition_id)
    assert Clock.objects.count() == 1
