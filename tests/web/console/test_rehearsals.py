"""A reviewer runs a draft over recorded cases and sees what it would change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from tests.factories import drafts
from tests.factories.drafts import HANDLING
from tests.web.console.conftest import BUDGETS, posted

from changtong.analytics.models import Rehearsal, RehearsalFinding
from changtong.analytics.operations import rehearsing as operations
from changtong.clocks.models import Clock
from changtong.infra.clock import now
from changtong.parties.domain.roles import ALL_PERMISSIONS, Reach, Viewer
from changtong.standard.domain.drafting import Place


EARLIER = timedelta(minutes=90)


@pytest.fixture
def draft(world):
    begun = drafts.begun(
        edition_id=world.town.edition.pk, actor=world.staff["compliance"].actor, at=now()
    )
    for row in (2, 3):
        drafts.change(begun, Place(HANDLING, ("limit", 0, "row", row, "within")), "1h")
    world.ticket()
    # It has been waiting for an hour and a half.
    moments = ("started_at", "applies_from", "due_at", "warn_at", "stopped_at")
    Clock.objects.update(**{name: F(name) - EARLIER for name in moments})
    return begun


def address(draft, rest=""):
    return f"/console/standard/drafts/{draft.pk}/rehearsals{rest}"


def test_a_reviewer_starts_a_rehearsal_and_reads_what_came_of_it(world, draft):
    officer = world.as_("compliance")
    day = localdate(now()).isoformat()

    answer = posted(officer, address(draft), since=day, until=day)

    found = Rehearsal.objects.get()
    assert answer["Location"] == address(draft, f"/{found.pk}")
    page = officer.get(address(draft, f"/{found.pk}"))
    assert "等待中" in page.content.decode()
    operations.run(rehearsal_id=found.pk, at=now(), ended=now)
    page = officer.get(address(draft, f"/{found.pk}")).content.decode()
    assert "新增超时案件" in page
    one = RehearsalFinding.objects.get()
    assert (one.metric, one.clause, one.newly_breached) == ("restoration", "13.4", True)
    assert one.ticket.number in page
    arithmetic = officer.get(address(draft, f"/{found.pk}/findings/{one.pk}"))
    assert "逐日计算" in arithmetic.content.decode()
    assert "已完成" in officer.get(address(draft)).content.decode()


def test_a_period_that_ends_before_it_begins_is_refused(world, draft):
    officer = world.as_("compliance")
    answer = posted(officer, address(draft), since="2026-01-02", until="2026-01-01")
    assert answer.status_code == 409
    assert not Rehearsal.objects.exists()


def test_an_agent_sees_no_rehearsal(world, draft):
    assert world.as_("agent").get(address(draft)).status_code == 403


def test_the_reviewer_sees_what_the_rehearsal_of_these_words_found(world, draft):
    officer, manager = world.as_("compliance"), world.as_("manager")
    day = localdate(now()).isoformat()
    posted(officer, f"/console/standard/drafts/{draft.pk}/sending")
    review = f"/console/standard/drafts/{draft.pk}/review"
    assert "还没有用历史案件预演过" in manager.get(review).content.decode()
    posted(officer, address(draft), since=day, until=day)
    assert "等待中" in manager.get(review).content.decode()
    asked = Rehearsal.objects.get()

    operations.run(rehearsal_id=asked.pk, at=now(), ended=now)

    page = manager.get(review).content.decode()
    assert "逐件结果" in page
    assert "新增超时案件" in page


def test_the_screens_of_a_rehearsal_ask_a_bounded_number_of_questions(world, draft):
    officer = world.as_("compliance")
    asked = operations.request(
        since=localdate(now()),
        until=localdate(now()),
        region_path="",
        viewer=Viewer("staff:1", Reach.ALL, ALL_PERMISSIONS, staff_id=1),
        at=now(),
        draft_id=draft.pk,
    )
    operations.run(rehearsal_id=asked.pk, at=now(), ended=now)
    review = f"/console/standard/drafts/{draft.pk}/review"

    for screen, path in {
        "console/standard/rehearsals": address(draft),
        "console/standard/rehearsal": address(draft, f"/{asked.pk}"),
        "console/standard/review": review,
    }.items():
        officer.get(path)
        with CaptureQueriesContext(connection) as found:
            officer.get(path)
        assert len(found) <= BUDGETS[screen], [query["sql"][:140] for query in found]


def test_the_reviewer_sees_what_a_rehearsal_lacks_and_a_longer_one_counts(world, draft):
    officer, manager = world.as_("compliance"), world.as_("manager")
    today = localdate(now())
    posted(officer, f"/console/standard/drafts/{draft.pk}/sending")
    before = (today - timedelta(days=9)).isoformat()
    posted(officer, address(draft), since=before, until=(today - timedelta(days=8)).isoformat())
    operations.run(rehearsal_id=Rehearsal.objects.get().pk, at=now(), ended=now)
    review = f"/console/standard/drafts/{draft.pk}/review"

    page = manager.get(review)

    assert page.context["missing"] == ("days", "cases")
    assert "这次预演还不够批准用" in page.content.decode()
    posted(officer, address(draft), since=before, until=today.isoformat())
    longer = Rehearsal.objects.latest("id")
    operations.run(rehearsal_id=longer.pk, at=now(), ended=now)
    page = manager.get(review)
    assert (page.context["missing"], page.context["rehearsal"].pk) == ((), longer.pk)
    assert page.context["is_rehearsed"]
    assert "已预演全部历史案件" in page.content.decode()
