"""``changtong standard``: check, publish and read editions of the service standard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from changtong.cli import handbook, migrating, rehearsing
from changtong.clocks.domain import timer
from changtong.infra.clock import now
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries
from changtong.standard.domain import checking, examples, reading
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Body, Problem, Unreadable
from changtong.standard.domain.rulebook import Rulebook
from changtong.standard.operations import publishing


app = typer.Typer(no_args_is_help=True)
app.command(name="what-if")(rehearsing.what_if)
app.command(name="handbook")(handbook.handbook)
app.command()(migrating.migrate)
out = Console()

ACTOR = "system:command-line"

# One sentence for every mistake an author can make.
SENTENCES = {
    "article.unknown": "{source} has no article {article} among its clauses",
    "attribute.unknown": "a row of this table can name {allowed} only",
    "calendar.base_circular": "the calendar rests on itself through {base}",
    "calendar.base_unknown": "there is no calendar {base} to rest on",
    "calendar.closed_all_year": "the calendar {calendar} opens on no day of {year}",
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
    "checklist.empty": "{code} has no item",
    "clause.without_evidence": "clause {clause} is enforced, but names no evidence that would"
    " prove it",
    "code.repeated": "{code} is there twice",
    "counters.letter": "{letter} is not one capital letter that only one class of numbers has",
    "edition.of_another_kind": "this must be of the kind {wanted}",
    "example.differs": "wanted {wanted}, but the edition says {actual}",
    "example.given_incomplete": "what is given does not suffice: {missing}",
    "example.question_unknown": "an example cannot expect this; it can expect {known}",
    "example.refused": "the edition refuses: {reason}",
    "figure.invented": "figure {figure}: the law only says {wording}; move {value} to"
    " internal_target",
    "figure.not_enabled": "figure {figure} is only a draft and must not set a limit",
    "figure.not_in_force": "figure {figure} is enabled, but not in force on {day}",
    "figure.not_per_case": "figure {figure} ({statistic}, {compare}) is no upper limit of each"
    " case",
    "figure.not_verified": "figure {figure} is enabled with confidence {confidence}; only V1 and"
    " V2 may be, so leave it a draft until its text was read",
    "figure.says_nothing": "figure {figure} is enabled without a value and without a wording",
    "figure.unknown": "there is no figure {figure}",
    "figure.without_source": "figure {figure} is enabled without a source",
    "file.missing": "the file is missing",
    "file.not_toml": "the file is not TOML: {error}",
    "file.unknown": "an edition has no such file",
    "intake_form.without_choices": "clause {clause}: field {field} of the form {form} has nothing"
    " to choose from",
    "key.missing": "the key is missing",
    "key.unused": "nobody reads this key",
    "kind.repeated": "there are two rules for {kind}",
    "ladder.leads_down": "clause {clause}: tells {level} after {level_before}, which is higher",
    "ladder.steps_unordered": "clause {clause}: this step comes no later than the one before it",
    "ladder.without_steps": "clause {clause}: the ladder has no step",
    "law.missing": "the pack of law {pack} is named, but is not there",
    "law.not_named": "the pack of law {pack} is there, but nobody names it",
    "law.not_rested_on": "an edition must name the packs of law that it rests on",
    "limit.another_article": "clause {clause} is cited, but figure {figure} comes from {article}",
    "limit.law_outside_pack": "{limit} claims to be law; limits of law stand in packs of law only",
    "limit.legal_pauses": "the limit of clause {clause} is law and never pauses",
    "limit.legal_without_figure": "the limit of clause {clause} is law and must name the figure"
    " that sets it",
    "limit.looser_than_law": "clause {promise_clause} promises {promise}, looser than the law's"
    " {law} of clause {law_clause}, for {case}: what begins at {started} would end by"
    " {promise_ends}, but must end by {law_ends}",
    "limit.measures_less": "clause {promise_clause} counts from or to {moment}, but the law's"
    " clause {law_clause} from or to {law_moment}, for {case}: the promise would measure less"
    " than the law",
    "limit.missing": "{kind} has no limit for {metric} in {cases} combinations of attributes",
    "limit.outside_region": "clause {clause} is law of {region}; its rows must name that region"
    " or a place in it",
    "limit.promise_in_law": "{limit} is a promise; a pack of law holds limits of law only",
    "limit.same_clause": "clause {clause} sets the same kind of limit here and in {other}, for"
    " {case}",
    "priority.undefined": "no row grades impact {impact}, urgency {urgency}, tier {tier}",
    "reference.unknown": "there is no {code}",
    "region.unreadable": "{value} is not a region; write a code like 4101 or a path like"
    " /41/4101/",
    "row.impossible": "clause {clause}: no {kind} has the category {category}; name the"
    " narrowest categories of that kind",
    "rule.missing": "there is none for {kind}",
    "schema.unknown": "only schema 1 can be read",
    "self_check.circular": "self-check {check}: step {step} leads round in circles",
    "self_check.dead_end": "self-check {check}: step {step} has no answer",
    "self_check.unreachable": "self-check {check}: nothing leads to step {step}",
    "self_check.without_steps": "the self-check has no step",
    "step.not_one_time": "a step has exactly one of share, before, after",
    "table.tied": "clauses {clauses}: these rows claim {case} with the same right: {rows}; let"
    " one of them name more",
    "table.unreachable": "clause {clause}: no case ever reaches the row {row}; other rows come"
    " first for all of them",
    "value.empty": "the value is empty",
    "value.not_a_date": "{value} is not a date",
    "value.not_a_limit": "{value} is not a limit; write 30min, 48h, today, 15d, 5wd, 5mo or"
    " today before 16:00 else 24h",
    "value.not_a_number": "{value} is not a number; write it like 1.5",
    "value.not_a_share": "{value} is not a share between 0 and 1",
    "value.not_a_span": "{value} must be in minutes, hours or days here",
    "value.not_allowed": "{value} is not allowed; allowed are {allowed}",
    "value.too_small": "{value} is less than {at_least}",
    "value.wrong_type": "this must be {wanted}",
}


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="folders; all that ship by default")
    ] = None,
) -> None:
    """Read editions and packs of law, run every check and every worked example."""
    failed = [path for path in paths or queries.shipped() if not _check(path)]
    if failed:
        raise typer.Exit(1)


@app.command()
def publish(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="folders of editions; all that ship by default")
    ] = None,
) -> None:
    """Publish editions; one that is published already with the same text stays as it is."""
    for path in paths or queries.drafts():
        if not _check(path):
            raise typer.Exit(1)
        row = publishing.publish(
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


def _check(path: Path) -> bool:
    try:
        body = queries.draft(path)
        problems = checking.problems(body, timer.due_at)
    except Unreadable as unreadable:
        problems = unreadable.problems
    if problems:
        for problem in problems:
            out.print(f"[red]✗[/] {path.parent.name}: {escape(worded(problem))}", soft_wrap=True)
        out.print(f"{path}: {len(problems)} mistakes")
        return False
    out.print(f"[green]✓[/] {_summary(body)}")
    return True


def _summary(body: Body) -> str:
    book: Rulebook = reading.pack(body) if reading.is_pack(body) else reading.edition(body)
    enforced = sum(clause.enforced for clause in book.clauses.values())
    enabled = sum(figure.status == "enabled" for figure in book.figures.values())
    return (
        f"{book.code} {book.version}: {len(book.clauses)} clauses ({enforced} enforced),"
        f" {len(book.figures)} figures ({enabled} enabled),"
        f" {sum(len(limit.rows) for limit in book.limits)} rows of limits,"
        f" {examples.count(body)} examples"
    )


def worded(problem: Problem) -> str:
    """Return one mistake as a sentence with its place."""
    place = ", ".join(part for part in (problem.file, _spoken(problem.key)) if part)
    facts: dict[str, Any] = {name: _plain(value) for name, value in problem.facts.items()}
    return f"{place}: {SENTENCES[problem.code].format(**facts)}"


def _spoken(key: str) -> str:
    """Return a key as an author counts: `limit[1].row[4].within` is limit 1, row 4, within."""
    return re.sub(r"\[(\d+)\]", r" \1", key).replace(".", ", ")


def _plain(value: object) -> object:
    if isinstance(value, list) and all(isinstance(inner, str) for inner in value):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={_plain(inner)}" for key, inner in value.items()) or "every case"
    if isinstance(value, list):
        return "; ".join(str(_plain(inner)) for inner in value)
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

    :raises Refused: ``edition.unreadable`` if one is in a form that this program cannot read
    """
    for path in queries.drafts():
        try:
            publishing.publish(
                body=queries.draft(path), actor=ACTOR, at=now(), due_at=timer.due_at
            )
        except Refused as refused:
            if refused.code != "edition.version_taken":
                raise
            row = queries.editions().get(version=refused.facts["version"])
            _readable(row.pk, str(row))
            out.print(
                f"[yellow]服务标准 {row} 已按另一文本发布,现有案件与新案件仍按已发布的文本办理;"
                "要采用新文本,请改用新的版次号发布。\n"
                f"{row} was published with another text, which goes on to govern; to adopt the"
                " files that ship now, publish them as a new version.[/]"
            )


def _readable(edition_id: int, name: str) -> None:
    try:
        queries.read(edition_id)
    except Unreadable as unreadable:
        for problem in unreadable.problems:
            out.print(f"[red]✗[/] {escape(worded(problem))}", soft_wrap=True)
        out.print(
            f"[red]数据库中的服务标准 {name} 由更新的版本或试用版发布,本版本无法读取。"
            "请改用发布它的程序版本;试用版的数据请备份后换用新的 CHANGTONG_HOME。\n"
            f"The edition {name} in the database was published by a newer or a trial version of"
            " this program and cannot be read by this one. Go on with the version that published"
            " it, or, after a trial, begin with a new CHANGTONG_HOME.[/]"
        )
        raise
