"""Rehearse an edition: run it over the cases of a period and keep what would have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from functools import lru_cache
from itertools import islice, repeat
from multiprocessing import get_context
from typing import TypeAlias, TypeVar

import django
from django.db import transaction

from changtong.analytics.models import Rehearsal, RehearsalCount, RehearsalFinding, State
from changtong.analytics.queries import rehearsals, replaying
from changtong.analytics.queries.replaying import Finding, Part, Plan
from changtong.clocks.domain import tallying
from changtong.clocks.domain.tallying import MEASURES, Tally
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.parties.domain.roles import Reach, Viewer
from changtong.standard import queries as standard
from changtong.standard.domain import reading
from changtong.standard.operations import reviewing


BATCH = 5_000
# What is counted is always complete; the list behind it ends somewhere.
FINDINGS_AT_MOST = 200_000
# A process takes seconds to begin; what one has done by then is not spread.
WORTH_PROCESSES = 8
_AFRESH = get_context("spawn")

Row = TypeVar("Row", RehearsalCount, RehearsalFinding)
Keys: TypeAlias = tuple[int, int]
Spread: TypeAlias = Callable[[Plan, Sequence[Keys]], Iterable[Part]]


@transaction.atomic
def request(
    *,
    since: date,
    until: date,
    region_path: str,
    viewer: Viewer,
    at: datetime,
    draft_id: int | None = None,
    edition_id: int | None = None,
) -> Rehearsal:
    """
    Ask for a draft or an edition to be run over the cases of a period.

    An edition is run over cases that the viewer may see, a draft over those or over all.

    :raises Refused: ``rehearsal.period_reversed``, ``rehearsal.region_not_yours``
    :raises Missing: ``draft.unknown``, ``edition.unknown``
    """
    if until < since:
        raise Refused("rehearsal.period_reversed")
    # Approval asks for a draft's effect everywhere; whoever reads it sees their own places only.
    is_whole_draft = draft_id is not None and not region_path
    is_ours = viewer.reach is Reach.ALL or region_path.startswith(viewer.region_path)
    if not (is_ours or is_whole_draft):
        raise Refused("rehearsal.region_not_yours")
    if draft_id is not None:
        digest = reading.edition(standard.body_of(standard.draft_by_id(draft_id))).digest
    else:
        digest = standard.edition_by_id(edition_id or 0).digest
    rehearsal = Rehearsal.objects.create(
        draft_id=draft_id,
        edition_id=None if draft_id is not None else edition_id,
        digest=digest,
        opened_from=since,
        opened_to=until,
        region_path=region_path,
        requested_at=at,
        requested_by=viewer.actor,
    )
    journal.record(
        tag="rehearsal.requested",
        subject=f"rehearsal:{rehearsal.pk}",
        actor=viewer.actor,
        at=at,
        draft=draft_id,
        edition=rehearsal.edition_id,
        digest=digest,
        since=since.isoformat(),
        until=until.isoformat(),
        region=region_path,
    )
    return rehearsal


def one_by_one(plan: Plan, ranges: Sequence[Keys]) -> Iterable[Part]:
    """Replay one range after the other in this process."""
    return (replaying.replayed(plan, first, last) for first, last in ranges)


def by_processes(rehearsal_id: int, count: int) -> Spread:
    """Return how the ranges of a rehearsal are replayed by at most some processes at once."""

    def spread(plan: Plan, ranges: Sequence[Keys]) -> Iterable[Part]:
        if count == 1 or len(ranges) < WORTH_PROCESSES:
            yield from one_by_one(plan, ranges)
            return
        # Each begins afresh: a worker has threads and connections that no fork may share.
        with ProcessPoolExecutor(count, _AFRESH, initializer=django.setup) as pool:
            yield from pool.map(_replayed, repeat(rehearsal_id), ranges)

    return spread


def _replayed(rehearsal_id: int, keys: Keys) -> Part:
    return replaying.replayed(_plan_of(rehearsal_id), *keys)


@lru_cache(maxsize=1)
def _plan_of(rehearsal_id: int) -> Plan:
    rehearsal = rehearsals.by_id(rehearsal_id)
    edition = rehearsals.rehearsed(rehearsal)
    if edition.digest != rehearsal.digest:
        raise Refused("rehearsal.words_changed")
    return rehearsals.plan(rehearsal, edition)


def run(
    *,
    rehearsal_id: int,
    ended: Callable[[], datetime],
    at: datetime,
    spread: Spread = one_by_one,
    told: Callable[[int, int], object] = lambda _done, _all: None,
) -> Rehearsal:
    """
    Run a rehearsal that waits, and keep what came of it; one that is over stays as it is.

    It reads for minutes, so that no transaction spans it: a second run begins from the start.

    :param spread: replays the ranges, in any order, perhaps by several processes
    :param told: hears how many cases are done, of how many
    :raises Refused: ``rehearsal.words_changed`` if the draft was changed since it was requested
    """
    rehearsal = rehearsals.by_id(rehearsal_id)
    if rehearsal.is_over:
        return rehearsal
    edition = rehearsals.rehearsed(rehearsal)
    if edition.digest != rehearsal.digest:
        _set(rehearsal, state=State.FAILED, ended_at=ended())
        raise Refused("rehearsal.words_changed")
    plan = rehearsals.plan(rehearsal, edition)
    ranges, count = replaying.ranges(plan)
    _set(rehearsal, state=State.RUNNING, cases=count, cases_done=0, clocks_done=0, begun_at=at)
    tally: Tally = {}
    findings: list[Finding] = []
    for part in spread(plan, ranges):
        tallying.joined(tally, part.tally)
        findings += part.findings[: FINDINGS_AT_MOST - len(findings)]
        rehearsal.cases_done += part.cases
        rehearsal.clocks_done += part.clocks
        rehearsal.save(update_fields=["cases_done", "clocks_done"])
        told(rehearsal.cases_done, count)
    return _keep(rehearsal, plan, tally, findings, at=ended())


@transaction.atomic
def _keep(
    rehearsal: Rehearsal, plan: Plan, tally: Tally, findings: Sequence[Finding], *, at: datetime
) -> Rehearsal:
    locked = Rehearsal.objects.select_for_update().get(pk=rehearsal.pk)
    if locked.is_over:
        return locked
    _write(
        RehearsalCount(
            rehearsal=rehearsal,
            by=cell.by,
            region_path=cell.region_path,
            team_id=cell.team_id,
            month=cell.month,
            metric=cell.metric,
            basis=cell.basis,
            clause=cell.clause,
            **dict(zip(MEASURES, counts, strict=True)),
        )
        for cell, counts in tally.items()
    )
    _write(_finding(rehearsal, found) for found in findings)
    _set(rehearsal, state=State.DONE, ended_at=at)
    journal.record(
        tag="rehearsal.finished",
        subject=f"rehearsal:{rehearsal.pk}",
        actor="system:analytics",
        at=at,
        cases=rehearsal.cases_done,
        clocks=rehearsal.clocks_done,
        **_sums(tally),
    )
    if rehearsal.draft_id is not None:
        reviewing.note_rehearsal(
            draft_id=rehearsal.draft_id,
            digest=rehearsal.digest,
            rehearsal=f"rehearsal:{rehearsal.pk}",
            coverage=replaying.coverage(
                plan,
                since=rehearsal.opened_from,
                until=rehearsal.opened_to,
                cases=rehearsal.cases_done,
            ),
            actor=rehearsal.requested_by,
            at=at,
        )
    return rehearsal


def _finding(rehearsal: Rehearsal, found: Finding) -> RehearsalFinding:
    difference = found.difference
    return RehearsalFinding(
        rehearsal=rehearsal,
        ticket_id=found.ticket_id,
        newly_breached=difference.is_breached,
        metric=difference.metric,
        basis=difference.basis,
        clause=difference.clause,
        recorded_clause=difference.recorded_clause,
        within=difference.within,
        recorded_within=difference.recorded_within,
        calendar=difference.calendar,
        started_at=difference.started_at,
        ended_at=difference.ended_at,
        due_at=difference.due_at,
        recorded_due_at=difference.recorded_due_at,
    )


def _write(rows: Iterable[Row]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        type(batch[0])._default_manager.bulk_create(batch)  # noqa: SLF001 - of either model


def _sums(tally: Tally) -> dict[str, int]:
    cells = [counts for cell, counts in tally.items() if cell.by == RehearsalCount.By.MONTH]
    return {name: sum(counts[place] for counts in cells) for place, name in enumerate(MEASURES)}


def _set(rehearsal: Rehearsal, **values: object) -> None:
    for name, value in values.items():
        setattr(rehearsal, name, value)
    rehearsal.save(update_fields=list(values))
