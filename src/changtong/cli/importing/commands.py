"""The commands; what they do is in the module of each kind of file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from django.conf import settings
from rich.console import Console

from changtong.cli.importing import complaints, incidents, sharing, table
from changtong.cli.standard import publish_shipped
from changtong.infra import embedded
from changtong.infra.cluster import Unusable


app = typer.Typer(no_args_is_help=True)
console = Console()

WORKERS = typer.Option(sharing.processes(), min=1, help="Processes to share the work")
FILE = typer.Argument(exists=True, dir_okay=False, readable=True, help="The file")


@app.command("csv")
def csv_(
    file: Path = FILE, source: str = typer.Option(..., help="The sender's short name")
) -> None:
    """Receive every row of a CSV file as a report."""
    table.run(file, source=source, console=console)


@app.command("complaints")
def complaints_(file: Path = FILE, workers: int = WORKERS) -> None:
    """Take over complaints and replay those that were closed to their case files."""
    with _alone():
        publish_shipped()
        complaints.run(file, console=console, workers=workers)


@app.command("incidents")
def incidents_(
    file: Path = FILE,
    workers: int = WORKERS,
    archive: bool = typer.Option(True, help="Seal the case files of what was closed"),
    at_most: int | None = typer.Option(None, min=1, help="Replay only so many new incidents"),
) -> None:
    """Replay a service desk's log event by event and compare what became of the clocks."""
    with _alone():
        publish_shipped()
        incidents.run(file, console=console, workers=workers, archive=archive, at_most=at_most)


@contextmanager
def _alone() -> Iterator[None]:
    """
    Replay history in one command at a time; two would take over the same cases.

    :raises Unusable: while another one runs
    """
    with embedded.Lock(Path(settings.HOME) / "import.lock") as lock:
        if not lock.take():
            raise Unusable(f"Another import runs (process {lock.owner()}). Wait until it is done.")
        yield
