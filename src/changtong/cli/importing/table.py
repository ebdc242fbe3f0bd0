"""The plain CSV import of the console, at a terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from changtong.cli.importing import wording
from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake.domain import importing
from changtong.intake.operations import Outcome


READ_AT_ONCE = 1 << 20


def run(file: Path, *, source: str, console: Console) -> None:
    """Import a file and report by line what was wrong."""
    with file.open("rb") as raw:
        encoding = importing.encoding_of(iter(lambda: raw.read(READ_AT_ONCE), b""))
    with file.open(encoding=encoding, newline="") as lines, Progress(console=console) as shown:
        task = shown.add_task("导入", total=None)

        def on_row(outcome: Outcome) -> None:
            shown.update(task, completed=outcome.rows)

        outcome = intake.import_csv(
            lines=lines, source=source, actor="system:import", at=now(), on_row=on_row
        )
    for error in outcome.errors:
        console.print(wording.row_error(error), style="yellow", markup=False, soft_wrap=True)
    console.print(
        f"读取 {outcome.rows:,} 行：新开 {outcome.opened:,}，并入 {outcome.joined:,}，"
        f"已有 {outcome.known:,}，有误 {outcome.refused:,}。"
    )
