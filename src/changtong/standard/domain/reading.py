"""Turn the files of an edition into an `Edition`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from changtong.standard.domain import (
    building,
    calendar_files,
    checklists,
    contacting,
    counters,
    identity,
    intake_forms,
    law,
    rehearsing,
    self_checks,
    words,
)
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Body, Problem, Section, Unreadable, digest
from changtong.standard.domain.rulebook import Pack, Rulebook
from changtong.standard.domain.rules import (
    Category,
    Chapter,
    Choice,
    Clause,
    Figure,
    Limit,
    Target,
    Term,
)
from changtong.standard.domain.selecting import Origin


Rule = TypeVar("Rule")
Book = TypeVar("Book", Edition, Pack)

EXAMPLES = "examples/"


def edition(body: Body) -> Edition:
    """
    Read an operator's edition from the contents of its files, the law it rests on among them.

    :raises Unreadable: naming every file and key that cannot be understood
    """
    return _read(body, law.OPERATOR, _edition)


def pack(body: Body) -> Pack:
    """
    Read a pack of law from the contents of its files.

    :raises Unreadable: naming every file and key that cannot be understood
    """
    return _read(body, law.LAW, _pack)


def is_pack(body: Body) -> bool:
    """Say whether a body is a pack of law, not an operator's edition."""
    return body.get(law.HEAD, {}).get("kind") == law.LAW


def _read(body: Body, kind: str, build: "Callable[[Files, str], Book]") -> Book:
    files = Files(body)
    head = files.one(law.HEAD)
    if head.one_of("kind", (law.OPERATOR, law.LAW), law.OPERATOR) != kind:
        head.note("edition.of_another_kind", "kind", wanted=kind)
    _law_is_there(files, head)
    found = build(files, digest(body))
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
        self._read: set[str] = {name for name in body if _is_example(name)}
        self.origins: dict[tuple[str, str], Origin] = {}

    def one(self, name: str) -> Section:
        if name not in self._sections:
            self.problems.append(Problem("file.missing", name))
            self._sections[name] = Section(name, {}, [])
        self._read.add(name)
        return self._sections[name]

    def folder(self, prefix: str) -> Iterator[Section]:
        """Yield files by how their names begin, those of the law that the edition rests on too."""
        for name in sorted(self._sections):
            if law.within_pack(name).startswith(prefix):
                yield self.one(name)

    def record(self, what: str, code: str, section: Section) -> None:
        """Remember where something stands, so that a mistake can be named by its place."""
        self.origins.setdefault((what, code), section.origin)

    def close(self) -> None:
        for name, section in self._sections.items():
            if name in self._read:
                if not _is_example(name):
                    section.close()
            else:
                self.problems.append(Problem("file.unknown", name))


def _is_example(name: str) -> bool:
    return law.within_pack(name).startswith(EXAMPLES)


def _law_is_there(files: Files, head: Section) -> None:
    """Read the heads of the packs in the body; exactly those must be there that are named."""
    named = set(head.texts("law", ()))
    there = set()
    for section in files.folder(law.HEAD):
        if section is head:
            continue
        there.add(f"{section.text('code')}/{section.text('version')}")
        named.update(section.texts("law", ()))
        for key in ("title", "title_en", "effective_from"):
            section.text(key)
        section.one_of("kind", (law.LAW,))
        section.whole("schema")
        section.optional("region")
    for name in sorted(there - named):
        head.note("law.not_named", "law", pack=name)
    for name in sorted(named - there):
        head.note("law.missing", "law", pack=name)


def _shared(files: Files, head: Section, seal: str) -> dict[str, Any]:
    """Return what packs of law and editions have in common."""
    if head.whole("schema") != 1:
        head.note("schema.unknown", "schema")
    figures = _keyed(files, "figures/", "figure", building.figure)
    chapters, clauses = _clauses(files)
    return {
        "code": head.text("code"),
        "version": head.text("version"),
        "title": head.text("title"),
        "title_en": head.text("title_en"),
        "effective_from": head.day("effective_from"),
        "law": head.texts("law", ()),
        "digest": seal,
        "chapters": chapters,
        "clauses": MappingProxyType(clauses),
        "sources": MappingProxyType(_keyed(files, "sources.toml", "source", building.source)),
        "figures": MappingProxyType(figures),
        "calendars": calendar_files.calendars(files.folder("calendars/")),
        **_limits(files, figures),
        "origins": files.origins,
    }


def _pack(files: Files, seal: str) -> Pack:
    head = files.one(law.HEAD)
    draft = Pack(**_shared(files, head, seal), region=head.optional("region"))
    return replace(draft, clauses=MappingProxyType(_with_rules(draft)))


