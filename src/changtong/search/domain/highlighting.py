"""The part of a text that says what was looked for, with the places marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from changtong.search.domain.asking import Term
from changtong.search.domain.folding import folded_with_places


SHOWN = 96
BEFORE = 18
MARKS_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; what shows it must escape it."""

    text: str
    marked: bool = False


def marked(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """Return the whole text with the places marked."""
    return tuple(_cut(text, _spans(text, terms), 0, len(text)))


def excerpt(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """Return the stretch of a line that says most, nothing if none says anything of it."""
    lines = [(line, _spans(line, terms)) for line in text.split("\n")]
    # Places, not letters: an English word is longer than the Chinese one it stands for.
    text, spans = max(lines, key=lambda one: len(one[1]))
    if not spans:
        return ()
    starts = [start for start, _end in spans]
    densest = max(
        range(len(spans)),
        key=lambda first: (bisect_left(starts, starts[first] + SHOWN) - first, -first),
    )
    begin = max(0, starts[densest] - BEFORE)
    end = min(len(text), begin + SHOWN)
    shown = list(_cut(text, spans, begin, end))
    if begin:
        shown.insert(0, Piece("…"))
    if end < len(text):
        shown.append(Piece("…"))
    return tuple(shown)


def _spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return where the text says a term, merged and in order, in places of the original."""
    plain, places = folded_with_places(text)
    found: list[tuple[int, int]] = []
    for term in terms:
        for word in _words(term):
            start = plain.find(word)
            while start >= 0 and len(found) < MARKS_AT_MOST:
                found.append((places[start], places[start + len(word) - 1] + 1))
                start = plain.find(word, start + len(word))
            if found and word == term.text:
                break
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _words(term: Term) -> Iterable[str]:
    return [way.text for way in term.ways if way.text]


def _cut(text: str, spans: Sequence[tuple[int, int]], begin: int, end: int) -> Iterable[Piece]:
    at = begin
    for start, stop in spans:
        if stop <= begin or start >= end:
            continue
        if start > at:
            yield Piece(text[at:start])
        yield Piece(text[max(start, begin) : min(stop, end)], marked=True)
        at = min(stop, end)
    if at < end:
        yield Piece(text[at:end])
