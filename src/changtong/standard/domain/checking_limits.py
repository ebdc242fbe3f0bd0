"""Find limits that contradict each other, that no case reaches, or that fall behind the law."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from changtong.standard.domain import lengths, selecting, words
from changtong.standard.domain.checking_figures import problem
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Problem
from changtong.standard.domain.rulebook import Rulebook
from changtong.standard.domain.rules import Target
from changtong.standard.domain.selecting import Row


def tables_decide(book: Rulebook) -> Iterator[Problem]:
    """No case may match two rows equally well, and no row may be out of reach."""
    for rows in _tables(book):
        for tie in selecting.ties(rows):
            facts = {
                "case": shown_case(tie.case),
                "rows": [_shown(row) for row in tie.rows],
                "clauses": sorted({row.then.clause for row in tie.rows}),
            }
            yield problem("table.tied", tie.rows[-1].origin, "", **facts)
        for row in selecting.unreachable(rows, words.ATTRIBUTES):
            facts = {"row": _shown(row), "clause": row.then.clause}
            yield problem("table.unreachable", row.origin, "", **facts)


def _tables(book: Rulebook) -> Iterator[Sequence[Row[Any]]]:
    if isinstance(book, Edition):
        yield book.priorities
        for visit in book.visits.values():
            yield visit.hours
        yield book.ladders
    # One limit may serve several kinds by the same rows; its mistakes are told once.
    yield from {id(limit.rows): limit.rows for limit in book.limits}.values()


def rows_are_possible(edition: Edition) -> Iterator[Problem]:
    """A row may name only categories that cases of its limit's kind can have."""
    for limit in edition.limits:
        leaves = {category.code for category in edition.leaves(kind=limit.kind)}
        known = {category.code for category in edition.categories}
        for row in limit.rows:
            for code in sorted(row.when.get("category", ())):
                if code not in known:
                    yield problem("reference.unknown", row.origin, "when.category", code=code)
                elif code not in leaves:
                    facts = {"category": code, "kind": limit.kind, "clause": row.then.clause}
                    yield problem("row.impossible", row.origin, "when.category", **facts)


def priorities_are_complete(edition: Edition) -> Iterator[Problem]:
    """Every case must get a priority."""
    names = ("impact", "urgency", "tier", "region_type")
    # Not by region: what is said of some places must not be all that is said.
    for values in product(words.IMPACTS, words.URGENCIES, words.TIERS, words.REGION_TYPES):
        case = dict(zip(names, values, strict=True))
        if not selecting.best(edition.priorities, case):
            yield Problem("priority.undefined", "tables/priority.toml", "row", case)


def kinds_have_limits(edition: Edition) -> Iterator[Problem]:
    """Every kind of case has every limit it needs, whatever its attributes."""
    for kind, required in words.REQUIRED_METRICS.items():
        missing: Counter[str] = Counter()
        for case in _cases(edition, kind):
            found = {row.then.metric for row in _chosen(edition, kind, case)}
            missing.update(required - found)
        for metric, count in sorted(missing.items()):
            facts = {"kind": kind, "metric": metric, "cases": count}
            yield Problem("limit.missing", "tables/targets", metric, facts)


def clocks_stay_apart(book: Rulebook) -> Iterator[Problem]:
    """Limits that hold for one case at once must differ in metric, basis or clause."""
    seen: set[tuple[str, str]] = set()
    for kind in words.KINDS:
        for case in _cases(book, kind):
            for one, other in combinations(_chosen(book, kind, case), 2):
                mine, theirs = one.then, other.then
                names = (mine.limit, theirs.limit)
                alike = (mine.metric, mine.basis, mine.clause)
                if names not in seen and alike == (theirs.metric, theirs.basis, theirs.clause):
                    seen.add(names)
                    facts = {
                        "other": theirs.limit,
                        "clause": mine.clause,
                        "case": shown_case(case),
                    }
                    yield problem("limit.same_clause", one.origin, "clause", **facts)


def limits_respect_law(book: Rulebook) -> Iterator[Problem]:
    """No promise of the operator may be looser than the law; both clauses are named."""
    seen: set[tuple[str, Any, Any]] = set()
    for kind in words.KINDS:
        for case in _cases(book, kind):
            rows = _chosen(book, kind, case)
            for promise, legal in product(rows, rows):
                if (promise.then.basis, legal.then.basis) != ("promise", "legal"):
                    continue
                key = (promise.then.metric, promise.origin, legal.origin)
                if promise.then.metric != legal.then.metric or key in seen:
                    continue
                seen.add(key)
                yield from _held_against(book, promise, legal, case)


def _held_against(
    book: Rulebook, promise: Row[Target], legal: Row[Target], case: Mapping[str, str]
) -> Iterator[Problem]:
    ours, law = promise.then, legal.then
    facts: dict[str, object] = {
        "promise_clause": ours.clause,
        "law_clause": law.clause,
        "case": shown_case(case),
    }
    order = words.MOMENTS.index
    for key, excess in (
        ("starts_on", order(ours.starts_on) - order(law.starts_on)),
        # What is counted as done earlier leaves out a part of what the law measures.
        ("stops_on", order(law.stops_on) - order(ours.stops_on)),
    ):
        if excess > 0:
            moments = {"moment": getattr(ours, key), "law_moment": getattr(law, key)}
            yield problem("limit.measures_less", promise.origin, key, **moments, **facts)
    calendars = book.calendars.get(ours.calendar), book.calendars.get(law.calendar)
    if calendars[0] is None or calendars[1] is None:
        return
    found = lengths.looser_start(ours.within, calendars[0], law.within, calendars[1])
    if found is not None:
        yield problem(
            "limit.looser_than_law",
            promise.origin,
            "figure" if ours.figure else "within",
            promise=str(ours.within),
            law=str(law.within),
            started=f"{found.started:%F %H:%M}",
            promise_ends=f"{found.promise_ends:%F %H:%M}",
            law_ends=f"{found.law_ends:%F %H:%M}",
            **facts,
        )


def _cases(book: Rulebook, kind: str) -> Iterator[dict[str, str]]:
    rows = [row for limit in book.limits if limit.kind == kind for row in limit.rows]
    yield from selecting.cases(rows, words.ATTRIBUTES)


def _chosen(book: Rulebook, kind: str, case: Mapping[str, str]) -> list[Row[Target]]:
    # Unlike `targets`, a tie must not end the search for other mistakes.
    return [
        found[0]
        for limit in book.limits
        if limit.kind == kind and (found := selecting.best(limit.rows, case))
    ]


def limit_calendars_exist(book: Rulebook) -> Iterator[Problem]:
    """Every limit runs through a calendar that is there."""
    for limit in book.limits:
        for row in limit.rows:
            if row.then.calendar not in book.calendars:
                yield problem("reference.unknown", row.origin, "calendar", code=row.then.calendar)


def shown_case(case: Mapping[str, str]) -> dict[str, str]:
    """Return a case as an author reads it: only what matters about it."""
    return {name: value for name, value in case.items() if value != selecting.ANY_OTHER}


def _shown(row: Row[Any]) -> dict[str, list[str]]:
    return {attribute: sorted(values) for attribute, values in row.when.items()}
