"""
The face for people at a terminal: one module per noun.

A noun's module is imported only when its command is called, after Django has been set up, so
that it may import operations and queries at its top like any other module.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
from contextlib import ExitStack

import typer

from changtong.cli import database, ready, run
from changtong.infra.binaries import NoBinaries
from changtong.infra.cluster import Unusable
from changtong.infra.processes import ProgramFailed
from changtong.kernel.errors import Refused


# The word a person types, the module that answers, and what it is about.
NOUNS = {
    "standard": ("standard", "Check, compare and publish editions of the service standard."),
    "journal": ("journal", "Seal and verify the journal."),
    "archive": ("archive", "Verify sealed case files."),
    "search": ("search", "Make what search knows again."),
    "staff": ("staff", "Give accounts to staff."),
    "token": ("token", "Issue and withdraw tokens for the API."),
    "demo": ("demo", "Create demonstration and load data."),
    "inbox": ("inbox", "Take what comes by e-mail."),
    "hall": ("hall", "Register service halls."),
    "import": ("importing", "Import cases from files."),
}


def main() -> None:
    """Run the command named on the command line."""
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "INFO"), format="%(message)s", stream=sys.stderr
    )
    try:
        with ExitStack() as resources:
            _application(resources)()
    except (Unusable, NoBinaries, ProgramFailed, Refused, PermissionError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise SystemExit(1) from error


def _application(resources: ExitStack) -> typer.Typer:
    app = typer.Typer(
        name="changtong",
        help="畅通: telecom customer service and fault handling by the service standard.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    run.register(app)
    app.add_typer(database.app, name="database", help="Use and keep the embedded database.")
    wanted = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    for noun, (module, about) in NOUNS.items():
        path = f"{__name__}.{module}"
        if importlib.util.find_spec(path) is None:
            continue
        if noun == wanted:
            resources.enter_context(ready.django())
            app.add_typer(importlib.import_module(path).app, name=noun, help=about)
        else:
            app.add_typer(typer.Typer(callback=_unused), name=noun, help=about)
    return app


def _unused() -> None:
    """Stand for a noun that was not called, in the list of commands."""
