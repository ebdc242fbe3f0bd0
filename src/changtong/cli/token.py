"""Tokens for programs."""

from __future__ import annotations

from datetime import timedelta

import typer
from rich.console import Console

from changtong.infra.clock import now
from changtong.parties import operations, queries
from changtong.parties.domain.roles import PERMISSIONS, Role


app = typer.Typer(no_args_is_help=True)
console = Console()


@app.command()
def issue(
    username: str = typer.Argument(help="The account that the program acts for"),
    name: str = typer.Option("api", help="What the token is for"),
    scope: list[str] = typer.Option([], help="Permissions; by default all that the role has"),
    days: int = typer.Option(90, min=1, max=730, help="For how many days it is valid"),
) -> None:
    """Issue a token; it is shown once."""
    person = queries.staff_by_username(username)
    at = now()
    scopes = scope or sorted(PERMISSIONS[Role(person.role)])
    token, secret = operations.issue_token(
        staff=person,
        name=name,
        scopes=scopes,
        valid_for=timedelta(days=days),
        actor="system:terminal",
        at=at,
    )
    console.print(f"令牌 {token.pk} · {person.name} · {', '.join(token.scopes)}", style="dim")
    typer.echo(secret)


@app.command()
def revoke(token: int = typer.Argument(help="The token's number")) -> None:
    """Make a token useless at once."""
    operations.revoke_token(token_id=token, actor="system:terminal", at=now())
    console.print(f"令牌 {token} 已作废 · revoked")
