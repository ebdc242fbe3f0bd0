"""What a viewer finds: the words decide what, the owners' own rules decide whose."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection

from changtong.kernel.errors import Refused
from changtong.parties.domain.roles import Viewer
from changtong.search.domain import asking, lexemes, narrowing, ranking
from changtong.search.domain.asking import Question, Term
from changtong.search.domain.highlighting import Piece, excerpt, marked
from changtong.search.domain.narrowing import Filters
from changtong.search.domain.ranking import Candidate
from changtong.search.models import Document
from changtong.search.queries import sources, words
from changtong.search.queries.sources import CUSTOMER, KINDS, TICKET, Source


# So many of a kind are looked at, the newest first; beyond it is said that there are more.
COUNTED_AT_MOST = 300
# So many of these are judged by their whole text; the best order ends there.
JUDGED_AT_MOST = 100
ENOUGH = 8
# How much of what was asked for must be there when not everything is.
SHARES = (0.62, 0.34, 0.15)
A_MONTH = timedelta(days=31)
# Where more than this would have to be looked through, all of it takes no longer.
FAR = timedelta(days=92)
# Further than the frequency says, since asking once more costs more.
SPARE = 2
BEST, NEWEST = "best", "newest"
WEIGHTS = "{0.1, 0.2, 0.4, 1.0}"

_PART = """
(SELECT kind, id, source_id, at, ts_rank(%s::real[], words, %s::tsquery) AS rank
 FROM (SELECT kind, id, source_id, at, words FROM search_document
       WHERE kind = '{kind}' {conditions} {order} LIMIT %s) AS newest)
"""
# Each by itself: the index steps over what one of them rules out, ten times as fast as within one.
_MEETS = "words @@ %s::tsquery"
_NEWEST_FIRST = "ORDER BY at DESC, id DESC"
# A word that most documents hold lets the planner read them all, which takes seconds.
_BY_INDEX = "SET LOCAL enable_seqscan = off; {}; SET LOCAL enable_seqscan = on"
_BEFORE = "AND (at, id) < (%s, %s)"


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found, and why."""

    kind: str
    source_id: int
    number: str
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]
    names: tuple[Piece, ...]
    at: datetime
    score: float
    key: int


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind: a page of hits, and how many there are, up to a bound."""

    kind: str
    hits: tuple[Hit, ...]
    count: int
    more: bool = False
    next: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by kind; `loosely` when not everything that was asked for stands in it."""

    groups: tuple[Group, ...] = ()
    loosely: bool = False
    terms: tuple[Term, ...] = field(default=(), repr=False)

    @property
    def nothing(self) -> bool:
        return not any(group.count for group in self.groups)

    def group(self, kind: str) -> Group:
        return next((one for one in self.groups if one.kind == kind), Group(kind, (), 0))


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    key: int
    source_id: int
    at: datetime
    rank: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """One search, as it goes on."""

    viewer: Viewer
    question: Question
    filters: Filters
    kinds: Sequence[str]
    order: str
    at: datetime
    place: tuple[datetime, int] | None


def search(
    viewer: Viewer,
    text: str,
    *,
    at: datetime,
    kinds: Sequence[str] = KINDS,
    filters: Filters | None = None,
    order: str = BEST,
    size: int = 20,
    cursor: str = "",
    loosen: bool = True,
) -> Found:
    """
    Return what the viewer may see of what fits, each kind by itself.

    :param cursor: goes on after a page of one kind
    :param loosen: whether less than all of it will do when all is hardly found
    :raises Refused: ``cursor.invalid``
    """
    question = asking.question(text, words.trade(), private=_may_see_numbers(viewer))
    if not question.terms:
        return Found()
    given = _place(cursor) if cursor else None
    newest = order == NEWEST
    begun = given[0] if given and not newest else at
    asked = _Search(
        viewer=viewer,
        question=question,
        filters=filters or Filters(),
        kinds=[kind for kind in kinds if _fits(kind, filters)],
        order=order,
        at=begun,
        place=(given[0], int(given[2])) if given and newest else None,
    )
    terms: Sequence[Term] = question.terms
    rows = _retrieved(asked, [question.terms])
    loosely = False
    loosen = loosen and given is None and len(question.loosened()) > 1
    if loosen and len(rows) < ENOUGH:
        weights = ranking.weights(question.loosened(), words.shares(second=at.timestamp()))
        terms = sorted(question.loosened(), key=lambda term: -weights[term.text])
        for share in SHARES:
            looser = _retrieved(asked, question.relaxed(weights, terms, share))
            if len(looser) > len(rows):
                rows, loosely = looser, True
            if len(rows) >= ENOUGH:
                break
    groups = _groups(asked, _seen(asked, rows), terms, size=size, given=given)
    return Found(groups, loosely=loosely, terms=tuple(question.terms))


