"""Which of the documents that were found is meant, by what they say and where they say it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changtong.search.domain import lexemes
from changtong.search.domain.asking import Question, Term
from changtong.search.domain.folding import folded


IN_TITLE, IN_TEXT, IN_PART = 1.0, 0.62, 0.4
# Said in other words, in pairs of characters only, or only found by what is not shown.
OTHERWISE, IN_PAIRS, UNSEEN = 0.85, 0.5, 0.55
EXACT_NUMBER, PART_OF_NUMBER = 8.0, 1.5
WHOLE_IN_TITLE, WHOLE_IN_TEXT, TITLE_FILLED, ORDERED = 0.5, 0.3, 0.25, 0.12
OPEN, RECENT = 0.05, 0.08
HALF_LIFE = timedelta(days=120)

_SEPARATORS = re.compile(r"[-._/= ]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is judged of a document."""

    key: int
    number: str
    title: str
    text: str
    names: str
    at: datetime
    open: bool


def score(
    one: Candidate,
    question: Question,
    terms: Sequence[Term],
    weights: Mapping[str, float],
    *,
    at: datetime,
) -> float:
    """Return how likely the document is meant; about 1 when it says everything in its title."""
    title, text, names = folded(one.title), folded(one.text), folded(one.names)
    number = folded(one.number)
    total = sum(weights[term.text] for term in terms) or 1.0
    said = 0.0
    places: list[int] = []
    for term in terms:
        strength, place = _said(term, number, title, text, names)
        said += strength * weights[term.text] / total
        if place >= 0:
            places.append(place)
    whole = _whole(question.text, title, text)
    ordered = ORDERED if len(places) > 1 and places == sorted(places) else 0.0
    age = max(timedelta(), at - one.at)
    recent = RECENT * math.exp2(-(age / HALF_LIFE))
    return said + whole + ordered + recent + (OPEN if one.open else 0.0)


def weights(terms: Sequence[Term], shares: Mapping[str, float]) -> dict[str, float]:
    """Return how much each term tells: the rarer, the more."""
    return {
        term.text: (math.log(1 / max(term.share(shares), 1e-5)) + 0.5)
        * (0.6 + 0.2 * min(len(term.text), 4))
        for term in terms
    }


def _said(term: Term, number: str, title: str, text: str, names: str) -> tuple[float, int]:
    """Return how strongly a document says a term, and where."""
    if term.is_number:
        asked, known = (_SEPARATORS.sub("", one) for one in (term.text, number))
        if asked == known:
            return EXACT_NUMBER, 0
        if known.endswith(asked):
            return PART_OF_NUMBER, 0
    best, where = 0.0, -1
    for place, way in enumerate(term.ways):
        usual = 1.0 if not place else OTHERWISE
        for body, worth, start in (
            (title, IN_TITLE, 0),
            (names, IN_TITLE, 0),
            (text, IN_TEXT, len(title)),
        ):
            strength, at = _strength(way.text, body)
            if strength * worth * usual > best:
                best, where = strength * worth * usual, start + at
        if best >= usual * IN_TITLE:
            break
    if not best and term.hidden:
        best = _by_name(term, names)
    return best, where


def _strength(word: str, body: str) -> tuple[float, int]:
    at = body.find(word)
    if at >= 0:
        begun = not word[0].isascii() or at == 0 or not _letter(body[at - 1])
        ended = (
            not word[-1].isascii()
            or at + len(word) == len(body)
            or not _letter(body[at + len(word)])
        )
        return (1.0 if begun and ended else 0.8 if begun else IN_PART), at
    pairs = [word[place : place + 2] for place in range(len(word) - 1)]
    if len(pairs) > 1 and not word.isascii():
        found = [body.find(pair) for pair in pairs]
        held = sum(place >= 0 for place in found) / len(pairs)
        return (IN_PAIRS * held if held > 0.5 else 0.0), max(found)  # noqa: PLR2004 - most of them
    return 0.0, -1


def _letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _by_name(term: Term, names: str) -> float:
    wanted = lexemes.NAME + term.text
    for name in names.split():
        readings = lexemes.of_name(name)
        if wanted in readings:
            return IN_TITLE
        if any(one.startswith(wanted) for one in readings):
            return OTHERWISE
    return 0.0


def _whole(asked: str, title: str, text: str) -> float:
    if len(asked) < 2:  # noqa: PLR2004 - a single character is nothing whole
        return 0.0
    if asked in title:
        return WHOLE_IN_TITLE + TITLE_FILLED * len(asked) / len(title)
    return WHOLE_IN_TEXT if asked in text else 0.0
