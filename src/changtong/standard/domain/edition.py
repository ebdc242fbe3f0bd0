"""One edition of the service standard, and what it says about a case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from changtong.kernel.errors import Missing
from changtong.standard.domain import selecting
from changtong.standard.domain.checklists import Checklist, lists_of
from changtong.standard.domain.contacting import ContactRule
from changtong.standard.domain.counters import CounterRule
from changtong.standard.domain.identity import IdentityRule
from changtong.standard.domain.intake_forms import IntakeForm, form_of
from changtong.standard.domain.ladders import Ladder
from changtong.standard.domain.rehearsing import RehearsalRule
from changtong.standard.domain.remedies import Remedy
from changtong.standard.domain.rulebook import Rulebook
from changtong.standard.domain.rules import (
    AcceptanceRule,
    ArchivingRule,
    AssignmentRule,
    AttachmentRule,
    CallbackRule,
    Category,
    ChildRule,
    Choice,
    ClosingCondition,
    DuplicateRule,
    EvaluationRule,
    Graded,
    PauseReason,
    PortalRule,
    ReopeningRule,
    RepeatRule,
    RetentionClass,
    Skill,
    SupplementRule,
    Term,
    VisitHours,
    VisitRule,
)
from changtong.standard.domain.self_checks import SelfCheck


Rule = TypeVar("Rule")
Listed = TypeVar("Listed", Choice, PauseReason, Skill)


@dataclass(frozen=True, kw_only=True)
class Edition(Rulebook):
    """
    One version of the standard: clauses, and the tables and lists that enforce them.

    Everything a decision needs is asked for by kind of case or by its attributes, and every
    answer carries the number of the clause it rests on.
    """

    replaces: str | None
    terms: tuple[Term, ...]

    categories: tuple[Category, ...]
    skills: tuple[Skill, ...]
    instruments: tuple[Choice, ...]
    venues: tuple[Choice, ...]
    channels: tuple[Choice, ...]

    priorities: tuple[selecting.Row[Graded], ...]

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

    ladders: tuple[selecting.Row[Ladder], ...] = ()
    self_checks: tuple[SelfCheck, ...] = ()
    intake_forms: tuple[IntakeForm, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    # The least that a rehearsal of a draft covers; editions from before it was asked have none.
    rehearsal: RehearsalRule | None = None
    # How people wait in a service hall; editions from before it was asked give no numbers.
    counters: CounterRule | None = None
    # Whose identity is checked at intake; editions from before it was asked require nothing.
    identity: IdentityRule | None = None

    remedies_by_kind: Mapping[str, tuple[Remedy, ...]] = field(default_factory=dict)
    callbacks_by_kind: Mapping[str, tuple[CallbackRule, ...]] = field(default_factory=dict)
    contacts_by_kind: Mapping[str, tuple[ContactRule, ...]] = field(default_factory=dict)
    repeats_by_kind: Mapping[str, tuple[RepeatRule, ...]] = field(default_factory=dict)
    children_by_kind: Mapping[str, tuple[ChildRule, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return super().__hash__()

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

    def intake_form(self, *, kind: str, category: str) -> IntakeForm | None:
        """Return what is asked about a matter of a category; it may be nothing."""
        return form_of(self.intake_forms, self.categories, kind=kind, category=category)

    def checklists_of(self, *, kind: str, category: str) -> tuple[Checklist, ...]:
        """Return what handling a matter of a category takes; it may be nothing."""
        return lists_of(self.checklists, self.categories, kind=kind, category=category)

    def self_check(self, code: str) -> SelfCheck:
        """
        Return a self-check by its code.

        :raises Missing: if the edition has no such self-check
        """
        for check in self.self_checks:
            if check.code == code:
                return check
        raise Missing("self_check.unknown", name=code)

    def skill(self, code: str) -> Skill:
        """
        Return a skill by its code.

        :raises Missing: if the edition has no such skill
        """
        return _listed(self.skills, code, "skill.unknown")

    # How urgent it is and how long it may take

    def priority(
        self, *, impact: str, urgency: str, tier: str, region: str, region_type: str
    ) -> Graded:
        """
        Grade a case from whom it touches, how pressing it is, the customer's tier and the place.

        :param region: the path of the place as the catalog writes it, e.g. `/41/4101/`
        :raises Missing: if no row of the table matches
        """
        region = self._told_apart(region)
        key = ("priority", impact, urgency, tier, region, region_type)
        if key not in self._answers:
            case = {
                "impact": impact,
                "urgency": urgency,
                "tier": tier,
                "region": region,
                "region_type": region_type,
            }
            graded = selecting.choose(self.priorities, case)
            if graded is None:
                raise Missing("priority.undefined", **case)
            self._answers[key] = graded
        answer: Graded = self._answers[key]
        return answer

    def ladder(self, case: Mapping[str, str]) -> Ladder | None:
        """
        Say who is told when of a limit that runs out, or nothing if nobody is.

        :param case: the limit's metric and basis, and what else `words.LADDER_ATTRIBUTES` names
        """
        return selecting.choose(self.ladders, case)

    # Accepting

    def acceptance(self, *, kind: str) -> AcceptanceRule:
        """Say what a case must contain and how sure a proposed category must be."""
        return _for_kind(self.acceptances, kind, "acceptance")

    def rejections(self, *, kind: str) -> tuple[Choice, ...]:
        """Return the only reasons for which a case may be refused."""
        return self.rejections_by_kind.get(kind, ())

    def duplicates(self, *, kind: str) -> DuplicateRule:
        """Say within which window the same matter is the same case."""
        return _for_kind(self.duplicates_by_kind, kind, "duplicates")

    def repeats(self, *, kind: str) -> RepeatRule | None:
        """Say when another fault of the same line is the same one, repeated."""
        return next(iter(self.repeats_by_kind.get(kind, ())), None)

    def children(self, *, kind: str) -> ChildRule | None:
        """Say how a child case follows its parent."""
        return next(iter(self.children_by_kind.get(kind, ())), None)

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
        self,
        *,
        kind: str,
        priority: str,
        region: str,
        region_type: str,
        family: str,
        tier: str,
        category: str,
    ) -> VisitHours:
        """
        Say by which calendar a case is visited.

        :raises Missing: if no row of the table matches
        """
        case = {
            "priority": priority,
            "region": region,
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

    def remedies(self, *, kind: str) -> tuple[Remedy, ...]:
        """Return what a broken limit may owe the customer."""
        return self.remedies_by_kind.get(kind, ())

    def callback(self, *, kind: str) -> CallbackRule | None:
        """Say how often a customer is called in vain; nothing if the standard sets no end."""
        return next(iter(self.callbacks_by_kind.get(kind, ())), None)

    def contact(self, *, kind: str) -> ContactRule | None:
        """Say when customers are turned to unasked; nothing if the standard sets no hours."""
        return next(iter(self.contacts_by_kind.get(kind, ())), None)

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

    def _placed(self) -> Iterator[selecting.Row[Any]]:
        yield from super()._placed()
        yield from self.priorities

    def _tables(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        yield "categories", self.categories
        yield "skills", self.skills
        yield "instruments", self.instruments
        yield "venues", self.venues
        yield "channels", self.channels
        yield "priority", tuple(row.then for row in self.priorities)
        yield from super()._tables()
        for name, by_kind in self._by_kind().items():
            for kind, found in by_kind.items():
                yield f"{name}/{kind}", found if isinstance(found, tuple) else (found,)
        for kind, visit in self.visits.items():
            yield f"visits/{kind}", (visit, *(row.then for row in visit.hours))
        yield "archiving", (self.archiving,)
        yield "attachments", (self.attachments,)
        yield "portal", (self.portal,)
        for row in self.ladders:
            yield "ladders", (row.then, *row.then.rungs)
        yield "self_checks", self.self_checks
        for form in self.intake_forms:
            yield "intake_forms", (form, *form.fields)
        for checklist in self.checklists:
            # What is only a reminder enforces nothing.
            yield "checklists", tuple(one for one in checklist.items if one.required)
        if self.rehearsal is not None:
            yield "rehearsal", (self.rehearsal,)
        if self.counters is not None:
            found = self.counters
            yield "counters", (found, *found.classes, *found.priorities)
        if self.identity is not None:
            # Consents are evidence and enforce nothing.
            yield "identity", (self.identity, *self.identity.methods, *self.identity.required)

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
            "remedies": self.remedies_by_kind,
            "callbacks": self.callbacks_by_kind,
            "contact_hours": self.contacts_by_kind,
            "repeats": self.repeats_by_kind,
            "children": self.children_by_kind,
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