def suggest(viewer: Viewer, text: str, limit: int = 8, *, at: datetime) -> list[Hit]:
    """Return the likeliest few of everything, for a list that opens while somebody types."""
    kinds = (TICKET, CUSTOMER, sources.LINE)
    found = search(viewer, text, at=at, kinds=kinds, size=limit, loosen=False)
    hits = [hit for group in found.groups for hit in group.hits]
    return sorted(hits, key=lambda hit: -hit.score)[:limit]


def _may_see_numbers(viewer: Viewer) -> bool:
    return viewer.may("customers.view") or viewer.may("tickets.work")


def _fits(kind: str, filters: Filters | None) -> bool:
    return sources.of_kind(kind).timed or filters is None or not filters.only_cases


# -----------------------------------------------------------------------------------------
# Candidates
# -----------------------------------------------------------------------------------------


def _retrieved(asked: _Search, enough: Sequence[Sequence[Term]]) -> list[_Row]:
    """
    Return the newest that fit, from as far back as the wanted number will be found.

    How far that is PostgreSQL's own statistics tell, and, where they were wrong, how many there
    were; if even there it is not, everything is read.
    """
    since, until = asked.filters.since, asked.filters.until or asked.at
    if asked.place is not None:
        until = asked.place[0]
    queries = asking.holding(enough)
    reach = {kind: _reach(asked, enough, kind) for kind in asked.kinds}
    rows: list[_Row] = []
    while reach:
        rows = [one for one in rows if one.kind not in reach]
        periods = {kind: _period(since, until, back) for kind, back in reach.items()}
        rows += _asked(asked, queries, periods)
        counts = Counter(one.kind for one in rows)
        reach = {
            kind: _further(back, counts[kind])
            for kind, back in reach.items()
            if back is not None
            and counts[kind] <= COUNTED_AT_MOST
            and (since is None or until - back > since)
        }
    return rows


def _reach(asked: _Search, enough: Sequence[Sequence[Term]], kind: str) -> timedelta | None:
    """Return how far back to look at first; None for everything."""
    source, second = sources.of_kind(kind), asked.at.timestamp()
    if not source.timed:
        return None
    shares = words.shares(second=second)
    narrowed = [
        source.within(asked.viewer) or "",
        lexemes.quoted(lexemes.of_month(asked.at - A_MONTH)),
        *asked.filters.lexemes(),
    ]
    share = asking.likely(enough, shares) * narrowing.breadth(narrowed, shares)
    return _further(A_MONTH, share * words.documents(second=second))


def _further(back: timedelta, found: float) -> timedelta | None:
    """Return how far back enough would be if it were as frequent there; None for everything."""
    enough = back * SPARE * COUNTED_AT_MOST / found if found else FAR
    return enough if enough < FAR else None


def _period(since: datetime | None, until: datetime, back: timedelta | None) -> str:
    """Return the days or months to look at as lexemes, nothing for all."""
    first = since if back is None else max(until - back, since or until - back)
    return narrowing.period(first, until) if first is not None else ""


def _asked(
    asked: _Search, queries: Sequence[Sequence[str]], periods: Mapping[str, str]
) -> list[_Row]:
    parts: list[str] = []
    values: list[str | int | datetime] = []
    for kind, period in periods.items():
        source = sources.of_kind(kind)
        within = source.within(asked.viewer)
        if within is None:
            continue
        narrowed = asked.filters.lexemes() if source.timed else asked.filters.place()
        wanted = [one for one in (within, period, *narrowed) if one]
        conditions, given = _exactly(asked, source)
        # Of what has no time any will do, and nobody waits for all of it to be put in order.
        order = _NEWEST_FIRST if source.timed or asked.order == NEWEST else ""
        enough = " OR ".join(f"({' AND '.join([_MEETS] * len(group))})" for group in queries)
        conditions = [f"AND ({enough})", *[f"AND {_MEETS}"] * len(wanted), *conditions]
        parts.append(_PART.format(kind=kind, conditions=" ".join(conditions), order=order))
        values += [WEIGHTS, asked.question.any, *(one for group in queries for one in group)]
        values += [*wanted, *given, COUNTED_AT_MOST + 1]
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BY_INDEX.format(" UNION ALL ".join(parts)), values)
        cursor.nextset()
        return [_Row(*row) for row in cursor.fetchall()]


