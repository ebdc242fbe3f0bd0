"""What was rehearsed, and what came of it for whoever may see the cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet, Sum

from changtong.analytics.models import Rehearsal, RehearsalCount, RehearsalFinding, State
from changtong.analytics.queries.replaying import Plan
from changtong.clocks import queries as clocks
from changtong.clocks.domain import pausing
from changtong.clocks.domain.replaying import History
from changtong.clocks.domain.tallying import MEASURES
from changtong.kernel.errors import Missing
from changtong.kernel.time import Period
from changtong.parties.domain.roles import Reach, Viewer
from changtong.standard import queries as standard
from changtong.standard.domain import reading
from changtong.standard.domain.edition import Edition
from changtong.tickets import queries as tickets


By = RehearsalCount.By
# Of the same words; nobody rehearses them more often, and the newest are looked at first.
ASKED_AT_MOST = 20


def by_id(pk: int) -> Rehearsal:
    """
    Return one rehearsal.

    :raises Missing: ``rehearsal.unknown``
    """
    found = Rehearsal.objects.select_related("draft", "edition").filter(pk=pk).first()
    if found is None:
        raise Missing("rehearsal.unknown", rehearsal=pk)
    return found


def of_draft(draft_id: int) -> QuerySet[Rehearsal]:
    """Return the rehearsals of a draft, the newest first."""
    return Rehearsal.objects.filter(draft=draft_id).order_by("-id")


def of_words(draft_id: int, digest: str, *, noted: str = "") -> Rehearsal | None:
    """
    Return the rehearsal of exactly these words: the one that the draft notes, else the last that
    is done, else one under way.
    """
    found = list(
        of_draft(draft_id).filter(digest=digest).exclude(state=State.FAILED)[:ASKED_AT_MOST]
    )
    done = [one for one in found if one.state == State.DONE]
    counted = [one for one in done if f"rehearsal:{one.pk}" == noted]
    return next(iter((*counted, *done, *found)), None)


def rehearsed(rehearsal: Rehearsal) -> Edition:
    """Return what the draft or edition says now; its digest tells whether it is what was run."""
    if rehearsal.edition_id is not None:
        return standard.read(rehearsal.edition_id)
    draft = standard.draft_by_id(rehearsal.draft_id or 0)
    return reading.edition(standard.body_of(draft))


def plan(rehearsal: Rehearsal, edition: Edition) -> Plan:
    """Return how a rehearsal is run."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.combine(rehearsal.opened_from, time(), zone)
    end = datetime.combine(rehearsal.opened_to + timedelta(days=1), time(), zone)
    return Plan(
        edition=edition,
        period=Period(start, end),
        region=rehearsal.region_path,
        seen_at=rehearsal.requested_at,
        zone=zone,
    )


def totals(rehearsal: Rehearsal, viewer: Viewer) -> Mapping[str, int]:
    """Return how many of the viewer's cases changed, and how."""
    found = _seen(rehearsal, viewer, By.MONTH).aggregate(
        **{f"{name}_": Sum(name, default=0) for name in MEASURES}
    )
    return {name: int(found[f"{name}_"]) for name in MEASURES}


def clauses(rehearsal: Rehearsal, viewer: Viewer) -> list[dict[str, Any]]:
    """Return how many limits of each clause changed, those that matter most first."""
    rows = _summed(_seen(rehearsal, viewer, By.CLAUSE), "clause", "metric", "basis")
    return _named(rows.order_by(-(F("newly_breached_") + F("saved_")), "-differing_", "clause"))


def months(rehearsal: Rehearsal, viewer: Viewer) -> list[dict[str, Any]]:
    """Return how many cases of each month changed."""
    return _named(_summed(_seen(rehearsal, viewer, By.MONTH), "month").order_by("month"))


def regions(rehearsal: Rehearsal, viewer: Viewer) -> list[dict[str, Any]]:
    """Return how many cases of each place changed."""
    rows = _summed(_seen(rehearsal, viewer, By.MONTH), "region_path")
    return _named(rows.order_by("region_path"))


def teams(rehearsal: Rehearsal, viewer: Viewer) -> list[dict[str, Any]]:
    """Return how many cases of each team changed, those that matter most first."""
    rows = _summed(_seen(rehearsal, viewer, By.TEAM), "team_id", "team__name")
    return _named(rows.order_by(-(F("newly_breached_") + F("saved_")), "team__name"))


def findings(
    rehearsal: Rehearsal, viewer: Viewer, *, newly_breached: bool
) -> QuerySet[RehearsalFinding]:
    """Return the limits that would newly be broken, or kept, of tickets that the viewer sees."""
    return (
        RehearsalFinding.objects.filter(
            rehearsal=rehearsal,
            newly_breached=newly_breached,
            ticket__in=tickets.visible_to(viewer),
        )
        .select_related("ticket")
        .order_by("id")
    )


def finding(rehearsal: Rehearsal, viewer: Viewer, pk: int) -> RehearsalFinding:
    """
    Return one finding of a ticket that the viewer sees.

    :raises Missing: ``rehearsal.unknown``, the same whether it is foreign or does not exist
    """
    rows = RehearsalFinding.objects.filter(
        pk=pk, rehearsal=rehearsal, ticket__in=tickets.visible_to(viewer)
    )
    found = rows.select_related("ticket").first()
    if found is None:
        raise Missing("rehearsal.unknown", rehearsal=rehearsal.pk)
    return found


def holds_of(found: RehearsalFinding, edition: Edition) -> tuple[Period, ...]:
    """Return how long each pause of a case would have lasted for a limit that was found."""
    number = found.ticket.number
    recorded = clocks.recorded([number])[number]
    pauses = clocks.recorded_pauses([clock.pk for clock in recorded])
    history = History(
        clocks=recorded,
        pauses=[one for clock in recorded for one in pauses.get(clock.pk, ())],
        grades=(),
        moments={},
        seen_at=found.ended_at,
    )
    own = [
        clock
        for clock in recorded
        if (clock.metric, clock.basis, clock.started_at)
        == (found.metric, found.basis, found.started_at)
    ]
    if found.basis == pausing.LEGAL:
        return ()
    reasons = edition.pause_reasons(kind=found.ticket.kind)
    return tuple(history.holds(own, {one.code: one.at_most for one in reasons}))


def _seen(rehearsal: Rehearsal, viewer: Viewer, by: RehearsalCount.By) -> QuerySet[RehearsalCount]:
    rows = RehearsalCount.objects.filter(rehearsal=rehearsal, by=by)
    if not viewer.may("tickets.view"):
        return rows.none()
    if viewer.reach is Reach.ALL:
        return rows
    if viewer.reach is Reach.REGION:
        return rows.filter(region_path__startswith=viewer.region_path)
    # Nobody who sees single cases only sees sums over those of others.
    return rows.none()


def _summed(rows: QuerySet[RehearsalCount], *names: str) -> QuerySet[Any, Any]:
    summed: QuerySet[Any, Any] = rows.values(*names).annotate(
        **{f"{name}_": Sum(name) for name in MEASURES}
    )
    return summed


def _named(rows: QuerySet[Any, Any]) -> list[dict[str, Any]]:
    # A sum may not be called as the field that it sums.
    return [{name.removesuffix("_"): value for name, value in row.items()} for row in rows]
