"""How an agent makes sure who asks, when that is required, and what the applicant agrees to."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from changtong.kernel.errors import Refused
from changtong.standard.domain import building
from changtong.standard.domain.parsing import Problem, Section
from changtong.standard.domain.rules import Choice


FILE: Final = "tables/identity.toml"


@dataclass(frozen=True, slots=True)
class Required:
    """A category, and all below it, for which one of these ways must have been taken."""

    category: str
    methods: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """
    How identity is checked at the telephone and the counter.

    :param channels: where it is asked at all
    :param consents: what the applicant was told or agreed to; kept as evidence, never required
    """

    channels: tuple[str, ...]
    methods: tuple[Choice, ...]
    required: tuple[Required, ...]
    consents: tuple[Choice, ...]
    clause: str

    def required_for(self, *, channel: str, category: str) -> Required | None:
        """Return what must have been checked before a case of a category is opened."""
        if channel not in self.channels:
            return None
        found = (one for one in self.required if f"{category}.".startswith(f"{one.category}."))
        return max(found, key=lambda one: len(one.category), default=None)

    def checked(self, method: str, *, channel: str, category: str) -> Choice | None:
        """
        Return how identity was checked, none if it was not and need not be.

        :raises Refused: ``identity.method_unknown``, ``identity.unverified``
        """
        known = {one.code: one for one in self.methods}
        if method and method not in known:
            raise Refused("identity.method_unknown", clause=self.clause, method=method)
        required = self.required_for(channel=channel, category=category)
        if required is not None and method not in required.methods:
            ways = [known[one] for one in required.methods]
            raise Refused(
                "identity.unverified",
                clause=required.clause,
                names=[one.name for one in ways],
                names_en=[one.name_en for one in ways],
            )
        return known.get(method)

    def agreed(self, codes: Collection[str]) -> list[Choice]:
        """
        Return what the applicant was told or agreed to.

        :raises Refused: ``consent.unknown``
        """
        unknown = sorted(set(codes) - {one.code for one in self.consents})
        if unknown:
            raise Refused("consent.unknown", clause=self.clause, consent=unknown[0])
        return [one for one in self.consents if one.code in codes]


def read(section: Section) -> IdentityRule:
    """Read the table of checks and consents."""
    clause = section.text("clause")
    return IdentityRule(
        channels=section.texts("channels"),
        methods=tuple(building.choice(one, clause) for one in section.tables("method")),
        required=tuple(
            Required(
                category=one.text("category"),
                methods=one.texts("methods"),
                clause=one.text("clause", clause),
            )
            for one in section.tables("required")
        ),
        consents=tuple(building.choice(one, clause) for one in section.tables("consent")),
        clause=clause,
    )


def problems(
    rule: IdentityRule | None,
    *,
    categories: Collection[str],
    channels: Collection[str],
    clauses: Collection[str],
) -> Iterator[Problem]:
    """Everything that is named exists, nothing twice."""
    if rule is None:
        return
    methods = {one.code for one in rule.methods}
    yield from _repeated([one.code for one in rule.methods])
    yield from _repeated([one.code for one in rule.consents])
    yield from _repeated([one.category for one in rule.required])
    yield from _unknown("channels", set(rule.channels) - set(channels))
    for one in rule.required:
        yield from _unknown("category", {one.category} - set(categories))
        yield from _unknown("methods", set(one.methods) - methods)
    for number in {one.clause for one in rule.consents} - set(clauses):
        yield Problem("clause.unknown", FILE, "consent", {"clause": number})


def _unknown(key: str, codes: Collection[str]) -> Iterator[Problem]:
    for code in sorted(codes):
        yield Problem("reference.unknown", FILE, key, {"code": code})


def _repeated(codes: Sequence[str]) -> Iterator[Problem]:
    for code in dict.fromkeys(codes):
        if codes.count(code) > 1:
            yield Problem("code.repeated", FILE, "code", {"code": code})
