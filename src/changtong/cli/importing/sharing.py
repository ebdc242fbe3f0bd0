"""Share the rows of a file among processes, and show how far they are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, Self, TypeVar

from django.db import connections
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from changtong.infra import db


CHUNK = 25
PROCESSES_AT_MOST = 4


class Countable(Protocol):
    """What a share of the work returns: it can be added to the others'."""

    def add(self, other: Self) -> None: ...


Item = TypeVar("Item")
Result = TypeVar("Result", bound=Countable)


def processes() -> int:
    """Return how many processes are worth starting on this machine."""
    return min(PROCESSES_AT_MOST, len(os.sched_getaffinity(0)))


def shared_out(
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Result],
    *,
    into: Result,
    title: str,
    console: Console,
    workers: int,
) -> Result:
    """Do the work on all items, in chunks, each in one of several processes."""
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    # The processes are forked before the progress bar starts its thread.
    sharing = _results(work, chunks, workers=min(workers, len(chunks)))
    with sharing as results, _shown(console) as progress:
        task = progress.add_task(title, total=len(items))
        for count, result in results:
            into.add(result)
            progress.update(task, advance=count)
    return into


@contextmanager
def _results(
    work: Callable[[Sequence[Item]], Result], chunks: Sequence[Sequence[Item]], *, workers: int
) -> Iterator[Iterator[tuple[int, Result]]]:
    if workers <= 1:
        yield ((len(chunk), work(chunk)) for chunk in chunks)
        return
    # A connection must not be used on both sides of a fork.
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(workers, db.give_up_durability) as pool:
        yield pool.imap_unordered(_Counted(work), chunks)


class _Counted(Generic[Item, Result]):
    """The work together with the number of items; a class, because it must be picklable."""

    def __init__(self, work: Callable[[Sequence[Item]], Result]) -> None:
        self._work = work

    def __call__(self, chunk: Sequence[Item]) -> tuple[int, Result]:
        return len(chunk), self._work(chunk)


def _shown(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
