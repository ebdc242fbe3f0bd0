"""``changtong standard migrate``: put unfinished cases under another edition, its effect first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from changtong.cli.rehearsing import VIEWER
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.operations import migrating


if TYPE_CHECKING:
    from changtong.tickets.operations.migrating import Moved


SHOWN_AT_MOST = 20
BATCH = 500
out = Console()


def migrate(
    edition: Annotated[str, typer.Option(help="the version to move to")],
    because: Annotated[str, typer.Option(help="the reason, kept with each case")] = "",
    region: Annotated[str, typer.Option(help="only this place, a path like /41/4101/")] = "",
    at_most: Annotated[int, typer.Option(min=1, help="how many cases at once")] = 10_000,
    do: Annotated[
        bool, typer.Option("--do", help="move them; without it nothing changes")
    ] = False,
) -> None:
    """Show what moving unfinished cases to an edition changes; with --do, move them."""
    row = standard.editions().filter(version=edition).first()
    if row is None:
        raise Missing("edition.unknown", edition=edition)
    rows = tickets.under_other_editions(VIEWER, row.pk, region=region)
    numbers = list(rows.values_list("number", flat=True)[:at_most])
    if not do:
        _show(numbers, row.pk)
        return
    refused: Counter[str] = Counter()
    for number in track(numbers, description="转入 · moving", console=out):
        # Each case by itself: what is interrupted can be run again, and goes on with the rest.
        try:
            migrating.migrate(
                number=number, edition_id=row.pk, reason=because, actor=VIEWER.actor, at=now()
            )
        except Refused as refusal:
            if refusal.code == "migration.unreasoned":
                raise
            refused[refusal.code] += 1
    out.print(f"{len(numbers) - refused.total():,} 件已转入 cases moved, 版次 edition {edition}")
    for code, count in refused.items():
        out.print(f"[yellow]{count:,} 件未转入 not moved: {code}[/]")


def _show(numbers: list[str], edition_id: int) -> None:
    counts: Counter[str] = Counter()
    examples: list[tuple[str, Moved]] = []
    at = now()
    for start in range(0, len(numbers), BATCH):
        for ticket in tickets.by_numbers(VIEWER, numbers[start : start + BATCH]):
            try:
                moved = migrating.effect(ticket, edition_id=edition_id, at=at)
            except Refused as refusal:
                counts[refusal.code] += 1
                continue
            counts.update(one.how for one in moved)
            counts["broken"] += sum(one.is_broken for one in moved)
            examples += [(ticket.number, one) for one in moved if one.before != one.after]
    table = Table("工单 case", "时限 limit", "条款 clause", "现 before", "将 after", "", box=None)
    examples.sort(key=lambda each: not each[1].is_broken)
    for number, one in examples[:SHOWN_AT_MOST]:
        table.add_row(
            number,
            f"{one.metric} {one.basis}",
            one.clause,
            _moment(one.before),
            _moment(one.after),
            "[red]即超时 broken[/]" if one.is_broken else "",
        )
    out.print(table)
    out.print(
        f"{len(numbers):,} 件在办 unfinished; 提前 earlier {counts['earlier']:,}, 推后 later"
        f" {counts['later']:,}, 新设 added {counts['added']:,},"
        f" 取消 removed {counts['removed']:,}, 即超时 broken at once {counts['broken']:,}"
    )
    out.print("没有改动任何案件；加 --do 与 --because 执行 Nothing was changed; add --do.")


def _moment(at: Any) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else "–"
