"""How an agent makes sure who asks, when that is required, and what the applicant agrees to."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from changtong.kernel.errors import Refused
from changtong.standard.domain import building
from changtong.standard.domain.parsing import Problem, Section
from changtong.standard.domain.rules import Choice


FILE: Final = "tables/identity.toml"


@dataclass(frozen=True, slots=True)
class Method(Choice):
    """
    A way to make sure who asks.

    :param by_code: the system proves it, by a code to the number on file; nobody may just say so
    """

    by_code: bool = False


@dataclass(frozen=True, slots=True)
class Consent(Choice):
    """
    What an applicant is told or agrees to, and the words that are read to them.

    :param only_told: nobody is asked to agree, so there is nothing to take back
    """

    wording: str = ""
    wording_en: str = ""
    only_told: bool = False

    @property
    def digest(self) -> str:
        """Return by what the words that were read are known later; without any, its name was."""
        words = "\n".join((self.wording or self.name, self.wording_en or self.name_en))
        return hashlib.sha256(words.encode()).hexdigest()


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
    methods: tuple[Method, ...]
    required: tuple[Required, ...]
    consents: tuple[Consent, ...]
    clause: str

    def required_for(self, *, channel: str, category: str) -> Required | None:
        """Return what must have been checked before a case of a category is opened."""
        if channel not in self.channels:
            return None
        found = (one for one in self.required if f"{category}.".startswith(f"{one.category}."))
        return max(found, key=lambda one: len(one.category), default=None)

    def checked(self, method: str, *, channel: str, category: str) -> Method | None:
        """
        Return how identity was checked, none if it was not and need not be.

        :raises Refused: ``identity.method_unknown``, ``identity.unverified``
        """
        found = self.method(method) if method else None
        required = self.required_for(channel=channel, category=category)
        if required is not None and method not in required.methods:
            ways = self.ways(required)
            raise Refused(
                "identity.unverified",
                clause=required.clause,
                names=[one.name for one in ways],
                names_en=[one.name_en for one in ways],
            )
        return found

    def method(self, code: str) -> Method:
        """
        Return a way to check identity.

        :raises Refused: ``identity.method_unknown``
        """
        for one in self.methods:
            if one.code == code:
                return one
        raise Refused("identity.method_unknown", clause=self.clause, method=code)

    @property
    def code(self) -> Method | None:
        """Return the way that a code to the number on file proves, if there is one."""
        return next((one for one in self.methods if one.by_code), None)

    def ways(self, required: Required) -> list[Method]:
        """Return the ways of which one must have been taken."""
        return [one for one in self.methods if one.code in required.methods]

    def agreed(self, codes: Collection[str]) -> list[Consent]:
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
        methods=tuple(_method(one, clause) for one in section.tables("method")),
        required=tuple(
            Required(
                category=one.text("category"),
                methods=one.texts("methods"),
                clause=one.text("clause", clause),
            )
            for one in section.tables("required")
        ),
        consents=tuple(_consent(one, clause) for one in section.tables("consent")),
        clause=clause,
    )


def _method(section: Section, clause: str) -> Method:
    named = building.choice(section, clause)
    by_code = section.flag("by_code", default=False)
    return Method(named.code, named.name, named.name_en, named.clause, by_code)


def _consent(section: Section, clause: str) -> Consent:
    named = building.choice(section, clause)
    words = {key: section.text(key, "") for key in ("wording", "wording_en")}
    only_told = section.flag("only_told", default=False)
    return Consent(
        named.code, named.name, named.name_en, named.clause, **words, only_told=only_told
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
