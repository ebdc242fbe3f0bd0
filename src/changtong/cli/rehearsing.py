"""``changtong standard what-if``: run a draft or an edition over recorded cases, on all cores."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from changtong.analytics.operations import rehearsing as operations
from changtong.analytics.queries import rehearsals
from changtong.infra.clock import now
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import ALL_PERMISSIONS, Reach, Viewer
from changtong.standard import queries as standard
from changtong.standard.domain.rehearsing import lacking


VIEWER = Viewer(
    actor="system:command-line", reach=Reach.ALL, permissions=ALL_PERMISSIONS, staff_id=0
)
SHOWN_AT_MOST = 20
out = Console()


def what_if(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="first day of opening")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="last day of opening")],
    edition: Annotated[str, typer.Option(help="the version of a published edition")] = "",
    draft: Annotated[int, typer.Option(help="the number of a draft")] = 0,
    region: Annotated[str, typer.Option(help="only this place, a path like /41/4101/")] = "",
    processes: Annotated[int, typer.Option(min=1, help="by default one for each core")] = len(
        os.sched_getaffinity(0)
    ),
    json_file: Annotated[Path | None, typer.Option("--json", help="write the counts here")] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="write the cases here")] = None,
) -> None:
    """Show which recorded cases a draft or an edition would newly break, or save."""
    if bool(edition) == bool(draft):
        raise typer.BadParameter("--edition 与 --draft 二选一 Give --edition or --draft.")
    begun = time.monotonic()
    rehearsal = _requested(since.date(), until.date(), region, edition, draft)
    columns = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out) as progress:
        bar = progress.add_task("案件 · cases", total=None)
        done = operations.run(
            rehearsal_id=rehearsal,
            at=now(),
            ended=now,
            spread=operations.by_processes(rehearsal, processes),
            told=lambda count, every: progress.update(bar, completed=count, total=every),
        )
    took = time.monotonic() - begun
    _print(done)
    out.print(
        f"{done.cases_done:,} 件 cases, {done.clocks_done:,} 个时限 clocks, {took:.1f} s"
        f" ({done.cases_done / took:,.0f}/s), 预演 rehearsal {done.pk}"
    )
    if draft:
        _print_whether_enough(draft)
    if json_file is not None:
        json_file.write_text(json.dumps(_counts(done), ensure_ascii=False, indent=1) + "\n")
    if csv_file is not None:
        _write_cases(done, csv_file)


def _requested(since: date, until: date, region: str, edition: str, draft: int) -> int:
    row = standard.editions().filter(version=edition).first() if edition else None
    if edition and row is None:
        raise Missing("edition.unknown", edition=edition)
    # Run here and now, so that no worker need do it.
    with journal.without_reactions():
        asked = operations.request(
            since=since,
            until=until,
            region_path=region,
            viewer=VIEWER,
            at=now(),
            draft_id=draft or None,
            edition_id=row.pk if row else None,
        )
    return asked.pk


def _counts(done: Any) -> dict[str, Any]:
    return {
        "rehearsal": done.pk,
        "digest": done.digest,
        "since": done.opened_from.isoformat(),
        "until": done.opened_to.isoformat(),
        "region": done.region_path,
        "cases": dict(rehearsals.totals(done, VIEWER)),
        "clauses": rehearsals.clauses(done, VIEWER),
        "regions": rehearsals.regions(done, VIEWER),
        "teams": rehearsals.teams(done, VIEWER),
        "months": rehearsals.months(done, VIEWER),
    }


# What a terminal of eighty columns has room for; the files have everything.
_SHOWN = {
    "compared": "比较 of",
    "was_breached": "原超时 late",
    "is_breached": "将超时 now",
    "newly_breached": "新增 +",
    "saved": "避免 -",
    "added": "新设 new",
    "removed": "取消 gone",
}


def _print(done: Any) -> None:
    counts = _counts(done)
    total = {"region_path": done.region_path or "合计 total", **counts["cases"]}
    for title, rows in (
        ("案件 Cases", [total]),
        ("条款 Clauses (时限 limits)", counts["clauses"]),
        ("地区 Regions", counts["regions"]),
        ("班组 Teams", counts["teams"]),
    ):
        differing = [row for row in rows if row["differing"] or row is total]
        differing.sort(key=lambda row: row["newly_breached"] + row["saved"], reverse=True)
        table = Table("", *_SHOWN.values(), title=f"{title}: {len(differing):,}", box=None)
        for row in differing[:SHOWN_AT_MOST]:
            table.add_row(_called(row), *(f"{row[name]:,}" for name in _SHOWN))
        if differing:
            out.print(table)


# What a rehearsal may lack.
_LACKING = {"area": "全部地区 all regions", "days": "天数 days", "cases": "件数 cases"}


def _print_whether_enough(draft: int) -> None:
    found = standard.draft_by_id(draft)
    missing = lacking(standard.rehearsal_rule(at=now()), found.coverage)
    words = ", ".join(_LACKING[name] for name in missing)
    out.print(f"批准还缺 Approval lacks: {words}" if missing else "批准够用 Enough for approval")


def _called(row: dict[str, Any]) -> str:
    if "clause" in row:
        return f"{row['clause']} {row['metric']} {row['basis']}"
    return str(row.get("region_path") or row.get("team__name") or "–")


def _write_cases(done: Any, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ticket", "outcome", "metric", "basis", "clause", "due", "due_before"])
        writer.writerows(_lines(done))


def _lines(done: Any) -> Iterator[list[str]]:
    for newly in (True, False):
        for one in rehearsals.findings(done, VIEWER, newly_breached=newly).iterator():
            yield [
                one.ticket.number,
                "newly_breached" if newly else "saved",
                one.metric,
                one.basis,
                one.clause or one.recorded_clause,
                one.due_at.isoformat() if one.due_at else "",
                one.recorded_due_at.isoformat() if one.recorded_due_at else "",
            ]
