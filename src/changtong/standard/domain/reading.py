"""Turn the files of an edition into an `Edition`."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from changtong.standard.domain import building, calendar_files, words
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Body, Problem, Section, Unreadable, digest
from changtong.standard.domain.rules import (
    Category,
    Chapter,
    Choice,
    Clause,
    Figure,
    Limit,
)


Rule = TypeVar("Rule")

EXAMPLES = "examples/"


def edition(body: Body) -> Edition:
    """
    Read an edition from the contents of its files.

    :raises Unreadable: naming every file and key that cannot be understood
    """
    files = Files(body)
    found = _edition(files, digest(body))
    files.close()
    if files.problems:
        raise Unreadable(files.problems)
    return found


class Files:
    """Hand out the files of an edition as sections and remember which were asked for."""

    def __init__(self, body: Body) -> None:
        self.problems: list[Problem] = []
        self._sections = {
            name: Section(name, values, self.problems) for name, values in body.items()
        }
        self._read: set[str] = {name for name in body if name.startswith(EXAMPLES)}

    def one(self, name: str) -> Section:
        if name not in self._sections:
            self.problems.append(Problem("file.missing", name))
            self._sections[name] = Section(name, {}, [])
        self._read.add(name)
        return self._sections[name]

    def folder(self, prefix: str) -> Iterator[Section]:
        for name in sorted(self._sections):
            if name.startswith(prefix):
                yield self.one(name)

    def close(self) -> None:
        for name, section in self._sections.items():
            if name in self._read:
                if not name.startswith(EXAMPLES):
                    section.close()
            else:
                self.problems.append(Problem("file.unknown", name))


def _edition(files: Files, seal: str) -> Edition:
    head = files.one("edition.toml")
    if head.whole("schema") != 1:
        head.note("schema.unknown", "schema")
    figures = _keyed(files, "figures/", "figure", building.figure)
    table = _Tables(files)
    chapters, clauses = _clauses(files)
    draft = Edition(
        code=head.text("code"),
        version=head.text("version"),
        title=head.text("title"),
        title_en=head.text("title_en"),
        effective_from=head.day("effective_from"),
        replaces=head.optional("replaces"),
        digest=seal,
        chapters=chapters,
        terms=tuple(map(building.term, files.one("terms.toml").tables("term"))),
        clauses=MappingProxyType(clauses),
        sources=MappingProxyType(_keyed(files, "sources.toml", "source", building.source)),
        figures=MappingProxyType(figures),
        calendars=calendar_files.calendars(files.folder("calendars/")),
        categories=tuple(_categories(files)),
        skills=tuple(map(building.skill, files.one("tables/skills.toml").tables("skill"))),
        instruments=table.choices("instruments"),
        venues=table.choices("venues"),
        channels=table.choices("channels"),
        priorities=tuple(map(building.graded, files.one("tables/priority.toml").tables("row"))),
        limits=tuple(_limits(files, figures)),
        acceptances=table.by_kind("acceptance", building.acceptance),
        rejections_by_kind=table.choices_by_kind("rejections"),
        duplicates_by_kind=table.by_kind("duplicates", building.duplicates),
        supplements=table.by_kind("supplement", building.supplement),
        assignments=table.by_kind("assignment", building.assignment),
        visits=table.by_kind("visits", building.visit),
        pauses=table.many_by_kind("pauses", "pause", building.pause),
        closings=table.many_by_kind("closing", "condition", building.condition),
        causes_by_kind=table.choices_by_kind("causes"),
        fixes_by_kind=table.choices_by_kind("fixes"),
        evaluations=table.by_kind("evaluation", building.evaluation),
        reopenings=table.by_kind("reopening", building.reopening),
        retentions=table.by_kind("retention", building.retention),
        archiving=building.archiving(files.one("tables/archiving.toml")),
        attachments=building.attachments(files.one("tables/attachments.toml")),
        portal=building.portal(files.one("tables/portal.toml")),
    )
    return replace(draft, clauses=MappingProxyType(_with_rules(draft)))


def _with_rules(edition: Edition) -> dict[str, Clause]:
    """Add to each clause the tables that cite it, so that authors need not repeat them."""
    citing: dict[str, list[str]] = defaultdict(list)
    for number, name in edition.citations():
        citing[number].append(name)
    return {
        number: replace(clause, rules=tuple(dict.fromkeys((*clause.rules, *citing[number]))))
        for number, clause in edition.clauses.items()
    }


def _keyed(
    files: Files, prefix: str, key: str, build: Callable[[Section], Rule]
) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for file in files.folder(prefix):
        for section in file.tables(key):
            code = section.text("code")
            if code in found:
                section.note("code.repeated", "code", code=code)
            found[code] = build(section)
    return found


class _Tables:
    """Read the small tables that all have one of three shapes."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def choices(self, name: str) -> tuple[Choice, ...]:
        file = self._files.one(f"tables/{name}.toml")
        clause = file.text("clause", "")
        return _distinct([(s, building.choice(s, clause)) for s in file.tables("choice")])

    def choices_by_kind(self, name: str) -> Mapping[str, tuple[Choice, ...]]:
        clause = self._files.one(f"tables/{name}.toml").text("clause", "")
        return self.many_by_kind(name, "choice", lambda section: building.choice(section, clause))

    def by_kind(self, name: str, build: Callable[[Section], Rule]) -> Mapping[str, Rule]:
        found: dict[str, Rule] = {}
        for section in self._files.one(f"tables/{name}.toml").tables("rule"):
            for kind in section.some_of("kinds", words.KINDS):
                if kind in found:
                    section.note("kind.repeated", "kinds", kind=kind)
                found[kind] = build(section)
        return MappingProxyType(found)

    def many_by_kind(
        self, name: str, key: str, build: Callable[[Section], Rule]
    ) -> Mapping[str, tuple[Rule, ...]]:
        found: dict[str, list[tuple[Section, Rule]]] = defaultdict(list)
        for section in self._files.one(f"tables/{name}.toml").tables(key):
            rule = build(section)
            for kind in section.some_of("kinds", words.KINDS, words.KINDS):
                found[kind].append((section, rule))
        return MappingProxyType({kind: _distinct(rules) for kind, rules in found.items()})


