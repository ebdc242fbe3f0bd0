"""
Replay a service desk's log through our own operations, every event at its own time.

Clocks run as if the desk had worked under our standard, so that what would have become of its
promises can be set beside what the log says of its own.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from rich.console import Console

from changtong.archive.queries import ARCHIVIST
from changtong.catalog import operations as catalog
from changtong.catalog import queries as regions
from changtong.cli import replay
from changtong.cli.importing import comparing, filing, sharing, wording
from changtong.cli.importing import tally as summary
from changtong.cli.importing.tally import Tally
from changtong.clocks import operations as clocks
from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake.domain import incidents as log
from changtong.intake.domain.incidents import Incident, Owner, Step
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.parties import operations as parties
from changtong.parties import queries as people
from changtong.standard import queries as standard
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import closing, opening, pausing, working


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition

ACTOR = "system:import"
SILENCE = "system:silence"
KIND = "fault"
# The log's categories are numbers; nothing tells which of the standard's they would be.
CATEGORY = "fault.cloud.performance"
FAMILY = "cloud"
CAUSE, FIX = "platform", "restarted"
PLACE = "LOG"
DESK = "log-desk"
RESPONSE = "first_response"
PROGRESS = "progress"
CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Crew:
    """Whom the log's names stand for."""

    teams: dict[str, int]
    staff: dict[str, int]

    def of(self, owner: Owner) -> tuple[int, int | None]:
        """Return team and person; the desk, where the log does not say."""
        if not owner:
            return self.teams[DESK], self.staff[DESK]
        return self.teams[code(owner.group) if owner.group else DESK], (
            self.staff[code(owner.person)] if owner.person else None
        )


def code(name: str) -> str:
    """Return the code under which one of the log's groups or people is known here."""
    return "log-" + hashlib.sha256(name.encode()).hexdigest()[:12]


def run(
    file: Path, *, console: Console, workers: int, archive: bool, at_most: int | None = None
) -> Tally:
    """
    Import the log, show progress, and print summary and comparison.

    :param at_most: replay only so many incidents of those that are new
    :raises Refused: ``import.columns_missing``
    """
    began = time.monotonic()
    tally = Tally()
    with _opened(file) as lines:
        incidents, bad = log.read(lines)
    tally.refused += map(wording.bad_row, bad)
    known = summary.known(log.SOURCE)
    new = [one for one in incidents if one.number not in known][:at_most]
    prepare(new, at=now())
    sharing.shared_out(new, take, into=tally, title="回放事件单", console=console, workers=workers)
    replayed = time.monotonic()
    if archive:
        filing.file_closed(log.SOURCE, into=tally, console=console, workers=workers)
    filed = time.monotonic()
    summary.print_tables(log.SOURCE, console)
    comparing.print_comparison(incidents, console)
    summary.print_refused(tally.refused, console)
    summary.print_total(
        tally,
        read=len(incidents),
        known=len(known),
        replay_took=replayed - began,
        filing_took=filed - replayed,
        console=console,
    )
    return tally


