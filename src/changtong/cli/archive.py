"""``changtong archive``: read, verify and hand out sealed case files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from changtong.archive import operations, queries
from changtong.infra.clock import now
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing


if TYPE_CHECKING:
    from changtong.archive.models import Record


app = typer.Typer(no_args_is_help=True)
out = Console()

ACTOR = "system:command-line"

WHATS = {
    "another_number": "是另一案的档案 is the file of another case",
    "batch_changed": "批次被改动 the batch was changed",
    "chain_broken": "批次链条中断 the chain of batches is broken",
    "content_changed": "内容被改动 the content was changed",
    "entries_missing": "流水记录条数不符 has another number of entries",
    "entry_changed": "流水记录被改动 the entry was changed",
    "entry_not_in_batch": "流水记录不在其批次中 the entry is not in its batch",
    "file_missing": "文件缺失 the file is missing",
    "file_not_listed": "文件不在清单中 the file is not listed",
    "file_repeated": "文件出现两次 the file is there twice",
    "journal_differs": "与系统流水不符 differs from the journal",
    "manifest_changed": "清单被改动 the manifest was changed",
    "package_changed": "档案包被改动 the package was changed",
    "package_malformed": "此处起档案包被改动 from here on the package was changed",
    "package_missing": "档案包不见了 the package is missing",
    "published_seal_differs": "与公布的封印不符 differs from the published seal",
    "record_changed": "档案登记与流水不符 the record differs from the journal",
}


@app.command()
def verify(
    number: Annotated[str, typer.Argument(help="the ticket's number")] = "",
    every: Annotated[bool, typer.Option("--all", help="verify every case file")] = False,
) -> None:
    """Check case files against journal and published seals; name what was changed."""
    if bool(number) == every:
        raise typer.BadParameter("档案编号或 --all，二选一 Give a number or --all.")
    if every:
        with out.status("校验档案 Verifying"):
            outcome = operations.verify_all(actor=ACTOR, at=now())
        unsound = outcome.unsound
        out.print(f"{outcome.checked:,} 份档案 case files, {len(unsound):,} 份不可信 unsound")
    else:
        checked = operations.verify(number=number, actor=ACTOR, at=now())
        unsound = () if checked.sound else (checked,)
    for one in unsound:
        _show_findings(one)
    if unsound:
        raise typer.Exit(1)
    out.print("[green]✓ 完好 sound[/]")


def _show_findings(checked: operations.Checked) -> None:
    out.print(f"[bold red]✗ {escape(checked.number)}[/]")
    for finding in checked.findings:
        what = WHATS.get(finding.what, finding.what)
        out.print(f"  {escape(finding.where)}：{escape(what)}", soft_wrap=True)


@app.command()
def show(number: Annotated[str, typer.Argument(help="the ticket's number")]) -> None:
    """Show what is filed about a case."""
    record = _record(number)
    table = Table(show_header=False, box=None)
    for name, value in (
        ("编号 number", record.number),
        ("档案包 package", str(queries.package_of(record))),
        ("SHA-256", record.sha256),
        ("大小 size", f"{record.size_bytes:,} B"),
        ("流水记录 entries", str(record.entries)),
        ("封存 sealed", f"{record.sealed_at.astimezone():%Y-%m-%d %H:%M:%S}"),
        (
            "封存后流水 entries since",
            f"{len(queries.following(record)):,} 条，不在档案包内 not in it",
        ),
        ("保存期限 retention", f"{record.retention_class}（条款 clause {record.clause}）"),
        ("保存至 retain until", str(record.retain_until or "永久 forever")),
    ):
        table.add_row(name, escape(value))
    out.print(table)


@app.command()
def export(
    number: Annotated[str, typer.Argument(help="the ticket's number")],
    folder: Annotated[Path, typer.Argument(file_okay=False)] = Path(),
) -> None:
    """Copy a case file and its receipt, for whoever must verify them elsewhere."""
    record = _record(number)
    journal.seal_pending(at=now())
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / f"{record.number}.zip"
    shutil.copyfile(queries.package_of(record), package)
    out.print(f"[green]✓[/] {package}", soft_wrap=True)
    receipt = queries.receipt(record)
    if receipt is None:
        out.print("[yellow]回执尚未封印，请稍后再试 The receipt is not sealed yet.[/]")
        raise typer.Exit(1)
    proof = folder / f"{record.number}.receipt.json"
    proof.write_text(json.dumps(receipt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    out.print(f"[green]✓[/] {proof}", soft_wrap=True)
    out.print(
        f"  python3 verify_case_file.py {package} --seals seals.log --receipt {proof}",
        soft_wrap=True,
    )


def _record(number: str) -> Record:
    record = queries.record_of(number)
    if record is None:
        raise Missing("record.unknown", number=number)
    return record
