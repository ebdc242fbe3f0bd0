"""
Replay another desk's complaints through our own operations, at their own times.

The file does not say when anything was done, so no clock can be judged: the clocks of replayed
complaints are void, with that reason. What was closed there is closed here by the clause on
silence, since no complainant's word is in the file, and its case file is sealed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from rich.console import Console

from changtong.catalog import operations as catalog
from changtong.catalog import queries as regions
from changtong.cli import replay
from changtong.cli.importing import filing, sharing, wording
from changtong.cli.importing import tally as summary
from changtong.cli.importing.tally import Tally
from changtong.clocks import operations as clocks
from changtong.infra.clock import now
from changtong.infra.db import attempt, one_transaction
from changtong.intake import operations as intake
from changtong.intake.domain import complaints as file_format
from changtong.intake.domain.complaints import BadRow, Complaint
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.parties import operations as parties
from changtong.parties import queries as people
from changtong.standard import queries as standard
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import asking, opening, working


if TYPE_CHECKING:
    from changtong.parties.models import Staff, Team
    from changtong.tickets.models import Ticket

ACTOR = "system:import"
UNTIMED = "times_not_in_source"
# A complaint whose words fit no category is taken as the standard's broadest one.
BROADEST = "complaint.other"
COUNTRY = "US"
DESK = "history"


def run(file: Path, *, console: Console, workers: int) -> Tally:
    """
    Import the file, show progress and print the summary.

    :raises Refused: ``import.columns_missing``
    """
    began = time.monotonic()
    tally = Tally()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(file_format.rows(lines))
    tally.refused += [wording.bad_row(row) for row in rows if isinstance(row, BadRow)]
    complaints = [row for row in rows if isinstance(row, Complaint)]
    known = summary.known(file_format.SOURCE)
    new = [row for row in complaints if row.reference not in known]
    prepare(new, at=now())
    sharing.shared_out(new, take, into=tally, title="回放投诉", console=console, workers=workers)
    replayed = time.monotonic()
    filing.file_closed(file_format.SOURCE, into=tally, console=console, workers=workers)
    summary.print_tables(file_format.SOURCE, console)
    summary.print_refused(tally.refused, console)
    summary.print_total(
        tally,
        read=len(rows),
        known=len(complaints) - len(new),
        replay_took=replayed - began,
        filing_took=time.monotonic() - replayed,
        console=console,
    )
    return tally


def take(complaints: Sequence[Complaint]) -> Tally:
    """Replay a share of the complaints, each in a transaction of its own."""
    tally = Tally()
    desk = _desk()
    with journal.without_reactions():
        for complaint in complaints:
            try:
                with attempt(), one_transaction(), journal.gathered():
                    _replay(complaint, desk, tally)
            except (Refused, ValueError) as refused:
                tally.refused.append(wording.refusal(complaint.line, complaint.reference, refused))
            else:
                tally.opened += 1
    return tally


def _replay(row: Complaint, desk: tuple[Staff, Team], tally: Tally) -> None:
    at = row.received_at
    ticket = intake.receive(
        report=Report(
            kind="complaint",
            channel=row.channel,
            title=row.text,
            address=row.city,
            contact_name="他人代提" if row.for_someone_else else "",
            language="en",
            source=file_format.SOURCE,
            source_reference=row.reference,
        ),
        region_code=row.region_code,
        anyway=True,
        actor=ACTOR,
        at=at,
    ).ticket
    _void_clocks(ticket.number, at=at)
    if not ticket.category:
        tally.notes["unclassified"] += 1
    if ticket.state == "acknowledged":
        ticket = opening.accept(
            number=ticket.number,
            category=ticket.category or BROADEST,
            actor=desk[0].actor,
            at=at,
        )
        _void_clocks(ticket.number, at=at)
    _advance(ticket, row, desk)


def _void_clocks(number: str, *, at: datetime) -> None:
    clocks.void(subject=number, at=at, actor=ACTOR, reason=UNTIMED)


def _advance(ticket: Ticket, row: Complaint, desk: tuple[Staff, Team]) -> None:
    worker, team = desk
    number, at = ticket.number, row.received_at
    edition = standard.read(ticket.edition_id)
    working.assign(
        number=number,
        team_id=team.pk,
        assignee_id=worker.pk,
        clause=edition.assignment(kind="complaint").clause,
        actor=ACTOR,
        at=at,
        why={"replayed": True},
    )
    if row.status == "pending":
        question = "The file says that this complaint waits for the complainant."
        asking.ask(number=number, question=question, actor=worker.actor, at=at)
    if row.status != "closed":
        return
    replay.begin(number=number, actor=worker.actor, at=at)
    replay.resolve(number=number, actor=worker.actor, at=at, result="Solved in the source system.")
    _void_clocks(number, at=at)
    silent_from = at + edition.evaluation(kind="complaint").silent_consent_after
    replay.take_silence(number=number, at=silent_from)


@transaction.atomic
def prepare(complaints: Sequence[Complaint], *, at: datetime) -> None:
    """Add the regions that the complaints are from, and the desk that works on them."""
    if not complaints:
        return
    codes = set(regions.regions().values_list("code", flat=True))
    if COUNTRY not in codes:
        catalog.add_region(code=COUNTRY, name="美国", region_type="urban", actor=ACTOR, at=at)
    country = regions.region(COUNTRY)
    for code, name in sorted({row.region_code: row.state for row in complaints}.items()):
        if code not in codes:
            catalog.add_region(
                code=code, name=name, region_type="urban", parent=country, actor=ACTOR, at=at
            )
    if not people.teams().filter(code=DESK).exists():
        _staff_desk(at=at)


def _staff_desk(*, at: datetime) -> None:
    worker = parties.employ(
        username=DESK,
        number="HISTORY",
        name="历史回放",
        role="agent",
        region_code=COUNTRY,
        password=None,
        actor=ACTOR,
        at=at,
    )
    parties.form_team(
        code=DESK,
        name="历史回放组",
        region_code=COUNTRY,
        mode="desk",
        members=[worker],
        leader=worker,
        actor=ACTOR,
        at=at,
    )


def _desk() -> tuple[Staff, Team]:
    team = people.teams().get(code=DESK)
    return people.members_of(team)[0], team
