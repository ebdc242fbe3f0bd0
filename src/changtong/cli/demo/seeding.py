"""Demonstration and load data."""

from __future__ import annotations

import os
from pathlib import Path

import typer
from django.conf import settings
from django.db import transaction
from rich.console import Console

from changtong.catalog import queries as catalog
from changtong.cli.demo import articles, days, equipment, halls, macros, people, places
from changtong.cli.demo.fill import fill
from changtong.infra.clock import now


app = typer.Typer(no_args_is_help=True)
app.command()(fill)
console = Console()

CUSTOMERS = 60


@app.command()
def seed() -> None:
    """Create a small operator with a few days of work; does nothing the second time."""
    if catalog.regions().exists():
        console.print("演示数据已就绪 · demonstration data is there", style="dim")
        return
    at = now()
    with console.status("正在生成演示数据 · creating demonstration data"):
        with transaction.atomic():
            places.settle(at=at)
            passwords = people.employ(at=at)
            lines = people.subscribe(customers=CUSTOMERS, at=at)
            equipment.provide(at=at)
            articles.write(at=at)
            macros.keep()
        days.live(lines=lines, until=at)
        halls.open_(lines=lines, at=at)
    path = _written(passwords)
    console.print(f"演示账号 · demonstration accounts: {path}")


def _written(passwords: dict[str, str]) -> Path:
    path = Path(settings.HOME) / "demo-accounts.txt"
    lines = [
        f"{post.username}\t{passwords[post.username]}\t{post.role}\t{post.name}"
        for post in people.POSTS
    ]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path
