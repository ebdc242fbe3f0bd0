"""How much a rehearsal must cover before a draft may be approved, and what one did cover."""

from dataclasses import dataclass
from datetime import date

from changtong.kernel.errors import Refused
from changtong.standard.domain.parsing import Section


FILE = "tables/rehearsal.toml"


@dataclass(frozen=True, slots=True)
class RehearsalRule:
    """The least that counts: so many days and cases, and always the whole area."""

    days_at_least: int
    cases_at_least: int
    clause: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """
    What a rehearsal ran over.

    :param days: those of its period from which anything could be recorded
    :param region: the path of the place to which it was confined, empty for the whole area
    :param is_everything: it left out no case that was recorded when it was asked for
    """

    since: date | None = None
    until: date | None = None
    days: int = 0
    cases: int = 0
    region: str = ""
    is_everything: bool = False


def read(section: Section) -> RehearsalRule:
    """Read the table of the least that counts."""
    return RehearsalRule(
        days_at_least=section.whole("days_at_least", at_least=1),
        cases_at_least=section.whole("cases_at_least", at_least=1),
        clause=section.text("clause"),
    )


def lacking(rule: RehearsalRule | None, coverage: Coverage) -> tuple[str, ...]:
    """
    Name what is missing: `area`, `days`, `cases`; nothing if the rehearsal counts.

    Where less than the least was ever recorded, a rehearsal of all of it is enough.
    """
    if rule is None or coverage.is_everything:
        return ()
    missing = {
        "area": bool(coverage.region),
        "days": coverage.days < rule.days_at_least,
        "cases": coverage.cases < rule.cases_at_least,
    }
    return tuple(name for name, is_missing in missing.items() if is_missing)


def demand(rule: RehearsalRule | None, coverage: Coverage) -> None:
    """
    Refuse a rehearsal that covered too little.

    :raises Refused: ``draft.rehearsed_in_part``, ``draft.rehearsed_too_little``
    """
    missing = lacking(rule, coverage)
    if rule is None or not missing:
        return
    raise Refused(
        "draft.rehearsed_in_part" if "area" in missing else "draft.rehearsed_too_little",
        clause=rule.clause,
        days_at_least=rule.days_at_least,
        cases_at_least=rule.cases_at_least,
        days=coverage.days,
        cases=coverage.cases,
        region_path=coverage.region,
    )
