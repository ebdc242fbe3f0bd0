"""Find what is wrong with an edition that can be read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from changtong.standard.domain import examples, reading, selecting, words
from changtong.standard.domain.calendars import MINUTES_A_DAY, Calendar, Within
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.examples import Deadline
from changtong.standard.domain.parsing import Body, Problem
from changtong.standard.domain.rules import Limit, Target


MINUTES_A_WEEK = 7 * MINUTES_A_DAY
# No month is longer, so a limit in months is never taken for shorter than it is.
DAYS_A_MONTH = 31


def problems(body: Body, due_at: Deadline | None = None) -> tuple[Problem, ...]:
    """
    Return every mistake of an edition, its worked examples included.

    :param due_at: without it, what examples expect of due times is not looked at
    :raises Unreadable: if the files cannot be understood
    """
    edition = reading.edition(body)
    # The order of the cheap checks; examples last, since they fail for any of the others too.
    return (
        *clauses_cited_exist(edition),
        *clauses_tell_the_truth(edition),
        *references_resolve(edition),
        *figures_have_sources(edition),
        *legal_limits_rest_on_figures(edition),
        *tables_decide(edition),
        *kinds_have_limits(edition),
        *kinds_have_rules(edition),
        *limits_respect_law(edition),
        *examples.problems(body, edition, due_at),
    )


def clauses_cited_exist(edition: Edition) -> Iterator[Problem]:
    """Every clause that a rule cites must be there."""
    for number, table in dict.fromkeys(edition.citations()):
        if number not in edition.clauses:
            yield Problem("clause.unknown", f"tables/{table}", "clause", {"clause": number})


def clauses_tell_the_truth(edition: Edition) -> Iterator[Problem]:
    """A clause is enforced exactly when some rule enforces it."""
    for clause in edition.clauses.values():
        facts = {"clause": clause.number, "rules": list(clause.rules)}
        if clause.enforced and not clause.rules:
            yield Problem("clause.enforced_by_nothing", f"clauses/{clause.chapter}", "", facts)
        if clause.rules and not clause.enforced:
            yield Problem("clause.enforced_silently", f"clauses/{clause.chapter}", "", facts)


def references_resolve(edition: Edition) -> Iterator[Problem]:
    """Every category, skill, instrument, venue, calendar and source that is named must exist."""
    categories = {category.code for category in edition.categories}
    known = {
        "skill": {skill.code for skill in edition.skills},
        "instruments": {choice.code for choice in edition.instruments},
        "venue": {choice.code for choice in edition.venues},
        "parent": categories,
    }
    for category in edition.categories:
        named = {
            "skill": (category.skill,),
            "instruments": category.instruments,
            "venue": (category.venue,) if category.venue else (),
            "parent": (category.parent,) if category.parent else (),
        }
        for key, codes in named.items():
            for code in codes:
                if code not in known[key]:
                    facts = {"category": category.code, "code": code}
                    yield Problem("reference.unknown", "tables/categories", key, facts)
    yield from _parents_lead_to_a_root(edition)
    for clause in edition.clauses.values():
        for basis in clause.legal_basis:
            # A basis is a source, followed by an article where one is meant.
            source = basis.split(maxsplit=1)[0] if basis.strip() else basis
            if source not in edition.sources:
                file = f"clauses/{clause.chapter}"
                yield Problem("reference.unknown", file, "legal_basis", {"code": source})
    for limit in edition.limits:
        yield from _limit_references(limit, edition, categories)
    yield from _visit_references(edition)


def _parents_lead_to_a_root(edition: Edition) -> Iterator[Problem]:
    parent_of = {category.code: category.parent for category in edition.categories}
    kind_of = {category.code: category.kind for category in edition.categories}
    for category in edition.categories:
        code: str | None = category.code
        seen = set()
        while code is not None and code in parent_of and code not in seen:
            seen.add(code)
            if kind_of[code] != category.kind:
                facts = {"category": category.code, "parent": code}
                yield Problem("category.kind_differs", "tables/categories", "parent", facts)
            code = parent_of[code]
        if code in seen:
            facts = {"category": category.code}
            yield Problem("category.own_ancestor", "tables/categories", "parent", facts)


def _limit_references(limit: Limit, edition: Edition, categories: set[str]) -> Iterator[Problem]:
    file = f"tables/targets/{limit.code}"
    for row in limit.rows:
        if row.then.calendar not in edition.calendars:
            facts = {"code": row.then.calendar}
            yield Problem("reference.unknown", file, "calendar", facts)
        for code in row.when.get("category", ()):
            if code not in categories:
                yield Problem("reference.unknown", file, "when.category", {"code": code})


def _visit_references(edition: Edition) -> Iterator[Problem]:
    calendars = {row.then.calendar for rule in edition.visits.values() for row in rule.hours}
    for code in sorted(calendars - set(edition.calendars)):
        yield Problem("reference.unknown", "tables/visits", "calendar", {"code": code})


def figures_have_sources(edition: Edition) -> Iterator[Problem]:
    """An enabled figure names its source and was verified."""
    for figure in edition.figures.values():
        facts = {"figure": figure.code, "source": figure.source}
        if figure.source and figure.source not in edition.sources:
            yield Problem("reference.unknown", "figures", "source", {"code": figure.source})
        if figure.status != "enabled":
            continue
        if not figure.source:
            yield Problem("figure.without_source", "figures", "source", facts)
        if figure.confidence not in words.ENABLED_CONFIDENCES:
            facts = {"figure": figure.code, "confidence": figure.confidence}
            yield Problem("figure.not_verified", "figures", "confidence", facts)


def legal_limits_rest_on_figures(edition: Edition) -> Iterator[Problem]:
    """A limit of law takes its value from an enabled figure and never pauses."""
    for limit in edition.limits:
        file = f"tables/targets/{limit.code}"
        for row in limit.rows:
            code = row.then.figure
            if code is None and limit.basis == "legal":
                yield Problem("limit.legal_without_figure", file, "figure")
            if code is not None and edition.figures[code].status != "enabled":
                yield Problem("figure.not_enabled", file, "figure", {"figure": code})
            if limit.basis == "legal" and row.then.pausable:
                yield Problem("limit.legal_pauses", file, "pausable")


def tables_decide(edition: Edition) -> Iterator[Problem]:
    """No case may match two rows equally well, and no row may be out of reach."""
    tables: dict[str, Sequence[selecting.Row[Any]]] = {"priority": edition.priorities}
    for limit in edition.limits:
        tables[f"targets/{limit.code}/{limit.kind}"] = limit.rows
    for kind, visit in edition.visits.items():
        tables[f"visits/{kind}"] = visit.hours
    for name, rows in tables.items():
        for tie in selecting.ties(rows):
            facts = {"case": dict(tie.case), "rows": [_shown(row) for row in tie.rows]}
            yield Problem("table.tied", f"tables/{name}", "row", facts)
        for row in selecting.unreachable(rows, words.ATTRIBUTES):
            yield Problem("table.unreachable", f"tables/{name}", "row", {"row": _shown(row)})
    grid = product(words.IMPACTS, words.URGENCIES, words.TIERS)
    for impact, urgency, tier in grid:
        case = {"impact": impact, "urgency": urgency, "tier": tier}
        if not selecting.best(edition.priorities, case):
            yield Problem("priority.undefined", "tables/priority", "row", case)


def kinds_have_limits(edition: Edition) -> Iterator[Problem]:
    """Every kind of case has every limit it needs, whatever its attributes."""
    for kind, required in words.REQUIRED_METRICS.items():
        missing: Counter[str] = Counter()
        for case in _cases(edition, kind):
            found = {target.metric for target in _targets(edition, kind, case)}
            missing.update(required - found)
        for metric, count in sorted(missing.items()):
            facts = {"kind": kind, "metric": metric, "cases": count}
            yield Problem("limit.missing", "tables/targets", metric, facts)


def kinds_have_rules(edition: Edition) -> Iterator[Problem]:
    """Every kind of case has every rule it needs, and at least one category."""
    for kind in words.KINDS:
        rules: dict[str, object] = {
            "acceptance": edition.acceptances.get(kind),
            "rejections": edition.rejections(kind=kind),
            "duplicates": edition.duplicates_by_kind.get(kind),
            "supplement": edition.supplements.get(kind),
            "assignment": edition.assignments.get(kind),
            "closing": edition.closing_conditions(kind=kind),
            "evaluation": edition.evaluations.get(kind),
            "reopening": edition.reopenings.get(kind),
            "retention": edition.retentions.get(kind),
            "categories": edition.leaves(kind=kind),
        }
        conditions = {condition.code for condition in edition.closing_conditions(kind=kind)}
        if "cause_coded" in conditions:
            rules["causes"] = edition.causes(kind=kind)
        if "fix_coded" in conditions:
            rules["fixes"] = edition.fixes(kind=kind)
        if any(category.mode == "field" for category in edition.leaves(kind=kind)):
            visit = edition.visits.get(kind)
            # A row for every case, whatever its attributes.
            rules["visits"] = visit and any(not row.when for row in visit.hours)
        for name, rule in rules.items():
            if not rule:
                yield Problem("rule.missing", f"tables/{name}", "kinds", {"kind": kind})


def limits_respect_law(edition: Edition) -> Iterator[Problem]:
    """No promise of the operator may be looser than the law; both clauses are named."""
    seen: set[tuple[str, str]] = set()
    for kind in words.KINDS:
        for case in _cases(edition, kind):
            targets = _targets(edition, kind, case)
            for promise, law in product(targets, targets):
                if (promise.basis, law.basis) != ("promise", "legal"):
                    continue
                if promise.metric != law.metric or (promise.clause, law.clause) in seen:
                    continue
                if _length(promise, edition) > _length(law, edition):
                    seen.add((promise.clause, law.clause))
                    facts = {
                        "promise": str(promise.within),
                        "promise_clause": promise.clause,
                        "law": str(law.within),
                        "law_clause": law.clause,
                        "case": case,
                    }
                    file = f"tables/targets/{promise.limit}"
                    yield Problem("limit.looser_than_law", file, "within", facts)


def ordinary_minutes(within: Within, calendar: Calendar) -> float:
    """
    Return how long a limit takes by the clock on the wall, in a week without holidays.

    Of several seasons the slowest counts, and so does the longer limit of the two at a cut-off.
    """
    if within.cut_off is not None:
        limits = (within.before_cut_off, within.cut_off.otherwise)
        return max(ordinary_minutes(limit, calendar) for limit in limits)
    if within.unit == "month":
        return within.value * DAYS_A_MONTH * MINUTES_A_DAY
    if within.unit in ("day", "today"):
        return within.value * MINUTES_A_DAY
    weeks = [week for week in calendar.weeks if any(week)]
    if within.unit == "working_day":
        days = min(sum(1 for hours in week if hours) for week in weeks)
        return within.value * MINUTES_A_WEEK / days
    minutes = within.value * (60 if within.unit == "hour" else 1)
    open_minutes = min(sum(end - start for hours in week for start, end in hours) for week in weeks)
    return minutes * MINUTES_A_WEEK / open_minutes


def _length(target: Target, edition: Edition) -> float:
    calendar = edition.calendars.get(target.calendar)
    return ordinary_minutes(target.within, calendar) if calendar else 0.0


def _cases(edition: Edition, kind: str) -> Iterator[dict[str, str]]:
    rows = [row for limit in edition.limits if limit.kind == kind for row in limit.rows]
    yield from selecting.cases(rows, words.ATTRIBUTES)


def _targets(edition: Edition, kind: str, case: Mapping[str, str]) -> list[Target]:
    # Unlike `Edition.targets`, a tie must not end the search for other mistakes.
    return [
        found[0].then
        for limit in edition.limits
        if limit.kind == kind and (found := selecting.best(limit.rows, case))
    ]


def _shown(row: selecting.Row[Any]) -> dict[str, list[str]]:
    return {attribute: sorted(values) for attribute, values in row.when.items()}
