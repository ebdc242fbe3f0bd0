"""The commands; what they do is in the module of each kind of file."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from changtong.cli.importing import complaints, table


app = typer.Typer(no_args_is_help=True)
console = Console()

FILE = typer.Argument(exists=True, dir_okay=False, readable=True, help="The file")


@app.command("csv")
def csv_(
    file: Path = FILE, source: str = typer.Option(..., help="The sender's short name")
) -> None:
    """Receive every row of a CSV file as a report."""
    table.run(file, source=source, console=console)


@app.command("complaints")
def complaints_(file: Path = FILE) -> None:
    """Take over complaints and replay those that were closed to their case files."""
    complaints.run(file, console=console)
