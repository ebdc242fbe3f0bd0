"""What a pack of law and an operator's edition share: text, figures, calendars, limits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from changtong.kernel.errors import Missing
from changtong.standard.domain import considering, places, selecting
from changtong.standard.domain.calendars import Calendar
from changtong.standard.domain.considering import Considered
from changtong.standard.domain.rules import Chapter, Clause, Figure, Limit, Source, Target
from changtong.standard.domain.selecting import Origin, Row


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Clauses, the figures that they rest on, and the limits that enforce them."""

    code: str
    version: str
    title: str
    title_en: str
    effective_from: date
    law: tuple[str, ...]
    digest: str

    chapters: tuple[Chapter, ...]
    clauses: Mapping[str, Clause]
    sources: Mapping[str, Source]
    figures: Mapping[str, Figure]
    calendars: Mapping[str, Calendar]
    limits: tuple[Limit, ...]
    # Rows of the law whose figures are not verified: they set no limit, and are told as such.
    awaiting: tuple[Limit, ...] = ()

    # Where an author finds each thing: by what it is and its code.
    origins: Mapping[tuple[str, str], Origin] = field(repr=False, compare=False)

    _answers: dict[tuple[Any, ...], Any] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __hash__(self) -> int:
        return hash((self.code, self.version, self.digest))

    def clause(self, number: str) -> Clause:
        """
        Return a clause by its number; those of a law begin with a letter, like `L1.32`.

        :raises Missing: if there is no such clause
        """
        if number not in self.clauses:
            raise Missing("clause.unknown", number=number, edition=self.version)
        return self.clauses[number]

    def article(self, source: str, article: str) -> str:
        """Return the number of the clause that quotes an article, or nothing without its law."""
        wanted = f"{source} {article}"
        return next(
            (one.number for one in self.clauses.values() if one.legal_basis[:1] == (wanted,)), ""
        )

    def figure(self, code: str) -> Figure:
        """
        Return a number that an instrument sets, with what is known of it.

        :raises Missing: if there is no such figure
        """
        if code not in self.figures:
            raise Missing("figure.unknown", figure=code, edition=self.version)
        return self.figures[code]

    def calendar(self, code: str) -> Calendar:
        """
        Return a calendar by its code.

        :raises Missing: if there is no such calendar
        """
        if code not in self.calendars:
            raise Missing("calendar.unknown", calendar=code, edition=self.version)
        return self.calendars[code]

    def targets(
        self,
        *,
        kind: str,
        priority: str,
        region: str,
        region_type: str,
        family: str,
        tier: str,
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
                "region": region,
                "region_type": region_type,
                "family": family,
                "tier": tier,
                "category": category,
            }
            found = (
                selecting.choose(limit.rows, case) for limit in self.limits if limit.kind == kind
            )
            self._answers[key] = tuple(target for target in found if target is not None)
        answer: tuple[Target, ...] = self._answers[key]
        return answer

    def considered(self, *, kind: str, case: Mapping[str, str]) -> tuple[Considered, ...]:
        """
        Return every limit of this kind, whether it applies to the case, and what differs if not.

        :param case: what `words.LIMIT_ATTRIBUTES` names, as `targets` takes it
        """
        return tuple(considering.considered(self.limits, self.awaiting, kind=kind, case=case))

    def citations(self) -> Iterator[tuple[str, str]]:
        """Yield each clause number that a rule cites, with the name of the table that cites it."""
        for name, rules in self._tables():
            for rule in rules:
                yield rule.clause, name

    def _tables(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        for limit in self.limits:
            yield f"targets/{limit.code}", tuple(row.then for row in limit.rows)

    def _told_apart(self, region: str) -> str:
        """Return a path without the places that no rule names, so that few answers are kept."""
        named = self._answers.get(("regions",))
        if named is None:
            named = self._answers[("regions",)] = frozenset(
                places.code(region)
                for row in self._placed()
                for region in row.when.get(selecting.REGION, ())
            )
        kept = [code for code in region.split("/") if code in named]
        return f"/{'/'.join(kept)}/" if kept else ""

    def _placed(self) -> Iterator[Row[Any]]:
        """Yield the rows that a place may choose."""
        for limit in self.limits:
            yield from limit.rows


@dataclass(frozen=True, kw_only=True)
class Pack(Rulebook):
    """Law of one country or province: articles as clauses, figures, and the limits they set."""

    region: str | None

    def __hash__(self) -> int:
        return super().__hash__()