def _exactly(asked: _Search, source: Source) -> tuple[list[str], list[str | int | datetime]]:
    """Return the conditions that days and months are too coarse for."""
    conditions: list[str] = []
    values: list[str | int | datetime] = []
    if asked.place is not None:
        conditions.append(_BEFORE)
        values += asked.place
    if source.timed and asked.filters.since is not None:
        conditions.append("AND at >= %s")
        values.append(asked.filters.since)
    if source.timed and asked.filters.until is not None:
        conditions.append("AND at < %s")
        values.append(asked.filters.until)
    return conditions, values


def _seen(asked: _Search, rows: Sequence[_Row]) -> list[_Row]:
    """Return what the viewer may see now, by the rule of the context that owns it."""
    state = {"state": asked.filters.state} if asked.filters.state else None
    allowed: dict[str, set[int]] = {}
    for kind in {one.kind for one in rows}:
        source = sources.of_kind(kind)
        shared = next((one for one in allowed if sources.of_kind(one).rows == source.rows), None)
        keys = {one.source_id for one in rows if one.kind == kind}
        known = allowed.get(shared, set()) & keys if shared else set()
        missing = keys - known if shared is None else keys - allowed[shared]
        allowed[kind] = known | source.visible(
            asked.viewer, missing, state if source.timed else None
        )
    return [one for one in rows if one.source_id in allowed[one.kind]]


# -----------------------------------------------------------------------------------------
# Order and pages
# -----------------------------------------------------------------------------------------


def _groups(
    asked: _Search,
    seen: Sequence[_Row],
    terms: Sequence[Term],
    *,
    size: int,
    given: tuple[datetime, float, int] | None,
) -> tuple[Group, ...]:
    by_kind = {kind: [one for one in seen if one.kind == kind] for kind in asked.kinds}
    judged: dict[str, list[_Row]] = {}
    for kind, rows in by_kind.items():
        if asked.order == NEWEST:
            rows.sort(key=lambda one: (one.at, one.key), reverse=True)
            judged[kind] = rows[: size + 1]
        else:
            rows.sort(key=lambda one: (one.rank, one.at, one.key), reverse=True)
            judged[kind] = rows[:JUDGED_AT_MOST]
    documents = _documents([one.key for rows in judged.values() for one in rows])
    weights = ranking.weights(terms, words.shares(second=asked.at.timestamp()))
    return tuple(
        _group(
            asked,
            kind,
            _judged(
                asked, [documents[one.key] for one in rows if one.key in documents], terms, weights
            ),
            count=len(by_kind[kind]),
            size=size,
            given=given,
        )
        for kind, rows in judged.items()
    )


def _documents(keys: Sequence[int]) -> dict[int, Document]:
    shown = Document.objects.only(
        "kind", "source_id", "number", "title", "text", "names", "at", "open"
    )
    return shown.in_bulk(keys) if keys else {}


def _judged(
    asked: _Search, rows: Sequence[Document], terms: Sequence[Term], weights: Mapping[str, float]
) -> list[tuple[float, Document]]:
    scored = [
        (
            round(ranking.score(_candidate(row), asked.question, terms, weights, at=asked.at), 6),
            row,
        )
        for row in rows
    ]
    if asked.order == BEST:
        scored.sort(key=lambda one: (one[0], one[1].pk), reverse=True)
    return scored


def _candidate(row: Document) -> Candidate:
    return Candidate(row.pk, row.number, row.title, row.text, row.names, row.at, row.open)


def _group(
    asked: _Search,
    kind: str,
    scored: Sequence[tuple[float, Document]],
    *,
    count: int,
    size: int,
    given: tuple[datetime, float, int] | None,
) -> Group:
    if given is not None and asked.order == BEST:
        scored = [one for one in scored if (one[0], one[1].pk) < given[1:]]
    shown = scored[:size]
    following = ""
    if shown and len(scored) > size:
        score, last = shown[-1]
        moment = asked.at if asked.order == BEST else last.at
        following = _written(moment, score, last.pk)
    return Group(
        kind,
        tuple(_hit(row, score, asked.question.terms) for score, row in shown),
        min(count, COUNTED_AT_MOST),
        more=count > COUNTED_AT_MOST,
        next=following,
    )


def _hit(row: Document, score: float, terms: Sequence[Term]) -> Hit:
    return Hit(
        kind=row.kind,
        source_id=row.source_id,
        number=row.number,
        title=marked(row.title, terms),
        excerpt=excerpt(row.text, terms),
        names=marked(row.names, terms),
        at=row.at,
        score=score,
        key=row.pk,
    )


def _written(at: datetime, score: float, key: int) -> str:
    plain = json.dumps([at.isoformat(), score, key])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, float, int]:
    try:
        at, score, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment, float(score), int(key)
    except (ValueError, TypeError, OverflowError) as error:
        raise Refused("cursor.invalid") from error
