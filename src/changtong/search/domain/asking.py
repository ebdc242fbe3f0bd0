"""From what somebody typed to what PostgreSQL is asked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from typing import Any

from changtong.search.domain import folding, lexemes
from changtong.search.domain.lexemes import NAME, PRIVATE, quoted
from changtong.search.domain.synonyms import Thesaurus


LETTERS_AT_MOST = 160
TERMS_AT_MOST = 12
# More terms than this are not combined; the rarest are.
COMBINED_AT_MOST = 7
PREFIX_FROM = 3
NUMBER_FROM = 4
UNKNOWN = 0.0005

_LETTERS_AND_DIGITS = re.compile(r"[^\W\d_]+|\d+")
_SEPARATORS = re.compile(r"[-._/=]")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write what a term means: its letters, and the lexemes that must all be there."""

    text: str
    query: str
    lexemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is looked for; the first way is how it was typed."""

    ways: tuple[Way, ...]
    is_number: bool = False
    # Only a name can be meant by these letters, or a number that not everybody may see.
    hidden: tuple[Way, ...] = ()

    @property
    def text(self) -> str:
        return self.ways[0].text

    @property
    def query(self) -> str:
        return either([way.query for way in (*self.ways, *self.hidden)])

    def share(self, shares: Mapping[str, float]) -> float:
        """Return in which share of all documents it stands, as far as that is known."""
        known = [
            min((shares.get(one, UNKNOWN) for one in way.lexemes), default=UNKNOWN)
            for way in self.ways
        ]
        return min(1.0, sum(known))


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for."""

    text: str
    terms: tuple[Term, ...]

    @property
    def any(self) -> str:
        return either([term.query for term in self.terms])

    def relaxed(
        self, weights: Mapping[str, float], terms: Sequence[Term], share: float
    ) -> list[tuple[Term, ...]]:
        """Return what is enough: terms that have at least this share of all weight together."""
        chosen = terms[:COMBINED_AT_MOST]
        least = share * sum(weights[one.text] for one in chosen)
        enough: list[frozenset[Term]] = []
        for count in range(1, len(chosen) + 1):
            for some in map(frozenset, combinations(chosen, count)):
                # A part of it that is enough by itself asks for less already.
                if sum(weights[one.text] for one in some) >= least and not any(
                    one <= some for one in enough
                ):
                    enough.append(some)
        return [tuple(one for one in chosen if one in some) for some in enough]

    def loosened(self) -> tuple[Term, ...]:
        """Return the terms with long Chinese words taken apart."""
        parts: dict[str, Term] = {}
        for term in self.terms:
            for one in _parts(term):
                parts.setdefault(one.text, one)
        return tuple(parts.values())


def question(text: str, thesaurus: Thesaurus, *, private: bool) -> Question:
    """
    Understand what somebody typed.

    :param private: whether they may find people by their telephone number
    """
    plain = folding.folded(text[:LETTERS_AT_MOST]).strip()
    terms: dict[str, Term] = {}
    start = 0
    for begin, end in _spans(plain, thesaurus):
        for term in _terms(plain[start:begin], thesaurus, private=private):
            terms.setdefault(term.text, term)
        term = _meaning(plain[begin:end], thesaurus, private=private)
        terms.setdefault(term.text, term)
        start = end
    for term in _terms(plain[start:], thesaurus, private=private):
        terms.setdefault(term.text, term)
    loud = [one for one in terms.values() if one.text not in thesaurus.noise]
    return Question(plain, tuple((loud or list(terms.values()))[:TERMS_AT_MOST]))


def holding(enough: Sequence[Sequence[Term]]) -> list[list[str]]:
    """
    Return groups of queries; a document that meets all of one group holds enough.

    A term that is said in many ways takes longest to look up; so it stands once only, before all
    that is enough beside it.
    """
    beside: dict[Term, list[Sequence[Term]]] = {}
    for terms in enough:
        first = max(terms, key=lambda term: (len(term.query), term.text))
        beside.setdefault(first, []).append([term for term in terms if term is not first])
    return [[first.query, *_beside(others)] for first, others in beside.items()]


def _beside(others: Sequence[Sequence[Term]]) -> list[str]:
    if not all(others):
        return []
    if len(others) == 1:
        return [term.query for term in others[0]]
    return [either([every([term.query for term in terms]) for terms in others])]


def likely(enough: Sequence[Sequence[Term]], shares: Mapping[str, float]) -> float:
    """
    Return in which share of all documents that is so, about.

    Words that are said together are neither independent nor the same: each further one, the
    rarest first, counts as the root of the one before.
    """
    return min(1.0, sum(_together(term.share(shares) for term in terms) for terms in enough))


def _together(shares: Iterable[float]) -> float:
    return math.prod(math.pow(one, 0.5**place) for place, one in enumerate(sorted(shares)))


def every(queries: Sequence[str]) -> str:
    """Return the query that asks for all of these."""
    return _joined(" & ", queries)


def either(queries: Sequence[str]) -> str:
    """Return the query that asks for one of these."""
    return _joined(" | ", list(dict.fromkeys(queries)))


def _joined(sign: str, queries: Sequence[str]) -> str:
    wanted = [one for one in queries if one]
    return wanted[0] if len(wanted) == 1 else f"({sign.join(wanted)})" if wanted else ""


