"""Replay recorded cases under another edition, one range of keys after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from changtong.clocks import queries as clocks
from changtong.clocks.domain import replaying, tallying
from changtong.clocks.domain.replaying import Difference, History, Terms
from changtong.clocks.domain.tallying import Tally
from changtong.kernel.time import Period
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.rehearsing import Coverage
from changtong.tickets.domain import grades
from changtong.tickets.domain.grades import Grade
from changtong.tickets.queries import history as tickets


if TYPE_CHECKING:
    from changtong.tickets.queries.history import Case


RANGE = 2_000
DAY = timedelta(days=1)


class Finding(NamedTuple):
    """A limit of a ticket that would have been broken, or kept, contrary to what was."""

    ticket_id: int
    number: str
    region_path: str
    difference: Difference


@dataclass(slots=True)
class Part:
    """What came of replaying some cases."""

    cases: int = 0
    clocks: int = 0
    tally: Tally = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Plan:
    """Which edition is run over which cases, and when open clocks are looked at."""

    edition: Edition
    period: Period
    region: str
    seen_at: datetime
    zone: ZoneInfo
    _terms: dict[tuple[str, int], Terms] = field(init=False, default_factory=dict)

    def terms(self, grade: Grade) -> Terms:
        """Return what the edition grants a case of a grade; there are far fewer than cases."""
        targets = self.edition.targets(
            kind=grade.kind,
            priority=self._priority(grade),
            region=grade.region_path,
            region_type=grade.region_type,
            family=grade.family,
            tier=grade.tier,
            category=grade.category,
        )
        # The edition keeps its answers, so the same answer is the same object.
        key = grade.kind, id(targets)
        known = self._terms.get(key)
        if known is None:
            reasons = self.edition.pause_reasons(kind=grade.kind)
            known = self._terms[key] = Terms.of(targets, self.edition.calendars, reasons)
        return known

    def _priority(self, grade: Grade) -> str:
        # Of what nobody has graded, no edition knows the priority.
        if not grade.priority:
            return ""
        return self.edition.priority(
            impact=grade.impact,
            urgency=grade.urgency,
            tier=grade.tier,
            region=grade.region_path,
            region_type=grade.region_type,
        ).priority


def ranges(plan: Plan) -> tuple[list[tuple[int, int]], int]:
    """Return ranges of keys that hold all cases of a plan, and how many cases there are."""
    first, last, count = tickets.span_of(plan.period, region=plan.region)
    if not count:
        return [], 0
    starts = range(first, last + 1, RANGE)
    return [(start, min(start + RANGE - 1, last)) for start in starts], count


def coverage(plan: Plan, *, since: date, until: date, cases: int) -> Coverage:
    """
    Return what a plan for the days of a period ran over, for whoever asks whether it is enough.

    A day before anything was recorded, or after the rehearsal was asked for, covers nothing.
    """
    first, is_everything = tickets.bounds(plan.period, region=plan.region, until=plan.seen_at)
    asked_on = plan.seen_at.astimezone(plan.zone).date()
    begun = max(since, first.astimezone(plan.zone).date()) if first else asked_on + DAY
    ended = min(until, asked_on)
    return Coverage(
        since=since,
        until=until,
        days=max((ended - begun).days + 1, 0),
        cases=cases,
        region=plan.region,
        is_everything=is_everything,
    )


def replayed(plan: Plan, first: int, last: int) -> Part:
    """Return what the plan's edition changes for the cases of a range of keys."""
    part = Part()
    for case, history in _histories(
        plan, tickets.cases(first, last, plan.period, region=plan.region)
    ):
        part.cases += 1
        part.clocks += len(history.clocks)
        found = tallying.count(
            part.tally,
            replaying.differences(history),
            region=case.region_path,
            team=case.team_id,
            month=case.opened_at.astimezone(plan.zone).strftime("%Y-%m"),
        )
        part.findings += [
            Finding(case.pk, case.number, case.region_path, difference) for difference in found
        ]
    return part


def _histories(plan: Plan, cases: Sequence[Case]) -> Iterator[tuple[Case, History]]:
    recorded = clocks.recorded([case.number for case in cases])
    pausable = [clock.pk for found in recorded.values() for clock in found if clock.pausable]
    pauses = clocks.recorded_pauses(pausable)
    for case in cases:
        found = recorded[case.number]
        yield (
            case,
            History(
                clocks=found,
                pauses=[one for clock in found for one in pauses.get(clock.pk, ())],
                grades=_granted(plan, case),
                moments=_moments(case),
                seen_at=plan.seen_at,
                over_at=case.closed_at,
            ),
        )


def _granted(plan: Plan, case: Case) -> list[tuple[datetime, Terms]]:
    """Return what the edition grants from each instant on; what changes nothing is no instant."""
    found: list[tuple[datetime, Terms]] = []
    before = None
    for since, grade in _grades(case):
        terms = plan.terms(grade)
        if before is None or terms is not found[-1][1] or not grade.limits_as(before):
            found.append((since, terms))
        before = grade
    return found


def _grades(case: Case) -> list[tuple[datetime, Grade]]:
    if not case.decisions:
        return [(case.opened_at, case.grade)]
    return grades.since_opening(case.grade, json.loads(case.decisions), opened_at=case.opened_at)


def _moments(case: Case) -> dict[str, datetime]:
    reached = {
        "ticket.opened": case.opened_at,
        "ticket.accepted": case.accepted_at,
        "ticket.assigned": case.assigned_at,
        "ticket.responded": case.responded_at,
        "ticket.resolved": case.resolved_at,
        "ticket.answered": case.answered_at,
        "evaluation.requested": case.evaluation_requested_at,
        "ticket.closed": case.closed_at,
    }
    return {name: at for name, at in reached.items() if at is not None}
