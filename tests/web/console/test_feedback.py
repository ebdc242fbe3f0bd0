"""Evaluations and follow-ups."""

from __future__ import annotations

import pytest
from tests.web.console.conftest import PHONE, posted

from changtong.feedback import queries
from changtong.feedback.operations import evaluating
from changtong.infra.clock import now
from changtong.parties import queries as parties


@pytest.fixture
def low(world, run_jobs):
    ticket = world.resolved()
    run_jobs()
    evaluating.confirm_and_evaluate(
        number=ticket.number,
        score=1,
        tags=(),
        comment="跑了两趟",
        actor=f"phone:{PHONE}",
        at=now(),
    )
    return ticket


def open_follow_ups(world):
    viewer = parties.viewer_of(parties.staff(world.staff["supervisor"].pk))
    return list(queries.follow_ups(viewer))


def test_a_low_score_waits_for_a_call_and_counts(world, low):
    page = world.as_("supervisor").get("/console/feedback/")

    assert [one["kept"].ticket.number for one in page.context["follow_ups"]] == [low.number]
    assert page.context["satisfaction"].average == 1


def test_the_outcome_of_the_call_is_written_down_once(world, low):
    (follow_up,) = open_follow_ups(world)
    address = f"/console/feedback/follow-ups/{follow_up.pk}"
    supervisor = world.as_("supervisor")

    assert posted(supervisor, address, outcome=" ").status_code == 409
    assert posted(supervisor, address, outcome="已致歉并免当日费用").status_code == 303
    assert open_follow_ups(world) == []
    assert posted(supervisor, address, outcome="再一次").status_code == 404


def test_an_auditor_reads_but_does_not_follow_up(world, low):
    (follow_up,) = open_follow_ups(world)
    auditor = world.as_("auditor")

    assert auditor.get("/console/feedback/").status_code == 200
    answer = posted(auditor, f"/console/feedback/follow-ups/{follow_up.pk}", outcome="不该")
    assert answer.status_code == 403
    assert len(open_follow_ups(world)) == 1


def test_the_case_page_shows_what_was_said(world, low):
    page = world.as_("agent").get(f"/console/tickets/{low.number}/feedback").content.decode()

    assert "跑了两趟" in page
