"""Staff accounts: the first one, before anybody can log in."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
from rich.console import Console

from changtong.catalog import operations as catalog
from changtong.catalog import queries as regions
from changtong.infra.clock import now
from changtong.parties import operations as parties
from changtong.parties.domain.roles import Role


app = typer.Typer(no_args_is_help=True)
console = Console()

ACTOR = "system:terminal"
PASSWORD_BYTES = 12


@app.callback()
def staff() -> None:
    """Give accounts to staff."""


@app.command()
def add(
    username: Annotated[str, typer.Argument(help="The name to log in with")],
    name: Annotated[str, typer.Option(help="The person's name")],
    number: Annotated[str, typer.Option(help="The staff number")],
    role: Annotated[Role, typer.Option(help="What the person does")] = Role.ADMINISTRATOR,
    region: Annotated[str, typer.Option(help="Code of the region they work in")] = "00",
    region_name: Annotated[
        str, typer.Option(help="Its name; creates the region if it does not exist")
    ] = "",
) -> None:
    """Create an account with a random password, which is shown once."""
    at = now()
    if region_name and not regions.regions().filter(code=region).exists():
        catalog.add_region(code=region, name=region_name, region_type="urban", actor=ACTOR, at=at)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    parties.employ(
        username=username,
        number=number,
        name=name,
        role=role,
        region_code=region,
        password=password,
        actor=ACTOR,
        at=at,
    )
    console.print(f"{username} · {name} · {role.value}", style="dim")
    typer.echo(password)
