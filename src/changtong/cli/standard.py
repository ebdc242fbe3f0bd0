"""``changtong standard``: check, publish and read editions of the service standard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from changtong.clocks.domain import timer
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.standard import operations, queries
from changtong.standard.domain import checking, examples, reading
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Problem, Unreadable


app = typer.Typer(no_args_is_help=True)
out = Console()

ACTOR = "system:command-line"

# One sentence for every mistake an author can make.
SENTENCES = {
    "attribute.unknown": "a row of this table can name {allowed} only",
    "calendar.base_circular": "the calendar rests on itself through {base}",
    "calendar.base_unknown": "there is no calendar {base} to rest on",
    "calendar.day_of_another_year": "{day} lies in another year",
    "calendar.holiday_and_workday": "{day} is a holiday and a make-up working day",
    "calendar.hours_unordered": "an interval begins before the one before it ends",
    "calendar.hours_unreadable": "{text} is not an interval; write 08:30-12:00 or 20:00-06:00",
    "calendar.season_unreadable": "{text} is not a day of the year; write 06-01",
    "calendar.unsound": "the calendar contradicts itself: {reason}",
    "calendar.year_repeated": "the year {year} is there twice",
    "category.kind_differs": "category {category} lies under {parent}, which is of another kind",
    "category.own_ancestor": "category {category} is its own ancestor",
    "clause.elsewhere": "the number does not begin with that of its chapter, {chapter}",
    "clause.enforced_by_nothing": "clause {clause} is marked enforced, but no rule enforces it",
    "clause.enforced_silently": "clause {clause} is marked not enforced, but {rules} enforce it",
    "clause.unknown": "there is no clause {clause}",
    "code.repeated": "{code} is there twice",
    "example.differs": "wanted {wanted}, but the edition says {actual}",
    "example.given_incomplete": "what is given does not suffice: {missing}",
    "example.question_unknown": "an example cannot expect this; it can expect {known}",
    "example.refused": "the edition refuses: {reason}",
    "figure.not_enabled": "figure {figure} is only a draft and must not set a limit",
    "figure.not_verified": "figure {figure} is enabled with confidence {confidence} only",
    "figure.unknown": "there is no figure {figure}",
    "figure.without_source": "figure {figure} is enabled without a source",
    "file.missing": "the file is missing",
    "file.not_toml": "the file is not TOML: {error}",
    "file.unknown": "an edition has no such file",
    "key.missing": "the key is missing",
    "key.unused": "nobody reads this key",
    "kind.repeated": "there are two rules for {kind}",
    "limit.legal_pauses": "a limit of law never pauses",
    "limit.legal_without_figure": "a limit of law must name the figure that sets it",
    "limit.looser_than_law": "clause {promise_clause} promises {promise}, looser than the law's"
    " {law} of clause {law_clause}, for {case}",
    "limit.missing": "{kind} has no limit for {metric} in {cases} combinations of attributes",
    "priority.undefined": "no row grades impact {impact}, urgency {urgency}, tier {tier}",
    "reference.unknown": "there is no {code}",
    "region.unreadable": "{value} is not a region; write a code like 4101 or a path like /41/4101/",
    "rule.missing": "there is none for {kind}",
    "schema.unknown": "only schema 1 can be read",
    "table.tied": "these rows claim {case} with the same right: {rows}",
    "table.unreachable": "no case ever reaches the row {row}",
    "value.empty": "the value is empty",
    "value.not_a_date": "{value} is not a date",
    "value.not_a_limit": "{value} is not a limit; write 30min, 48h, today, 15d, 5wd, 5mo"
    " or today before 16:00 else 24h",
    "value.not_a_share": "{value} is not a share between 0 and 1",
    "value.not_a_span": "{value} must be in minutes, hours or days here",
    "value.not_allowed": "{value} is not allowed; allowed are {allowed}",
    "value.too_small": "{value} is less than {at_least}",
    "value.wrong_type": "this must be {wanted}",
}


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="folders of editions; all that ship by default")
    ] = None,
) -> None:
    """Read editions, run every check and every worked example."""
    failed = [path for path in _chosen(paths) if not _check(path)]
    if failed:
        raise typer.Exit(1)


@app.command()
def publish(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="folders of editions; all that ship by default")
    ] = None,
) -> None:
    """Publish editions; one that is published already with the same text stays as it is."""
    for path in _chosen(paths):
        if not _check(path):
            raise typer.Exit(1)
        row = operations.publish(
            body=queries.draft(path), actor=ACTOR, at=now(), due_at=timer.due_at
        )
        out.print(f"{row} in force from {row.effective_from}, published {row.published_at:%F %T}")


@app.command(name="list")
def list_() -> None:
    """List the published editions."""
    table = Table("id", "edition", "title", "in force from", "published", "digest", "withdrawn")
    for row in queries.editions():
        table.add_row(
            str(row.pk),
            str(row),
            row.title,
            row.effective_from.isoformat(),
            f"{row.published_at:%F %T}",
            row.digest[:12],
            row.withdrawn_because,
        )
    out.print(table)


@app.command()
def show(
    number: Annotated[str | None, typer.Argument(help="a chapter or a clause, like 13.2")] = None,
    version: Annotated[str | None, typer.Option(help="the edition in force by default")] = None,
) -> None:
    """Show an edition, one of its chapters, or one of its clauses."""
    edition = _edition(version)
    if number is None:
        out.print(_contents(edition))
    elif number in edition.clauses:
        out.print(_clause(edition, number))
    elif number in {chapter.number for chapter in edition.chapters}:
        for clause in edition.clauses.values():
            if clause.chapter == number:
                out.print(_clause(edition, clause.number))
    else:
        raise Missing("clause.unknown", number=number)


def _chosen(paths: list[Path] | None) -> Iterable[Path]:
    return paths or queries.drafts()


def _check(path: Path) -> bool:
    try:
        body = queries.draft(path)
        problems = checking.problems(body, timer.due_at)
    except Unreadable as unreadable:
        problems = unreadable.problems
    if problems:
        for problem in problems:
            out.print(f"[red]✗[/] {path.name}: {escape(worded(problem))}", soft_wrap=True)
        out.print(f"{path}: {len(problems)} mistakes")
        return False
    edition = reading.edition(body)
    enforced = sum(clause.enforced for clause in edition.clauses.values())
    out.print(
        f"[green]✓[/] {edition.code} {edition.version}: {len(edition.clauses)} clauses"
        f" ({enforced} enforced), {len(edition.leaves())} categories,"
        f" {sum(len(limit.rows) for limit in edition.limits)} rows of limits,"
        f" {examples.count(body)} examples"
    )
    return True


def worded(problem: Problem) -> str:
    """Return one mistake as a sentence with its place."""
    place = ": ".join(part for part in (problem.file, problem.key) if part)
    facts: dict[str, Any] = {name: _plain(value) for name, value in problem.facts.items()}
    return f"{place}: {SENTENCES[problem.code].format(**facts)}"


def _plain(value: object) -> object:
    if isinstance(value, list) and all(isinstance(inner, str) for inner in value):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={_plain(inner)}" for key, inner in value.items())
    return value


def _edition(version: str | None) -> Edition:
    if version is None:
        return queries.read(queries.edition_in_force(at=now()).pk)
    row = queries.editions().filter(version=version).first()
    if row is None:
        raise Missing("edition.unknown", edition=version)
    return queries.read(row.pk)


def _contents(edition: Edition) -> Table:
    table = Table(title=f"{edition.title} {edition.version}")
    for heading in ("", "chapter", "clauses", "enforced", "not yet enforced"):
        table.add_column(heading)
    for chapter in edition.chapters:
        clauses = [c for c in edition.clauses.values() if c.chapter == chapter.number]
        enforced = sum(clause.enforced for clause in clauses)
        table.add_row(
            chapter.number,
            f"{chapter.title} {chapter.title_en}",
            str(len(clauses)),
            str(enforced),
            str(len(clauses) - enforced),
        )
    return table


def _clause(edition: Edition, number: str) -> Panel:
    clause = edition.clause(number)
    lines = [clause.text, clause.text_en, ""]
    lines.append(
        f"enforced by {', '.join(clause.rules)}" if clause.enforced else "not yet enforced"
    )
    for word, values in (("law", clause.legal_basis), ("evidence", clause.evidence)):
        if values:
            lines.append(f"{word}: {', '.join(values)}")
    lines.append(f"owner {clause.owner}, to be reviewed by {clause.review_on}")
    title = f"{clause.number} {clause.title} {clause.title_en}"
    return Panel(escape("\n".join(lines)), title=escape(title), title_align="left")


def publish_shipped() -> None:
    """
    Publish the editions that ship with the program and are not published yet.

    A published edition whose files were edited afterwards stays as it was published.
    """
    for path in queries.drafts():
        try:
            operations.publish(
                body=queries.draft(path), actor=ACTOR, at=now(), due_at=timer.due_at
            )
        except Refused as refused:
            if refused.code != "edition.version_taken":
                raise
            out.print(f"[yellow]{escape(str(refused))}[/]")
