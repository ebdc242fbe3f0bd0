"""Seal the case files of tickets that a replay has closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from changtong.archive import operations as archive
from changtong.archive import queries as records
from changtong.cli import replay
from changtong.cli.importing import sharing
from changtong.cli.importing.tally import Tally
from changtong.infra.clock import now
from changtong.journal import operations as journal


SEALINGS_AT_MOST = 1_000
EVER = datetime.min.replace(tzinfo=UTC)


def file_closed(source: str, *, into: Tally, console: Console, workers: int) -> None:
    """File every closed ticket of a source that has no case file yet, also of earlier runs."""
    unfiled = records.unfiled(finished_since=EVER).filter(source=source).order_by("pk")
    numbers = list(unfiled.values_list("number", flat=True))
    if not numbers:
        return
    # Everything is sealed first: the proof of a case file needs whole batches of the journal.
    for _ in range(SEALINGS_AT_MOST):
        if not journal.seal_pending(at=now()):
            break
    sharing.shared_out(numbers, _file, into=into, title="归档", console=console, workers=workers)
    journal.seal_pending(at=now())


def _file(numbers: Sequence[str]) -> Tally:
    tally = Tally()
    with journal.without_reactions():
        for number in numbers:
            try:
                archive.file_case(number=number, actor=replay.SYSTEM, at=now())
            except archive.TooEarly:
                # A slow writer held the journal; the archive's own sweep tries again.
                tally.notes["unsealed"] += 1
            else:
                tally.filed += 1
    return tally
