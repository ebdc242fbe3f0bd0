"""An edition run over recorded cases changes what a second count says, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.factories.drafts import HANDLING
from tests.factories.intake import build_town
from tests.integration.cli.test_fill import UNTIL, filled

from changtong.analytics.models import RehearsalFinding
from changtong.analytics.operations import rehearsing as operations
from changtong.analytics.queries import rehearsals
from changtong.clocks.models import Clock
from changtong.journal import operations as journal
from changtong.journal.models import Entry
from changtong.kernel.errors import Refused
from changtong.parties.domain.roles import ALL_PERMISSIONS, Reach, Viewer
from changtong.standard import queries as standard
from changtong.standard.domain.drafting import Place, seal
from changtong.standard.domain.rehearsing import Coverage
from changtong.standard.operations import drafting
from changtong.tickets.models import Ticket


ALL = Viewer("staff:1", Reach.ALL, ALL_PERMISSIONS, staff_id=1)
ZONE = ZoneInfo("Asia/Shanghai")
PRIORITY = "tables/priority.toml"
SINCE, TODAY = date(2024, 1, 1), date(2026, 11, 22)


@pytest.fixture
def history(db):
    town = build_town()
    journal.seal_pending(at=UNTIL)
    filled()
    return town


def edition():
    return standard.edition_in_force(at=UNTIL)


def rehearsed(viewer=ALL, region="", **which):
    asked = operations.request(
        since=SINCE, until=TODAY, region_path=region, viewer=viewer, at=UNTIL, **which
    )
    return operations.run(rehearsal_id=asked.pk, at=UNTIL, ended=lambda: UNTIL)


def draft_with(change, file=HANDLING, table="limit"):
    """Return a draft in which a table was changed, by default every limit of handling."""
    begun = drafting.begin(title="t", edition_id=edition().pk, actor="staff:11", at=UNTIL)
    written = standard.body_of(begun)[file][table]
    changed = deepcopy(written)
    change(changed)
    drafting.change(
        draft_id=begun.pk,
        place=Place(file, (table,)),
        seen=seal(written),
        value=changed,
        actor="staff:11",
        at=UNTIL,
    )
    return begun


def test_the_edition_in_force_reproduces_its_own_history(history):
    done = rehearsed(edition_id=edition().pk)

    found = rehearsals.totals(done, ALL)
    assert found["compared"] == Ticket.objects.count() == done.cases_done
    assert done.clocks_done == Clock.objects.count()
    assert found["was_breached"] == found["is_breached"] > 0
    changed = ("differing", "earlier", "later", "newly_breached", "saved", "added", "removed")
    assert {name: found[name] for name in changed} == dict.fromkeys(changed, 0)
    assert not RehearsalFinding.objects.exists()


def urban_p3_within(within):
    def change(limits):
        row = limits[0]["row"][2]
        assert row == {"when": {"priority": "P3", "region_type": "urban"}, "within": "24h"}
        row["within"] = within

    return change


def six_hours_worked(clock):
    """Return when six hours without pauses had passed, counted interval by interval."""
    left, cursor = timedelta(hours=6), clock.started_at
    for pause in sorted(clock.pauses.all(), key=lambda one: one.started_at):
        if cursor + left <= pause.started_at:
            break
        left -= max(pause.started_at - cursor, timedelta())
        cursor = max(cursor, pause.ended_at or pause.ends_latest_at)
    return cursor + left


def test_a_shorter_limit_breaks_exactly_the_cases_that_a_second_count_says(history):
    draft = draft_with(urban_p3_within("6h"))

    done = rehearsed(draft_id=draft.pk)

    clocks = Clock.objects.filter(metric="restoration", basis="promise", within="24h")
    urban = Ticket.objects.filter(priority="P3", region_type="urban", kind="fault")
    clocks = clocks.filter(clause="13.4", subject__in=urban.values("number"))
    expected = {
        clock.subject
        for clock in clocks.prefetch_related("pauses")
        if clock.breached_at is None
        and six_hours_worked(clock) < (clock.stopped_at or clock.voided_at or UNTIL)
    }
    found = rehearsals.findings(done, ALL, newly_breached=True)
    assert {one.ticket.number for one in found} == expected != set()
    totals = rehearsals.totals(done, ALL)
    assert (totals["newly_breached"], totals["saved"]) == (len(expected), 0)
    assert totals["earlier"] == totals["differing"] == clocks.count()
    (clause,) = [one for one in rehearsals.clauses(done, ALL) if one["differing"]]
    assert (clause["clause"], clause["metric"]) == ("13.4", "restoration")
    assert (clause["newly_breached"], clause["earlier"]) == (len(expected), clocks.count())


def test_a_longer_limit_saves_exactly_what_would_have_been_in_time(history):
    draft = draft_with(urban_p3_within("240h"))

    done = rehearsed(draft_id=draft.pk)

    late = Clock.objects.filter(
        metric="restoration", basis="promise", within="24h", breached_at__isnull=False
    )
    urban = Ticket.objects.filter(priority="P3", region_type="urban", kind="fault")
    late = late.filter(subject__in=urban.values("number"), clause="13.4")
    saved = rehearsals.findings(done, ALL, newly_breached=False)
    assert {one.ticket.number for one in saved} == set(late.values_list("subject", flat=True))
    assert rehearsals.totals(done, ALL)["newly_breached"] == 0


def test_limits_that_appear_and_vanish_are_counted(history):
    def change(limits):
        # What is left of the table has its own clause in every row.
        del limits[0]["row"][:8], limits[0]["clause"]
        limits.append({**limits[0], "code": "promise.repaired", "metric": "resolution"})

    draft = draft_with(change)

    done = rehearsed(draft_id=draft.pk)

    by_clause = {(one["metric"], one["clause"]): one for one in rehearsals.clauses(done, ALL)}
    ran = Clock.objects.filter(metric="restoration", basis="promise", clause="13.4")
    others = Clock.objects.filter(metric="restoration", basis="promise", clause="13.5")
    gone = by_clause["restoration", "13.4"]
    assert gone["removed"] == ran.count() > 0
    assert gone["saved"] == ran.filter(breached_at__isnull=False).count()
    assert by_clause["resolution", "13.5"]["added"] == others.count() > 0


def test_whoever_sees_one_region_sees_its_numbers_only(history):
    draft = draft_with(urban_p3_within("6h"))
    done = rehearsed(draft_id=draft.pk)
    region = Ticket.objects.filter(region_type="urban").first().region_path
    local = Viewer("staff:2", Reach.REGION, ALL_PERMISSIONS, staff_id=2, region_path=region)

    found = rehearsals.totals(done, local)

    assert found["compared"] == Ticket.objects.filter(region_path__startswith=region).count()
    for one in rehearsals.findings(done, local, newly_breached=True):
        assert one.ticket.region_path.startswith(region)
    # Approval asks for the effect everywhere, so a draft may be run over all; an edition may not.
    assert rehearsed(viewer=local, region="", draft_id=draft.pk).region_path == ""
    with pytest.raises(Refused, match=r"rehearsal\.region_not_yours"):
        rehearsed(viewer=local, region="/9/", draft_id=draft.pk)
    with pytest.raises(Refused, match=r"rehearsal\.region_not_yours"):
        rehearsed(viewer=local, region="", edition_id=edition().pk)


def test_a_draft_that_was_changed_meanwhile_is_not_rehearsed(history):
    draft = draft_with(urban_p3_within("6h"))
    asked = operations.request(
        since=SINCE, until=TODAY, region_path="", viewer=ALL, at=UNTIL, draft_id=draft.pk
    )
    drafting.change(
        draft_id=draft.pk,
        place=Place(HANDLING, ("limit", 0, "row", 2, "within")),
        seen=seal("6h"),
        value="7h",
        actor="staff:11",
        at=UNTIL,
    )
    with pytest.raises(Refused, match=r"rehearsal\.words_changed"):
        operations.run(rehearsal_id=asked.pk, at=UNTIL, ended=lambda: UNTIL)
    assert rehearsals.by_id(asked.pk).state == "failed"


def test_a_second_run_changes_nothing(history):
    done = rehearsed(edition_id=edition().pk)
    counts = done.counts.count()

    again = operations.run(rehearsal_id=done.pk, at=UNTIL, ended=lambda: UNTIL)

    assert (again.state, again.counts.count()) == ("done", counts)
    assert Entry.objects.filter(tag="rehearsal.finished").count() == 1


def test_a_draft_knows_that_its_words_were_rehearsed_and_over_how_much(history):
    draft = draft_with(urban_p3_within("6h"))
    first = Ticket.objects.order_by("opened_at").first().opened_at.astimezone(ZONE).date()
    place = Ticket.objects.order_by("region_path").first().region_path

    here = rehearsed(draft_id=draft.pk, region=place)

    draft.refresh_from_db()
    days, cases = (TODAY - first).days + 1, Ticket.objects.filter(region_path=place).count()
    assert (draft.rehearsed_digest, draft.rehearsed_in) == (here.digest, f"rehearsal:{here.pk}")
    assert draft.coverage == Coverage(SINCE, TODAY, days, cases, place)
    done = rehearsed(draft_id=draft.pk)
    draft.refresh_from_db()
    every = Ticket.objects.count()
    assert draft.coverage == Coverage(SINCE, TODAY, days, every, "", is_everything=True)
    assert Entry.objects.filter(tag="draft.rehearsed").latest("id").facts == {
        "rehearsal": f"rehearsal:{done.pk}",
        "digest": done.digest,
        "days": days,
        "cases": every,
        "region": "",
        "everything": True,
    }


def test_a_higher_priority_shortens_the_limits_of_the_cases_that_it_is_given(history):
    def change(rows):
        assert rows[2]["when"] == {"impact": "single", "urgency": "high"}
        rows[2]["priority"] = "P1"

    draft = draft_with(change, PRIORITY, "row")

    found = rehearsals.totals(rehearsed(draft_id=draft.pk), ALL)

    assert found["earlier"] > 0 == found["later"]
    assert found["newly_breached"] > 0 == found["saved"]
    touched = Ticket.objects.filter(pk__in=RehearsalFinding.objects.values("ticket"))
    assert set(touched.values_list("impact", "urgency")) == {("single", "high")}
