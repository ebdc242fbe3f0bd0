"""Find what is wrong with the figures of the law, and with the limits that rest on them."""

from collections.abc import Iterator

from changtong.standard.domain import law, places, words
from changtong.standard.domain.parsing import Problem
from changtong.standard.domain.rulebook import Pack, Rulebook
from changtong.standard.domain.rules import Figure, Limit, Target
from changtong.standard.domain.selecting import REGION, Origin, Row


def figures_are_verified(book: Rulebook) -> Iterator[Problem]:
    """An enabled figure names its source, was read there, says something, and is in force."""
    for figure in book.figures.values():
        origin = book.origins["figure", figure.code]
        if figure.source and figure.source not in book.sources:
            yield problem("reference.unknown", origin, "source", code=figure.source)
        if figure.value and figure.wording:
            facts = {"figure": figure.code, "wording": figure.wording, "value": figure.value}
            yield problem("figure.invented", origin, "value", **facts)
        if figure.status == "enabled":
            yield from _enabled_figure(book, figure, origin)


def _enabled_figure(book: Rulebook, figure: Figure, origin: Origin) -> Iterator[Problem]:
    if not figure.source:
        yield problem("figure.without_source", origin, "source", figure=figure.code)
    if figure.confidence not in words.ENABLED_CONFIDENCES:
        facts = {"figure": figure.code, "confidence": figure.confidence}
        yield problem("figure.not_verified", origin, "confidence", **facts)
    if not figure.value and not figure.wording:
        yield problem("figure.says_nothing", origin, "value", figure=figure.code)
    source = book.sources.get(figure.source)
    begins = source.effective_from if source else None
    if not figure.in_force_on(book.effective_from) or (begins and begins > book.effective_from):
        facts = {"figure": figure.code, "day": book.effective_from.isoformat()}
        yield problem("figure.not_in_force", origin, "effective_from", **facts)


def articles_exist(book: Rulebook) -> Iterator[Problem]:
    """Where the articles of an instrument are clauses, nobody may name another article."""
    for figure in book.figures.values():
        number = article(book, figure.source, figure.article)
        if number is not None and number not in book.clauses:
            origin = book.origins["figure", figure.code]
            facts = {"source": figure.source, "article": figure.article}
            yield problem("article.unknown", origin, "article", **facts)
    for clause in book.clauses.values():
        origin = book.origins["clause", clause.number]
        for basis in clause.legal_basis:
            # A basis is a source, followed by an article where one is meant.
            source, _, named = basis.partition(" ")
            number = article(book, source, named.strip())
            if source not in book.sources:
                yield problem("reference.unknown", origin, "legal_basis", code=source)
            elif number is not None and number not in book.clauses:
                facts = {"source": source, "article": named}
                yield problem("article.unknown", origin, "legal_basis", **facts)
        for number in clause.adopts:
            if number not in book.clauses:
                yield problem("reference.unknown", origin, "adopts", code=number)


def article(book: Rulebook, source: str, named: str) -> str | None:
    """Return the number of the clause that an article is, if its instrument has clauses at all."""
    chapters = {chapter.source: chapter.number for chapter in book.chapters if chapter.source}
    return f"{chapters[source]}.{named}" if named and source in chapters else None


def limits_rest_on_figures(book: Rulebook) -> Iterator[Problem]:
    """A limit of law takes its value from an enabled figure of its article, and never pauses."""
    for limit in book.limits:
        from_pack = law.is_law(limit.origin.file) or isinstance(book, Pack)
        if from_pack and limit.basis != "legal":
            yield problem("limit.promise_in_law", limit.origin, "basis", limit=limit.code)
        if not from_pack and limit.basis == "legal":
            yield problem("limit.law_outside_pack", limit.origin, "basis", limit=limit.code)
        for row in limit.rows:
            yield from _resting(book, limit, row)


def _resting(book: Rulebook, limit: Limit, row: Row[Target]) -> Iterator[Problem]:
    target, origin = row.then, row.origin
    if limit.basis == "legal" and target.pausable:
        yield problem("limit.legal_pauses", origin, "pausable", clause=target.clause)
    if target.figure is None:
        if limit.basis == "legal":
            yield problem("limit.legal_without_figure", origin, "figure", clause=target.clause)
        return
    figure = book.figures[target.figure]
    if figure.status != "enabled":
        yield problem("figure.not_enabled", origin, "figure", figure=figure.code)
    if (figure.statistic, figure.compare) != ("each", "<="):
        facts = {"figure": figure.code, "statistic": figure.statistic, "compare": figure.compare}
        yield problem("figure.not_per_case", origin, "figure", **facts)
    number = article(book, figure.source, figure.article)
    if limit.basis == "legal" and number is not None and number != target.clause:
        facts = {"figure": figure.code, "article": number, "clause": target.clause}
        yield problem("limit.another_article", origin, "clause", **facts)


def overlay_stays_at_home(pack: Pack) -> Iterator[Problem]:
    """The law of a province sets limits there and nowhere else."""
    if pack.region is None:
        return
    home = places.code(pack.region)
    for limit in pack.limits:
        if law.is_law(limit.origin.file):
            continue
        for row in limit.rows:
            named = row.when.get(REGION, frozenset())
            if not named or any(home not in places.codes(region) for region in named):
                facts = {"region": pack.region, "clause": row.then.clause}
                yield problem("limit.outside_region", row.origin, "when.region", **facts)


def problem(code: str, origin: Origin, key: str, /, **facts: object) -> Problem:
    """Name a mistake by the place at which an author finds it."""
    path = f"{origin.key}.{key}" if origin.key and key else origin.key or key
    return Problem(code, origin.file, path, facts)