def _edition(files: Files, seal: str) -> Edition:
    head = files.one(law.HEAD)
    table = _Tables(files)
    draft = Edition(
        **_shared(files, head, seal),
        replaces=head.optional("replaces"),
        terms=tuple(map(building.term, files.one("terms.toml").tables("term"))),
        categories=tuple(_categories(files)),
        skills=tuple(map(building.skill, files.one("tables/skills.toml").tables("skill"))),
        instruments=table.choices("instruments"),
        venues=table.choices("venues"),
        channels=table.choices("channels"),
        priorities=tuple(map(building.graded, files.one("tables/priority.toml").tables("row"))),
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
        callbacks_by_kind=table.perhaps_by_kind("callbacks", "rule", building.callback),
        contacts_by_kind=table.perhaps_by_kind("contact_hours", "rule", contacting.read),
        remedies_by_kind=table.perhaps_by_kind("remedies", "remedy", building.remedy),
        repeats_by_kind=table.perhaps_by_kind("repeats", "rule", building.repeat),
        children_by_kind=table.perhaps_by_kind("children", "rule", building.child),
        archiving=building.archiving(files.one("tables/archiving.toml")),
        attachments=building.attachments(files.one("tables/attachments.toml")),
        portal=building.portal(files.one("tables/portal.toml")),
        rehearsal=next(map(rehearsing.read, files.folder(rehearsing.FILE)), None),
        counters=next(map(counters.read, files.folder(counters.FILE)), None),
        identity=next(map(identity.read, files.folder(identity.FILE)), None),
        ladders=tuple(
            building.ladder_row(row)
            # Editions that were published before there were ladders have no such file.
            for file in files.folder("tables/ladders.toml")
            for row in file.tables("row")
        ),
        self_checks=_distinct(
            [
                (section, self_checks.read(section))
                for file in files.folder(self_checks.FILE)
                for section in file.tables("check")
            ]
        ),
        intake_forms=_distinct(
            [
                (section, intake_forms.read(section))
                for file in files.folder(intake_forms.FILE)
                for section in file.tables("form")
            ]
        ),
        checklists=_distinct(
            [
                (section, checklists.read(section))
                for file in files.folder(checklists.FILE)
                for section in file.tables("checklist")
            ]
        ),
    )
    return replace(draft, clauses=MappingProxyType(_with_rules(draft, draft.terms)))


def _with_rules(book: Rulebook, terms: Sequence[Term] = ()) -> dict[str, Clause]:
    """
    Add to each clause the tables that cite it, or the article it adopts, and the terms it uses.

    So authors need not repeat what the files say already.
    """
    citing: dict[str, list[str]] = defaultdict(list)
    for number, name in book.citations():
        citing[number].append(name)
    return {
        number: replace(
            clause,
            rules=tuple(
                dict.fromkeys(
                    (
                        *clause.rules,
                        *(rule for n in (number, *clause.adopts) for rule in citing[n]),
                    )
                )
            ),
            terms=tuple(term.code for term in terms if term.name in clause.text),
        )
        for number, clause in book.clauses.items()
    }


def _keyed(
    files: Files, prefix: str, key: str, build: Callable[[Section, Section], Rule]
) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for file in files.folder(prefix):
        for section in file.tables(key):
            code = section.text("code")
            if code in found:
                section.note("code.repeated", "code", code=code)
            files.record(key, code, section)
            found[code] = build(file, section)
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
        return self._by_kind([self._files.one(f"tables/{name}.toml")], key, build)

    def perhaps_by_kind(
        self, name: str, key: str, build: Callable[[Section], Rule]
    ) -> Mapping[str, tuple[Rule, ...]]:
        """Read a table that editions published before it was invented do not have."""
        return self._by_kind(self._files.folder(f"tables/{name}.toml"), key, build)

    def _by_kind(
        self, files: Iterable[Section], key: str, build: Callable[[Section], Rule]
    ) -> Mapping[str, tuple[Rule, ...]]:
        found: dict[str, list[tuple[Section, Rule]]] = defaultdict(list)
        for section in (section for file in files for section in file.tables(key)):
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
            # A chapter of a law belongs to no area of work; it names its instrument instead.
            areas=file.texts("areas", () if "source" in file else None),
            source=file.optional("source"),
        )
        chapters.append(chapter)
        for section in file.tables("clause"):
            clause = building.clause(file, section, chapter)
            if clause.number in clauses:
                section.note("code.repeated", "number", code=clause.number)
            if not clause.number.startswith(f"{chapter.number}."):
                section.note("clause.elsewhere", "number", chapter=chapter.number)
            files.record("clause", clause.number, section)
            clauses[clause.number] = clause
    chapters.sort(key=lambda chapter: _in_order(chapter.number))
    return tuple(chapters), clauses


def _in_order(number: str) -> tuple[str, int]:
    """Return by what chapters are put in order: the operator's first, then law by its letter."""
    letters = number.rstrip("0123456789")
    digits = number[len(letters) :]
    return letters, int(digits) if digits else 0


def _categories(files: Files) -> Iterator[Category]:
    yielded: set[str] = set()
    for file in files.folder("tables/categories/"):
        for section in file.tables("category"):
            category = building.category(file, section)
            if category.code in yielded:
                section.note("code.repeated", "code", code=category.code)
            yielded.add(category.code)
            files.record("category", category.code, section)
            yield category


def _limits(files: Files, figures: Mapping[str, Figure]) -> dict[str, tuple[Limit, ...]]:
    """Return the limits that hold, and the rows of those that wait for their figures."""
    seen: set[tuple[str, str]] = set()
    found: dict[str, list[Limit]] = {"limits": [], "awaiting": []}
    for file in files.folder("tables/targets/"):
        for section in file.tables("limit"):
            code = section.text("code")
            metric = section.one_of("metric", words.METRICS)
            basis = section.one_of("basis", words.BASES)
            rows = [
                building.target_row(section, row, figures, limit=code, metric=metric, basis=basis)
                for row in section.tables("row")
            ]
            waiting = tuple(row for row in rows if _waits(row.then, figures))
            enabled = tuple(row for row in rows if row not in waiting)
            for kind in section.some_of("kinds", words.KINDS):
                if (code, kind) in seen:
                    section.note("code.repeated", "code", code=code)
                seen.add((code, kind))
                for name, some in (("limits", enabled), ("awaiting", waiting)):
                    if some:
                        limit = Limit(code, metric, basis, kind, some, section.origin)
                        found[name].append(limit)
    return {name: tuple(limits) for name, limits in found.items()}


def _waits(target: Target, figures: Mapping[str, Figure]) -> bool:
    """Say whether a limit of law waits for its figure to be verified, and sets nothing as yet."""
    figure = figures.get(target.figure or "")
    return target.basis == "legal" and figure is not None and figure.status != "enabled"