def _spans(plain: str, thesaurus: Thesaurus) -> Iterator[tuple[int, int]]:
    """Yield where the text is taken as a whole: numbers in groups, and words with others."""
    numbers = [(start, end) for start, end, _digits in folding.grouped_numbers(plain)]
    words = [
        span
        for span in thesaurus.said(plain)
        if not any(span[0] < end and start < span[1] for start, end in numbers)
    ]
    yield from sorted([*numbers, *words])


def _meaning(text: str, thesaurus: Thesaurus, *, private: bool) -> Term:
    for start, end, digits in folding.grouped_numbers(text):
        if (start, end) == (0, len(text)):
            return _word_term(digits, (), private=private)
    others = thesaurus.others(text)
    parts = list(folding.pieces(text))
    if len(parts) == 1 and not parts[0][1]:
        return _word_term(text, others, private=private)
    return Term(ways=(_way(text), *map(_other, others)))


def _terms(text: str, thesaurus: Thesaurus, *, private: bool) -> Iterator[Term]:
    for piece, is_han in folding.pieces(text):
        if not is_han:
            yield _word_term(piece, thesaurus.others(piece), private=private)
            continue
        for word in _segmented(piece):
            yield Term(ways=(_way(word), *map(_other, thesaurus.others(word))))


def _segmented(run: str) -> list[str]:
    return list(_segmenter().cut(run)) if len(run) > 2 else [run]  # noqa: PLR2004 - one word


@cache
def _segmenter() -> Any:
    import rjieba

    return rjieba


def _other(text: str) -> Way:
    """Return how a word is found that nobody typed; so nobody is in the middle of it either."""
    return _way(text, whole=True)


def _way(text: str, *, whole: bool = False) -> Way:
    """Return how any written word is found, whatever scripts it mixes."""
    queries: list[str] = []
    needed: list[str] = []
    for piece, is_han in folding.pieces(text):
        if is_han:
            pairs = _pairs(piece)
            queries += map(quoted, pairs)
            needed += pairs
        else:
            queries.append(_word_query(piece, whole=whole))
            needed.append(_SEPARATORS.sub("", piece))
    return Way(text, every(queries), tuple(needed))


def _pairs(run: str) -> list[str]:
    if len(run) == 1:
        return [run]
    return list(dict.fromkeys(map("".join, pairwise(run))))


def _word_query(word: str, *, whole: bool = False) -> str:
    """Return what finds a word of another script: as typed, begun with, ended by, in its parts."""
    joined = _SEPARATORS.sub("", word)
    asked = [quoted(joined) if whole else _begun(joined)]
    parts = _SEPARATORS.split(word)
    smaller = [one for part in parts for one in _LETTERS_AND_DIGITS.findall(part)]
    if len(smaller) > 1:
        asked.append(every([quoted(one) for one in smaller]))
    if joined.isdecimal() and len(joined) >= NUMBER_FROM:
        asked.append(f"{quoted(lexemes.backwards(joined))}:*")
    if joined.isalpha() and joined.endswith("s") and len(joined) > PREFIX_FROM:
        asked.append(_begun(joined[:-1]))
    return either(asked)


def _begun(word: str) -> str:
    # Two letters begin too many words, and a short number too many numbers.
    least = NUMBER_FROM if word.isdecimal() else PREFIX_FROM
    return f"{quoted(word)}:*" if len(word) >= least else quoted(word)


def _word_term(word: str, others: Sequence[str], *, private: bool) -> Term:
    joined = _SEPARATORS.sub("", word)
    digits = joined.isdecimal()
    hidden: list[Way] = []
    if private and (digits or "@" in word) and len(joined) >= NUMBER_FROM:
        hidden.append(Way(joined, f"{quoted(PRIVATE + joined)}:*"))
        hidden.append(Way(joined, f"{quoted(PRIVATE + lexemes.backwards(joined))}:*"))
    if joined.isascii() and joined.isalpha() and len(joined) > 1:
        least = len(joined) >= PREFIX_FROM
        hidden.append(Way(joined, quoted(NAME + joined) + (":*" if least else "")))
    return Term(
        ways=(Way(word, _word_query(word), (joined,)), *map(_other, others)),
        is_number=(digits and len(joined) >= NUMBER_FROM) or _looks_like_number(joined),
        hidden=tuple(hidden),
    )


def _looks_like_number(word: str) -> bool:
    return sum(one.isdecimal() for one in word) > NUMBER_FROM


def _parts(term: Term) -> Iterator[Term]:
    """Yield a term with its other ways, and by themselves the parts of a long or unknown word."""
    yield term
    text = term.text
    if not _is_han(text):
        return
    parts = [one for one in _segmenter().cut_for_search(text) if 1 < len(one) < len(text)]
    if len(text) > 2 and not parts:  # noqa: PLR2004 - it has several pairs
        parts = _pairs(text)
    elif len(text) == 2 and not _segmenter().has_word(text):  # noqa: PLR2004 - one pair
        parts = list(text)
    for one in parts:
        yield Term(ways=(_way(one),))


def _is_han(text: str) -> bool:
    return all(is_han for _piece, is_han in folding.pieces(text)) and not text.isascii()
