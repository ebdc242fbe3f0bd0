"""
Replay another desk's complaints through our own operations, at their own times.

The file does not say when anything was done, so no clock can be judged: the clocks of replayed
complaints are void, with that reason. What was closed there is closed here by the clause on
silence, since no complainant's word is in the file, and its case file is sealed.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from changtong.catalog import operations as catalog
from changtong.catalog import queries as regions
from changtong.cli import replay
from changtong.clocks import operations as clocks
from changtong.infra.clock import now
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
BATCH = 100
ERRORS_SHOWN = 20


@dataclass(slots=True)
class Tally:
    """What the run did."""

    by_category: Counter[str] = field(default_factory=Counter)
    by_channel: Counter[str] = field(default_factory=Counter)
    by_state: Counter[str] = field(default_factory=Counter)
    known: int = 0
    opened: int = 0
    unclassified: int = 0
    bad: list[BadRow | str] = field(default_factory=list)
    filed: int = 0


def run(file: Path, *, console: Console) -> Tally:
    """Import the file, show progress and print the summary."""
    began = time.monotonic()
    tally = Tally()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(file_format.rows(lines))
    desk = _desk(at=now())
    with journal.without_reactions(), Progress(console=console) as shown:
        task = shown.add_task("投诉 · complaints", total=len(rows))
        for start in range(0, len(rows), BATCH):
            closed = [_take(row, desk, tally) for row in rows[start : start + BATCH]]
            numbers = [number for number in closed if number]
            tally.filed += replay.file_all(numbers, at=now())
            shown.update(task, advance=min(BATCH, len(rows) - start))
    _print(tally, len(rows), time.monotonic() - began, console)
    return tally


def _take(row: Complaint | BadRow, desk: tuple[Staff, Team], tally: Tally) -> str | None:
    """Replay one row; return the number of a ticket whose case file is to be sealed."""
    if isinstance(row, BadRow):
        tally.bad.append(row)
        return None
    try:
        with transaction.atomic():
            ticket = _replay(row, desk, tally)
    except Refused as refused:
        tally.bad.append(f"{row.line}: {refused}")
        return None
    if ticket is None:
        tally.known += 1
        return None
    tally.opened += 1
    tally.by_channel[ticket.channel] += 1
    tally.by_category[ticket.category or "-"] += 1
    tally.by_state[ticket.state] += 1
    return ticket.number if ticket.state == "closed" else None


def _replay(row: Complaint, desk: tuple[Staff, Team], tally: Tally) -> Ticket | None:
    _settle_region(row)
    received = intake.receive(
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
        at=row.received_at,
    )
    if received.known:
        return None
    ticket = received.ticket
    clocks.void(subject=ticket.number, at=row.received_at, actor=ACTOR, reason=UNTIMED)
    if not ticket.category:
        tally.unclassified += 1
    if ticket.state == "acknowledged":
        ticket = opening.accept(
            number=ticket.number,
            category=ticket.category or BROADEST,
            actor=desk[0].actor,
            at=row.received_at,
        )
    return _advance(ticket, row, desk)


def _advance(ticket: Ticket, row: Complaint, desk: tuple[Staff, Team]) -> Ticket:
    worker, team = desk
    number, at = ticket.number, row.received_at
    edition = standard.read(ticket.edition_id)
    ticket = working.assign(
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
        return asking.ask(number=number, question=question, actor=worker.actor, at=at).ticket
    if row.status == "open":
        return ticket
    replay.begin(number=number, actor=worker.actor, at=at)
    replay.resolve(number=number, actor=worker.actor, at=at, result="Solved in the source system.")
    silent_from = at + edition.evaluation(kind="complaint").silent_consent_after
    return replay.take_silence(number=number, at=silent_from)


def _settle_region(row: Complaint) -> None:
    known = regions.regions().filter(code__in=("US", row.region_code))
    codes = set(known.values_list("code", flat=True))
    if "US" not in codes:
        catalog.add_region(
            code="US", name="美国", region_type="urban", actor=ACTOR, at=row.received_at
        )
    if row.region_code not in codes:
        catalog.add_region(
            code=row.region_code,
            name=row.state,
            region_type="urban",
            parent=regions.region("US"),
            actor=ACTOR,
            at=row.received_at,
        )


def _desk(*, at: datetime) -> tuple[Staff, Team]:
    """Return the desk that replayed work is done by, made on first use."""
    team = people.teams().filter(code="history").first()
    if team is not None:
        return people.members_of(team)[0], team
    if not regions.regions().filter(code="US").exists():
        catalog.add_region(code="US", name="美国", region_type="urban", actor=ACTOR, at=at)
    worker = parties.employ(
        username="history",
        number="HISTORY",
        name="历史回放",
        role="agent",
        region_code="US",
        password=None,
        actor=ACTOR,
        at=at,
    )
    team = parties.form_team(
        code="history",
        name="历史回放组",
        region_code="US",
        mode="desk",
        members=[worker],
        leader=worker,
        actor=ACTOR,
        at=at,
    )
    return worker, team


def _print(tally: Tally, rows: int, seconds: float, console: Console) -> None:
    for title, counts in (
        ("分类 · category", tally.by_category),
        ("渠道 · channel", tally.by_channel),
        ("状态 · state", tally.by_state),
    ):
        table = Table(title, "件 · tickets", title_justify="left")
        for name, count in counts.most_common():
            table.add_row(name, str(count))
        console.print(table)
    console.print(f"时限 · clocks: {tally.opened} 件作废 void ({UNTIMED})")
    for bad in tally.bad[:ERRORS_SHOWN]:
        text = bad if isinstance(bad, str) else f"{bad.line}: {bad.column} = {bad.value!r}"
        console.print(f"第 · line {text}", style="yellow")
    rate = rows / seconds if seconds else 0.0
    console.print(
        f"读取 {rows} 新开 {tally.opened} 已有 {tally.known} 坏行 {len(tally.bad)}"
        f" 无分类 {tally.unclassified} 归档 {tally.filed}"
        f" · {timedelta(seconds=round(seconds))} · {rate:.0f} 行/秒"
    )