def _distinct(pairs: list[tuple[Section, Rule]]) -> tuple[Rule, ...]:
    seen: set[Any] = set()
    for section, rule in pairs:
        code = getattr(rule, "code", None)
        if code in seen:
            section.note("code.repeated", "code", code=code)
        seen.add(code)
    return tuple(rule for _, rule in pairs)


def _clauses(files: Files) -> tuple[tuple[Chapter, ...], dict[str, Clause]]:
    chapters = []
    clauses: dict[str, Clause] = {}
    for file in files.folder("clauses/"):
        chapter = Chapter(
            number=file.text("number"),
            title=file.text("title"),
            title_en=file.text("title_en"),
            areas=file.texts("areas"),
        )
        chapters.append(chapter)
        for section in file.tables("clause"):
            clause = building.clause(file, section, chapter.number)
            if clause.number in clauses:
                section.note("code.repeated", "number", code=clause.number)
            if not clause.number.startswith(f"{chapter.number}."):
                section.note("clause.elsewhere", "number", chapter=chapter.number)
            clauses[clause.number] = clause
    chapters.sort(key=lambda chapter: int(chapter.number) if chapter.number.isdigit() else 0)
    return tuple(chapters), clauses


def _categories(files: Files) -> Iterator[Category]:
    yielded: set[str] = set()
    for file in files.folder("tables/categories/"):
        for section in file.tables("category"):
            category = building.category(file, section)
            if category.code in yielded:
                section.note("code.repeated", "code", code=category.code)
            yielded.add(category.code)
            yield category


def _limits(files: Files, figures: Mapping[str, Figure]) -> Iterator[Limit]:
    seen: set[tuple[str, str]] = set()
    for file in files.folder("tables/targets/"):
        for section in file.tables("limit"):
            code = section.text("code")
            metric = section.one_of("metric", words.METRICS)
            basis = section.one_of("basis", words.BASES)
            rows = tuple(
                building.target_row(section, row, figures, limit=code, metric=metric, basis=basis)
                for row in section.tables("row")
            )
            for kind in section.some_of("kinds", words.KINDS):
                if (code, kind) in seen:
                    section.note("code.repeated", "code", code=code)
                seen.add((code, kind))
                yield Limit(code, metric, basis, kind, rows)
