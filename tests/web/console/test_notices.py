"""The bell, the inbox, and taking in hand what a limit warns of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.web.console.conftest import posted

from changtong.clocks import queries as clocks
from changtong.feedback import queries
from changtong.feedback.operations import escalating
from changtong.infra.clock import now


@pytest.fixture
def late(world):
    """Return a ticket whose repair is past its limit, and everybody told who should be."""
    ticket, _order = world.assigned()
    clock = max(clocks.of(ticket.number), key=lambda one: one.due_at)
    escalating.escalate(at=now())
    escalating.escalate(at=clock.due_at + timedelta(days=2))
    return ticket


def unread(world, role):
    return list(queries.notices_of(world.staff[role].pk, unread=True))


def test_the_inbox_shows_what_was_told_and_the_bell_how_much(world, late):
    told = unread(world, "technician")
    technician = world.as_("technician")

    page = technician.get("/console/notices/")
    bell = technician.get("/console/notices/bell")

    assert len(page.context["unread"]) == len(told) > 0
    assert late.number in page.content.decode()
    assert bell.context["count"] == len(told)


def test_who_was_not_told_sees_nothing(world, late):
    page = world.as_("archivist").get("/console/notices/")

    assert page.context["unread"] == page.context["read"] == []


def test_reading_moves_a_notice_down_and_only_ones_own(world, late):
    first, *_ = unread(world, "technician")
    address = f"/console/notices/{first.pk}/reading"

    assert posted(world.as_("archivist"), address).status_code == 404
    assert posted(world.as_("technician"), address).status_code == 303
    assert first.pk not in {one.pk for one in unread(world, "technician")}

    assert posted(world.as_("technician"), "/console/notices/reading").status_code == 303
    assert unread(world, "technician") == []


def test_whoever_was_told_takes_it_in_hand_once(world, late):
    first = next(one for one in unread(world, "technician") if one.step_id)
    address = f"/console/escalations/{first.step_id}/answer"

    assert posted(world.as_("archivist"), address).status_code == 404
    assert posted(world.as_("technician"), address).status_code == 303
    assert posted(world.as_("technician"), address).status_code == 409

    first.step.refresh_from_db()
    assert first.step.answered_by == world.staff["technician"].actor


def test_the_page_of_a_clock_shows_its_ladder(world, late):
    first = next(one for one in unread(world, "technician") if one.step_id)
    clock = first.facts["clock"]

    page = world.as_("supervisor").get(f"/console/tickets/{late.number}/clocks/{clock}")

    ladder = page.context["ladder"]
    assert ladder.steps[0].kept.rung == 1
    assert ladder.steps[0].told == world.staff["technician"].name
    assert ladder.open_step is not None
