"""Service halls: where people take numbers and are called to a counter."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from changtong.catalog import queries as regions
from changtong.infra.clock import now
from changtong.intake.operations import queueing


app = typer.Typer(no_args_is_help=True)
console = Console()

ACTOR = "system:terminal"


@app.callback()
def hall() -> None:
    """Register service halls."""


@app.command("open")
def open_(
    code: Annotated[str, typer.Argument(help="A short code, part of the hall's addresses")],
    name: Annotated[str, typer.Option(help="What people call it")],
    region: Annotated[str, typer.Option(help="Code of the region it is in")],
    counters: Annotated[int, typer.Option(min=1, max=99, help="How many counters it has")] = 1,
) -> None:
    """Register a hall; whoever takes matters in and sees its region can then call numbers."""
    opened = queueing.open_hall(
        code=code,
        name=name,
        region=regions.region(region),
        counters=counters,
        actor=ACTOR,
        at=now(),
    )
    console.print(f"{opened.code} · {opened.name} · {opened.counters}", style="dim")
