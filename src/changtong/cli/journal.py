"""``changtong journal``: seal, verify and read what happened."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from changtong.archive import operations as archive
from changtong.infra.clock import now
from changtong.journal import operations, queries


app = typer.Typer(no_args_is_help=True)
out = Console()

ACTOR = "system:command-line"

REASONS = {
    "batch_changed": "批次被改动 a batch was changed",
    "entries_removed": "已公布的记录不见了 published entries are gone",
    "entry_changed": "被改动，或前一条被删除 it was changed, or the one before removed",
    "entry_missing": "记录缺失 the entry is missing",
    "entry_outside_batches": "记录不属于任何批次 the entry belongs to no batch",
    "entry_unsealed": "记录没有封印，是后来插入的 the entry has no seal: it was put in later",
    "published_seal_differs": "与公布的封印不符 differs from the published seal",
    "seal_not_published": "封印没有公布，或公布文件丢失 the seal is not in the published file",
}


@app.command()
def verify() -> None:
    """Recompute every seal and name the first bad entry."""
    started = time.monotonic()
    with out.status("校验流水 Verifying the journal"):
        verdict = archive.verify_journal(actor=ACTOR, at=now())
    seconds = time.monotonic() - started
    out.print(f"{verdict.entries:,} 条 entries · {verdict.batches:,} 批 batches · {seconds:.1f} s")
    if verdict.sound:
        out.print(f"[green]✓ 完好 sound[/]，末个封印 last seal {verdict.last_seal}")
        return
    reason = REASONS.get(verdict.reason, verdict.reason)
    out.print(f"[bold red]✗ 第 {verdict.first_bad_entry} 条有问题[/]：{reason}")
    out.print(f"  The first bad entry is {verdict.first_bad_entry}.")
    raise typer.Exit(1)


@app.command()
def seal() -> None:
    """Seal what is not sealed yet and publish the seals."""
    sealed = operations.seal_pending(at=now())
    out.print(f"[green]✓[/] 已封印 {sealed:,} 条 {sealed:,} entries sealed")


@app.command()
def show(
    subject: Annotated[str, typer.Argument(help="e.g. the number of a ticket")],
) -> None:
    """Show what happened to a subject, oldest first."""
    entries = list(queries.timeline(subject))
    if not entries:
        out.print(f"没有 {escape(subject)} 的记录 There is no entry about it.")
        raise typer.Exit(1)
    table = Table("#", "时间 time", "事件 tag", "谁 actor", "内容 facts", "封印 seal", box=None)
    for entry in entries:
        table.add_row(
            str(entry.pk),
            f"{entry.happened_at.astimezone():%Y-%m-%d %H:%M:%S}",
            escape(entry.tag),
            escape(entry.actor),
            escape(json.dumps(entry.facts, ensure_ascii=False)),
            entry.seal[:8] if entry.seal else "–",
        )
    out.print(table)
