"""``changtong standard handbook``: an edition or a draft as a book."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args

import typer
from django.utils import timezone
from rich.console import Console

from changtong.catalog import queries as catalog
from changtong.handbook import queries
from changtong.handbook.domain.book import Lang
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard


class Format(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"


MEASURED_OVER = timedelta(days=90)
DAYS = ["%Y-%m-%d"]
DRAFT = "draft:"
out = Console()


def handbook(
    edition: Annotated[str, typer.Argument(help="a version like 1.0.0, or a draft: draft:7")],
    form: Annotated[Format, typer.Option("--format")] = Format.PDF,
    lang: Annotated[str, typer.Option(help="zh, en or both")] = "zh",
    since: Annotated[
        datetime | None, typer.Option(formats=DAYS, help="first day measured; 90 days ago")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=DAYS, help="last day measured; today")
    ] = None,
    region: Annotated[str, typer.Option(help="the code of the place measured; everywhere")] = "",
    file: Annotated[Path | None, typer.Option("-o", "--output")] = None,
) -> None:
    """Write the handbook of an edition or a draft as PDF, DOCX or HTML."""
    language: Lang | None = next((one for one in get_args(Lang) if one == lang), None)
    if language is None:
        raise typer.BadParameter("--lang: zh, en, both")
    last = until.date() if until else timezone.localdate(now())
    first = since.date() if since else last - MEASURED_OVER
    if first > last:
        raise typer.BadParameter("--since > --until")
    place = catalog.region(region).path if region else ""
    begun = time.monotonic()
    if edition.startswith(DRAFT) and edition.removeprefix(DRAFT).isdigit():
        draft = standard.draft_by_id(int(edition.removeprefix(DRAFT)))
        book = queries.of_draft(draft, lang=language, since=first, until=last, region=place)
    else:
        row = standard.editions().filter(version=edition).first()
        if row is None:
            raise Missing("edition.unknown", edition=edition)
        book = queries.of_edition(row, lang=language, since=first, until=last, region=place)
    made = queries.rendered(book, form)
    name = file or Path(f"handbook-{edition.replace(':', '-')}-{lang}.{form}")
    name.write_bytes(made)
    out.print(f"{name}: {len(made):,} bytes, {time.monotonic() - begun:.1f} s")
