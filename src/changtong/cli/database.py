"""``changtong database``: the embedded PostgreSQL by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Annotated

import typer

from changtong.cli import ready
from changtong.infra import binaries, embedded
from changtong.infra.cluster import Layout


app = typer.Typer(no_args_is_help=True)


@app.command()
def start() -> None:
    """Keep the database running until Ctrl-C."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with embedded.ensure(ready.home()) as url:
        typer.echo(url)
        stopping.wait()


@app.command()
def url() -> None:
    """Print the URL of the embedded database, whether it runs or not."""
    typer.echo(Layout(ready.home()).url())


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def shell(context: typer.Context) -> None:
    """Open psql on the database; further arguments are psql's."""
    _tool("psql", *context.args)


@app.command()
def dump(
    file: Annotated[Path, typer.Argument(help="written in PostgreSQL's custom format")],
) -> None:
    """Write the whole database into a file."""
    _tool("pg_dump", "--format=custom", "--no-owner", f"--file={file}")


@app.command()
def restore(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Fill an empty database from a file that `dump` wrote."""
    _tool("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(file))


def _tool(program: str, *arguments: str) -> None:
    with ready.database():
        programs = binaries.find()
        options = [f"--dbname={os.environ['DATABASE_URL']}", *arguments]
        code = subprocess.run([programs.path(program), *options], check=False).returncode  # noqa: S603
    raise typer.Exit(code)
