"""Find what is wrong with an edition, or a pack of law, that can be read."""

from collections.abc import Iterator
from datetime import date, timedelta

from changtong.standard.domain import (
    checking_figures,
    checking_ladders,
    checking_limits,
    checklists,
    counters,
    examples,
    identity,
    intake_forms,
    reading,
    self_checks,
    words,
)
from changtong.standard.domain.checking_figures import problem
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.examples import Deadline
from changtong.standard.domain.parsing import Body, Problem
from changtong.standard.domain.rulebook import Rulebook


def problems(body: Body, due_at: Deadline | None = None) -> tuple[Problem, ...]:
    """
    Return every mistake of an edition or a pack of law, its worked examples included.

    :param due_at: without it, what examples expect of due times is not looked at
    :raises Unreadable: if the files cannot be understood
    """
    if reading.is_pack(body):
        pack = reading.pack(body)
        return (*_shared(pack), *checking_figures.overlay_stays_at_home(pack))
    edition = reading.edition(body)
    # The order of the cheap checks; examples last, since they fail for any of the others too.
    return (
        *_shared(edition),
        *law_is_named(edition),
        *references_resolve(edition),
        *checking_limits.rows_are_possible(edition),
        *checking_limits.priorities_are_complete(edition),
        *checking_limits.kinds_have_limits(edition),
        *kinds_have_rules(edition),
        *checking_ladders.ladders_lead_upwards(edition),
        *checking_ladders.ladder_calendars_exist(edition),
        *checking_ladders.contact_calendars_exist(edition),
        *self_checks.problems(
            edition.self_checks, frozenset(one.code for one in edition.leaves(kind="fault"))
        ),
        *intake_forms.problems(
            edition.intake_forms, frozenset(one.code for one in edition.categories)
        ),
        *counters.problems(edition.counters),
        *identity.problems(
            edition.identity,
            categories=frozenset(one.code for one in edition.categories),
            channels=frozenset(one.code for one in edition.channels),
            clauses=edition.clauses,
        ),
        *checklists.problems(
            edition.checklists,
            frozenset(one.code for one in edition.categories),
            edition.clauses,
        ),
        *checking_limits.limits_respect_law(edition),
        *examples.problems(body, edition, due_at),
    )


def _shared(book: Rulebook) -> Iterator[Problem]:
    yield from clauses_cited_exist(book)
    yield from clauses_tell_the_truth(book)
    yield from calendars_have_open_time(book)
    yield from checking_figures.figures_are_verified(book)
    yield from checking_figures.articles_exist(book)
    yield from checking_figures.limits_rest_on_figures(book)
    yield from checking_limits.limit_calendars_exist(book)
    yield from checking_limits.tables_decide(book)
    yield from checking_limits.clocks_stay_apart(book)


def clauses_cited_exist(book: Rulebook) -> Iterator[Problem]:
    """Every clause that a rule cites must be there."""
    for number, table in dict.fromkeys(book.citations()):
        if number not in book.clauses:
            yield Problem("clause.unknown", f"tables/{table}", "clause", {"clause": number})


def clauses_tell_the_truth(book: Rulebook) -> Iterator[Problem]:
    """A clause is enforced exactly when some rule enforces it, and says what would prove it."""
    for clause in book.clauses.values():
        origin = book.origins["clause", clause.number]
        facts = {"clause": clause.number, "rules": list(clause.rules)}
        if clause.enforced and not clause.rules:
            yield problem("clause.enforced_by_nothing", origin, "enforced", **facts)
        if clause.rules and not clause.enforced:
            yield problem("clause.enforced_silently", origin, "enforced", **facts)
        if clause.enforced and not clause.evidence:
            yield problem("clause.without_evidence", origin, "evidence", clause=clause.number)


def calendars_have_open_time(book: Rulebook) -> Iterator[Problem]:
    """In each year that a calendar knows, something must open."""
    for calendar in book.calendars.values():
        for year in sorted(calendar.years):
            days = (date(year, 1, 1) + timedelta(days=count) for count in range(366))
            if not any(calendar.is_working_day(day) for day in days if day.year == year):
                facts = {"calendar": calendar.code, "year": year}
                yield Problem("calendar.closed_all_year", "calendars", calendar.code, facts)


def law_is_named(edition: Edition) -> Iterator[Problem]:
    """An operator's edition rests on the law, or nothing could be held against it."""
    if not edition.law:
        yield Problem("law.not_rested_on", "edition.toml", "law")


def references_resolve(edition: Edition) -> Iterator[Problem]:
    """Every category, skill, instrument, venue and calendar that is named must exist."""
    known = {
        "skill": {skill.code for skill in edition.skills},
        "instruments": {choice.code for choice in edition.instruments},
        "venue": {choice.code for choice in edition.venues},
        "parent": {category.code for category in edition.categories},
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
                    origin = edition.origins["category", category.code]
                    yield problem("reference.unknown", origin, key, code=code)
    yield from _parents_lead_to_a_root(edition)
    for visit in edition.visits.values():
        for row in visit.hours:
            if row.then.calendar not in edition.calendars:
                code = row.then.calendar
                yield Problem(
                    "reference.unknown", "tables/visits.toml", "calendar", {"code": code}
                )


def _parents_lead_to_a_root(edition: Edition) -> Iterator[Problem]:
    parent_of = {category.code: category.parent for category in edition.categories}
    kind_of = {category.code: category.kind for category in edition.categories}
    for category in edition.categories:
        origin = edition.origins["category", category.code]
        code: str | None = category.code
        seen = set()
        while code is not None and code in parent_of and code not in seen:
            seen.add(code)
            if kind_of[code] != category.kind:
                facts = {"category": category.code, "parent": code}
                yield problem("category.kind_differs", origin, "parent", **facts)
            code = parent_of[code]
        if code in seen:
            yield problem("category.own_ancestor", origin, "parent", category=category.code)


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
                yield Problem("rule.missing", f"tables/{name}.toml", "kinds", {"kind": kind})