def _opened(file: Path) -> io.TextIOBase:
    if file.suffix == ".xz":
        return io.TextIOWrapper(lzma.open(file), encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def take(incidents: Sequence[Incident]) -> Tally:
    """Replay a share of the incidents, each in a transaction of its own."""
    tally = Tally()
    crew = _crew()
    edition_id = standard.edition_in_force(at=incidents[0].opened_at).pk
    with journal.without_reactions():
        for incident in incidents:
            history = _Replay(incident, crew, edition_id)
            try:
                with journal.as_one():
                    history.run()
            except (Refused, ValueError) as refused:
                line = incident.events[0].line
                tally.refused.append(wording.refusal(line, incident.number, refused))
            else:
                tally.opened += 1
                tally.notes["events"] += len(incident.events)
                tally.notes["pauses_used_up"] += history.used_up
    return tally


class _Replay:
    """One incident, lived through again."""

    def __init__(self, incident: Incident, crew: Crew, edition_id: int) -> None:
        self._incident = incident
        self._crew = crew
        self._edition_id = edition_id
        self._edition: Edition = standard.read(edition_id)
        self._number = ""
        self._resolved_at = incident.opened_at
        self._person = crew.staff[DESK]
        self._waits = False
        self.used_up = 0

    @property
    def _actor(self) -> str:
        return f"staff:{self._person}"

    def run(self) -> None:
        for step in log.steps(self._incident):
            getattr(self, f"_{step.what}")(step)

    def _open(self, step: Step) -> None:
        incident = self._incident
        assert step.grade is not None  # noqa: S101 - for the type checker
        self._number = intake.receive(
            report=Report(
                kind=KIND,
                channel=incident.channel,
                title=incident.title,
                description=incident.description,
                contact_name=incident.caller,
                family=FAMILY,
                category=CATEGORY,
                impact=step.grade.impact,
                urgency=step.grade.urgency,
                language="en",
                source=log.SOURCE,
                source_reference=incident.number,
            ),
            region_code=PLACE,
            anyway=True,
            edition_id=self._edition_id,
            actor=ACTOR,
            at=step.at,
        ).ticket.number
        self._void_response(step.at)

    def _void_response(self, at: datetime) -> None:
        # The log holds no word to the caller, so nobody can say when the first one was.
        self._void([RESPONSE, PROGRESS], at)

    def _void(self, metrics: list[str], at: datetime) -> None:
        clocks.void(
            subject=self._number,
            metrics=metrics,
            at=at,
            actor=ACTOR,
            reason="times_not_in_source",
        )

    def _accept(self, step: Step) -> None:
        opening.accept(number=self._number, category=CATEGORY, actor=self._actor, at=step.at)
        self._void([PROGRESS], step.at)

    def _regrade(self, step: Step) -> None:
        assert step.grade is not None  # noqa: S101 - for the type checker
        opening.reclassify(
            number=self._number,
            category=CATEGORY,
            impact=step.grade.impact,
            urgency=step.grade.urgency,
            reason="regraded in the source",
            actor=self._actor,
            at=step.at,
        )
        self._void_response(step.at)

    def _assign(self, step: Step) -> None:
        team, person = self._crew.of(step.owner)
        self._person = person or self._crew.staff[DESK]
        working.assign(
            number=self._number,
            team_id=team,
            assignee_id=person,
            clause=self._edition.assignment(kind=KIND).clause,
            actor=ACTOR,
            at=step.at,
            why={"replayed": True},
        )

    def _start(self, step: Step) -> None:
        working.start(number=self._number, actor=self._actor, at=step.at)

    def _pause(self, step: Step) -> None:
        try:
            with replay.part():
                pausing.pause(
                    number=self._number,
                    reason=step.reason,
                    note="",
                    actor=self._actor,
                    at=step.at,
                )
        except Refused as refused:
            if refused.code != "clock.pause_used_up":
                raise
            # They waited on; our promise does not.
            self.used_up += 1
        else:
            self._waits = True

    def _resume(self, step: Step) -> None:
        if self._waits:
            pausing.resume(number=self._number, actor=self._actor, at=step.at)
            self._waits = False

    def _resolve(self, step: Step) -> None:
        number, at = self._number, step.at
        closing.resolve(
            number=number,
            cause=CAUSE,
            fix=FIX,
            result=f"Resolved in the source system ({self._incident.closed_code or 'no code'}).",
            advice="",
            retest_passed=True,
            actor=self._actor,
            at=at,
        )
        closing.tell(number=number, actor=ACTOR, at=at)
        closing.request_evaluation(number=number, actor=ACTOR, at=at)
        self._resolved_at = at

    def _reopen(self, step: Step) -> None:
        closing.refuse(
            number=self._number, reason="Reopened in the source.", actor=ACTOR, at=step.at
        )

    def _close(self, step: Step) -> None:
        rule = self._edition.evaluation(kind=KIND)
        silent_from = self._resolved_at + rule.silent_consent_after
        if step.at >= silent_from:
            closing.confirm(number=self._number, actor=SILENCE, at=silent_from, clause=rule.clause)
            because = "silent_consent"
        else:
            closing.confirm(number=self._number, actor=ACTOR, at=step.at)
            because = "confirmed"
        closing.close(number=self._number, actor=ACTOR, at=step.at, because=because)
        self._void([CALLBACK], step.at)


# -----------------------------------------------------------------------------------------
# People
# -----------------------------------------------------------------------------------------


@transaction.atomic
def prepare(incidents: Sequence[Incident], *, at: datetime) -> None:
    """Add the people and groups whom the log names, and the desk that had what nobody had."""
    if not incidents:
        return
    if not regions.regions().filter(code=PLACE).exists():
        catalog.add_region(code=PLACE, name="日志来源", region_type="urban", actor=ACTOR, at=at)
    owners = {event.owner for one in incidents for event in one.events}
    crew = _crew()
    for name in sorted({DESK} | {owner.person for owner in owners if owner.person}):
        if _named(name) not in crew.staff:
            _employ(name, at=at)
    for name in sorted({DESK} | {owner.group for owner in owners if owner.group}):
        if _named(name) not in crew.teams:
            parties.form_team(
                code=_named(name),
                name=name,
                region_code=PLACE,
                mode="remote",
                members=[],
                leader=None,
                actor=ACTOR,
                at=at,
            )


def _named(name: str) -> str:
    return name if name == DESK else code(name)


def _employ(name: str, *, at: datetime) -> None:
    parties.employ(
        username=_named(name),
        number=_named(name),
        name=name,
        role="agent",
        region_code=PLACE,
        password=None,
        actor=ACTOR,
        at=at,
    )


def _crew() -> Crew:
    teams = people.teams().filter(code__startswith="log-").values_list("code", "pk")
    employed = people.staff_visible_to(ARCHIVIST).filter(username__startswith="log-")
    staff = employed.values_list("username", "pk")
    return Crew(dict(teams), dict(staff))
