"""One edition of the service standard, and what it says about a case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from changtong.kernel.errors import Missing
from changtong.standard.domain import places, selecting
from changtong.standard.domain.calendars import Calendar
from changtong.standard.domain.rules import (
    AcceptanceRule,
    ArchivingRule,
    AssignmentRule,
    AttachmentRule,
    Category,
    Chapter,
    Choice,
    Clause,
    ClosingCondition,
    DuplicateRule,
    EvaluationRule,
    Figure,
    Graded,
    Limit,
    PauseReason,
    PortalRule,
    ReopeningRule,
    RetentionClass,
    Skill,
    Source,
    SupplementRule,
    Target,
    Term,
    VisitHours,
    VisitRule,
)


Rule = TypeVar("Rule")
Listed = TypeVar("Listed", Choice, PauseReason, Skill)


@dataclass(frozen=True, kw_only=True)
class Edition:
    """
    One version of the standard: clauses, and the tables and lists that enforce them.

    Everything a decision needs is asked for by kind of case or by its attributes, and every
    answer carries the number of the clause it rests on.
    """

    code: str
    version: str
    title: str
    title_en: str
    effective_from: date
    replaces: str | None
    digest: str

    chapters: tuple[Chapter, ...]
    terms: tuple[Term, ...]
    clauses: Mapping[str, Clause]
    sources: Mapping[str, Source]
    figures: Mapping[str, Figure]
    calendars: Mapping[str, Calendar]

    categories: tuple[Category, ...]
    skills: tuple[Skill, ...]
    instruments: tuple[Choice, ...]
    venues: tuple[Choice, ...]
    channels: tuple[Choice, ...]

    priorities: tuple[selecting.Row[Graded], ...]
    limits: tuple[Limit, ...]

    acceptances: Mapping[str, AcceptanceRule]
    rejections_by_kind: Mapping[str, tuple[Choice, ...]]
    duplicates_by_kind: Mapping[str, DuplicateRule]
    supplements: Mapping[str, SupplementRule]
    assignments: Mapping[str, AssignmentRule]
    visits: Mapping[str, VisitRule]
    pauses: Mapping[str, tuple[PauseReason, ...]]
    closings: Mapping[str, tuple[ClosingCondition, ...]]
    causes_by_kind: Mapping[str, tuple[Choice, ...]]
    fixes_by_kind: Mapping[str, tuple[Choice, ...]]
    evaluations: Mapping[str, EvaluationRule]
    reopenings: Mapping[str, ReopeningRule]
    retentions: Mapping[str, RetentionClass]
    archiving: ArchivingRule
    attachments: AttachmentRule
    portal: PortalRule

    _answers: dict[tuple[Any, ...], Any] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __hash__(self) -> int:
        return hash((self.code, self.version, self.digest))

    # What the standard says in words

    def clause(self, number: str) -> Clause:
        """
        Return a clause by its number.

        :raises Missing: if the edition has no such clause
        """
        if number not in self.clauses:
            raise Missing("clause.unknown", number=number, edition=self.version)
        return self.clauses[number]

    def calendar(self, code: str) -> Calendar:
        """
        Return a calendar by its code.

        :raises Missing: if the edition has no such calendar
        """
        if code not in self.calendars:
            raise Missing("calendar.unknown", calendar=code, edition=self.version)
        return self.calendars[code]

    # What kind of matter it is

    def category(self, code: str) -> Category:
        """
        Return a category by its code.

        :raises Missing: if the edition has no such category
        """
        by_code = self._by_code("categories", self.categories)
        if code not in by_code:
            raise Missing("category.unknown", category=code, edition=self.version)
        return by_code[code]

    def leaves(self, *, kind: str | None = None) -> tuple[Category, ...]:
        """Return the categories that a case can have: those without narrower ones."""
        parents = {category.parent for category in self.categories}
        return tuple(
            category
            for category in self.categories
            if category.code not in parents and kind in (None, category.kind)
        )

    def skill(self, code: str) -> Skill:
        """
        Return a skill by its code.

        :raises Missing: if the edition has no such skill
        """
        return _listed(self.skills, code, "skill.unknown")

    # How urgent it is and how long it may take

    def priority(self, *, impact: str, urgency: str, tier: str) -> Graded:
        """
        Grade a case from whom it touches, how pressing it is and the customer's tier.

        :raises Missing: if no row of the table matches
        """
        case = {"impact": impact, "urgency": urgency, "tier": tier}
        key = ("priority", impact, urgency, tier)
        if key not in self._answers:
            graded = selecting.choose(self.priorities, case)
            if graded is None:
                raise Missing("priority.undefined", **case)
            self._answers[key] = graded
        answer: Graded = self._answers[key]
        return answer

    def targets(
        self,
        *,
        kind: str,
        priority: str,
        region_type: str,
        family: str,
        tier: str,
        region: str,
        category: str = "",
    ) -> tuple[Target, ...]:
        """
        Return every limit that applies, legal and promise side by side.

        :param region: the path of the place as the catalog writes it, e.g. `/41/4101/`
        """
        region = self._told_apart(region)
        key = ("targets", kind, priority, region, region_type, family, tier, category)
        if key not in self._answers:
            case = {
                "priority": priority,
                "region_type": region_type,
                "family": family,
                "tier": tier,
                "region": region,
                "category": category,
            }
            found = (
                selecting.choose(limit.rows, case) for limit in self.limits if limit.kind == kind
            )
            self._answers[key] = tuple(target for target in found if target is not None)
        answer: tuple[Target, ...] = self._answers[key]
        return answer

    # Accepting

    def acceptance(self, *, kind: str) -> AcceptanceRule:
    def _told_apart(self, region: str) -> str:
        """Return a path without the places that no rule names, so that few answers are kept."""
        named = self._answers.get(("regions",))
        if named is None:
            named = self._answers[("regions",)] = frozenset(
                places.code(region)
                for limit in self.limits
                for row in limit.rows
                for region in row.when.get(selecting.REGION, ())
            )
        kept = [code for code in region.split("/") if code in named]
        return f"/{'/'.join(kept)}/" if kept else ""

        """Say what a case must contain and how sure a proposed category must be."""
        return _for_kind(self.acceptances, kind, "acceptance")

    def rejections(self, *, kind: str) -> tuple[Choice, ...]:
        """Return the only reasons for which a case may be refused."""
        return self.rejections_by_kind.get(kind, ())

    def duplicates(self, *, kind: str) -> DuplicateRule:
        """Say within which window the same matter is the same case."""
        return _for_kind(self.duplicates_by_kind, kind, "duplicates")

    def supplement(self, *, kind: str) -> SupplementRule:
        """Say how long the customer has to give what is missing."""
        return _for_kind(self.supplements, kind, "supplement")

    def assignment(self, *, kind: str) -> AssignmentRule:
        """Say how many cases a person may hold and when nobody being free raises an alarm."""
        return _for_kind(self.assignments, kind, "assignment")

    # Handling and closing

    def visit(self, *, kind: str) -> VisitRule:
        """Say how long the way to a visit takes, when one is missed, and which are on offer."""
        return _for_kind(self.visits, kind, "visits")

    def visit_hours(
        self, *, kind: str, priority: str, region_type: str, family: str, tier: str, category: str
    ) -> VisitHours:
        """
        Say by which calendar a case is visited.

        :raises Missing: if no row of the table matches
        """
        case = {
            "priority": priority,
            "region_type": region_type,
            "family": family,
            "tier": tier,
            "category": category,
        }
        found = selecting.choose(self.visit(kind=kind).hours, case)
        if found is None:
            raise Missing("rule.undefined", rule="visits", kind=kind)
        return found

    def pause_reasons(self, *, kind: str) -> tuple[PauseReason, ...]:
        """Return the only reasons for which promise clocks may pause."""
        return self.pauses.get(kind, ())

    def pause_reason(self, code: str, *, kind: str) -> PauseReason:
        """
        Return a pause reason by its code.

        :raises Missing: if the standard does not allow it for this kind
        """
        return _listed(self.pause_reasons(kind=kind), code, "pause.not_allowed")

    def closing_conditions(self, *, kind: str) -> tuple[ClosingCondition, ...]:
        """Return what must hold before a case may be closed."""
        return self.closings.get(kind, ())

    def causes(self, *, kind: str) -> tuple[Choice, ...]:
        return self.causes_by_kind.get(kind, ())

    def fixes(self, *, kind: str) -> tuple[Choice, ...]:
        return self.fixes_by_kind.get(kind, ())

    def evaluation(self, *, kind: str) -> EvaluationRule:
        """Say when the customer is asked, reminded, and taken to agree."""
        return _for_kind(self.evaluations, kind, "evaluation")

    def reopening(self, *, kind: str) -> ReopeningRule:
        """Say how long and how often a closed case may be opened again."""
        return _for_kind(self.reopenings, kind, "reopening")

    def retention(self, *, kind: str) -> RetentionClass:
        """Say how long the case file is kept."""
        return _for_kind(self.retentions, kind, "retention")

    def citations(self) -> Iterator[tuple[str, str]]:
        """Yield each clause number that a rule cites, with the name of the table that cites it."""
        for name, rules in self._tables():
            for rule in rules:
                yield rule.clause, name

    def _tables(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        yield "categories", self.categories
        yield "skills", self.skills
        yield "instruments", self.instruments
        yield "venues", self.venues
        yield "channels", self.channels
        yield "priority", tuple(row.then for row in self.priorities)
        for limit in self.limits:
            yield f"targets/{limit.code}", tuple(row.then for row in limit.rows)
        for name, by_kind in self._by_kind().items():
            for kind, found in by_kind.items():
                yield f"{name}/{kind}", found if isinstance(found, tuple) else (found,)
        for kind, visit in self.visits.items():
            yield f"visits/{kind}", (visit, *(row.then for row in visit.hours))
        yield "archiving", (self.archiving,)
        yield "attachments", (self.attachments,)
        yield "portal", (self.portal,)

    def _by_kind(self) -> dict[str, Mapping[str, Any]]:
        return {
            "acceptance": self.acceptances,
            "rejections": self.rejections_by_kind,
            "duplicates": self.duplicates_by_kind,
            "supplement": self.supplements,
            "assignment": self.assignments,
            "pauses": self.pauses,
            "closing": self.closings,
            "causes": self.causes_by_kind,
            "fixes": self.fixes_by_kind,
            "evaluation": self.evaluations,
            "reopening": self.reopenings,
            "retention": self.retentions,
        }

    def _by_code(self, name: str, values: tuple[Category, ...]) -> dict[str, Category]:
        if (name,) not in self._answers:
            self._answers[(name,)] = {value.code: value for value in values}
        found: dict[str, Category] = self._answers[(name,)]
        return found


def _for_kind(rules: Mapping[str, Rule], kind: str, rule: str) -> Rule:
    if kind not in rules:
        raise Missing("rule.undefined", rule=rule, kind=kind)
    return rules[kind]


def _listed(values: tuple[Listed, ...], code: str, refusal: str) -> Listed:
    for value in values:
        if value.code == code:
            return value
    raise Missing(refusal, name=code)
