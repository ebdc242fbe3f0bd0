"""``changtong search``: make what search knows again, on all cores."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from django.db import connections
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from changtong.infra import db
from changtong.infra.clock import now
from changtong.search import operations
from changtong.search.queries import rebuilding
from changtong.search.queries.rebuilding import Part


FORK = multiprocessing.get_context("fork")
CORES = len(os.sched_getaffinity(0))
LABELS = {
    "ticket": "工单 cases",
    "customer": "客户 customers",
    "article": "知识 articles",
    "line": "号码 lines",
}
app = typer.Typer(no_args_is_help=True)
console = Console()


@app.callback()
def search() -> None:
    """Keep what search knows."""


@app.command()
def rebuild(
    afresh: Annotated[
        bool, typer.Option(help="begin anew, even if an earlier run was interrupted")
    ] = False,
    processes: Annotated[int, typer.Option(min=1, help="by default one for each core")] = CORES,
) -> None:
    """
    Make everything that can be found again from what it stands for.

    The system may run meanwhile. Interrupted, the next run goes on where this one was.
    """
    begun = time.monotonic()
    operations.begin_rebuilding(at=now(), afresh=afresh)
    made = rebuilt(processes=processes)
    took = time.monotonic() - begun
    console.print(f"{made:,} 份 documents, {took:.0f} s ({made / max(took, 0.001):,.0f}/s)")


def rebuilt(*, processes: int = CORES, after: dict[str, int] | None = None) -> int:
    """Make again what is left of a rebuilding, or all beyond some keys; return how many."""
    if after is not None:
        operations.begin_rebuilding(at=now(), afresh=False, after=after)
    left = rebuilding.left()
    # Building an index at once takes a fraction of the time that keeping it takes.
    if rebuilding.mostly_new(left):
        operations.drop_indexes()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    made = 0
    with Progress(*columns, console=console) as progress:
        for kind, (done_to, count) in left.items():
            bar = progress.add_task(LABELS.get(kind, kind), total=count)
            for part, written in _made(kind, done_to, processes):
                operations.note_rebuilt(kind=kind, to=part.keys[-1])
                progress.advance(bar, len(part.keys))
                made += written
    with console.status("索引 index"):
        operations.restore_indexes()
    operations.end_rebuilding()
    return made


def _made(kind: str, done_to: int, processes: int) -> Iterator[tuple[Part, int]]:
    parts = rebuilding.parts(kind, after=done_to, at_most=operations.AT_ONCE)
    if processes == 1:
        db.give_up_durability()
        yield from map(_make, parts)
        return
    # The processes that are about to be made must not share our connection.
    every = list(parts)
    connections.close_all()
    with FORK.Pool(processes, initializer=db.give_up_durability) as pool:
        yield from pool.imap(_make, every)


def _make(part: Part) -> tuple[Part, int]:
    return part, operations.rebuild(kind=part.kind, after=part.after, keys=part.keys)
