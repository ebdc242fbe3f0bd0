"""Unfinished cases come under another edition after somebody saw what that changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.intake import AT
from tests.integration.tickets.test_migrating import restoration, stricter, ticket, town

from changtong.analytics.models import Conversion
from changtong.analytics.operations import converting
from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import ALL_PERMISSIONS, Reach, Viewer
from changtong.tickets.models import Ticket


__all__ = ["stricter", "ticket", "town"]

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MANAGER = Viewer("staff:13", Reach.ALL, ALL_PERMISSIONS, staff_id=13)
ELSEWHERE = Viewer("staff:14", Reach.REGION, ALL_PERMISSIONS, staff_id=14, region_path="/99/")


def measured(edition, *, at):
    asked = converting.request(edition_id=edition.pk, region_path="", viewer=MANAGER, at=at)
    return converting.measure(conversion_id=asked.pk, now=lambda: at)


def test_what_was_measured_is_what_happens_after_the_confirmation(ticket, stricter):
    before = restoration(ticket).due_at
    found = measured(stricter, at=AT + HOUR)

    assert (found.state, found.cases, found.effect["earlier"]) == ("measured", 1, 1)
    assert found.effect["late"] == 0
    (example,) = [one for one in found.examples if one[1:3] == ["restoration", "promise"]]
    assert example[4:] == [before.isoformat(), (AT + 12 * HOUR).isoformat(), False]
    assert Ticket.objects.get().edition_id == ticket.edition_id

    by = {"reason": "缩短修复时限", "viewer": MANAGER, "at": AT + HOUR}
    converting.confirm(conversion_id=found.pk, **by)
    done = converting.move(conversion_id=found.pk, now=lambda: AT + HOUR)

    assert (done.state, done.moved, done.refused) == ("done", 1, {})
    assert Ticket.objects.get().edition_id == stricter.pk
    assert restoration(ticket).due_at == AT + 12 * HOUR
    entry = Entry.objects.get(tag="ticket.edition_migrated")
    assert (entry.actor, entry.facts["reason"]) == ("staff:13", "缩短修复时限")
    tags = Entry.objects.filter(tag__startswith="conversion.").order_by("id")
    assert [one.tag.partition(".")[2] for one in tags] == [
        "requested",
        "measured",
        "confirmed",
        "finished",
    ]


def test_a_case_that_would_be_late_at_once_is_counted(ticket, stricter):
    found = measured(stricter, at=AT + 20 * HOUR)

    assert found.effect["late"] == 1
    assert found.examples[0][6] is True


def test_nothing_is_confirmed_before_it_was_measured_or_without_a_reason(ticket, stricter):
    asked = converting.request(edition_id=stricter.pk, region_path="", viewer=MANAGER, at=AT)
    given = {"conversion_id": asked.pk, "viewer": MANAGER, "at": AT}
    with pytest.raises(Refused) as refused:
        converting.confirm(reason="急", **given)
    assert (refused.value.code, refused.value.clause) == ("conversion.not_measured", "26.8")
    converting.measure(conversion_id=asked.pk, now=lambda: AT)
    with pytest.raises(Refused, match=r"migration\.unreasoned"):
        converting.confirm(reason=" ", **given)
    assert Conversion.objects.get().state == "measured"


def test_nobody_converts_what_they_do_not_see(ticket, stricter):
    with pytest.raises(Refused, match=r"conversion\.region_not_yours"):
        converting.request(edition_id=stricter.pk, region_path="", viewer=ELSEWHERE, at=AT)
    found = measured(stricter, at=AT)
    with pytest.raises(Missing, match=r"conversion\.unknown"):
        converting.confirm(conversion_id=found.pk, reason="急", viewer=ELSEWHERE, at=AT)


def test_what_was_done_is_not_done_again(ticket, stricter):
    found = measured(stricter, at=AT)
    converting.confirm(conversion_id=found.pk, reason="急", viewer=MANAGER, at=AT)
    converting.move(conversion_id=found.pk, now=lambda: AT)

    assert converting.move(conversion_id=found.pk, now=lambda: AT).moved == 1
    assert converting.measure(conversion_id=found.pk, now=lambda: AT).state == "done"
    assert Entry.objects.filter(tag="conversion.finished").count() == 1
