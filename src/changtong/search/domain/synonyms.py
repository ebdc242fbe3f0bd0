"""Words that mean the same to whoever searches, and words that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from changtong.search.domain.folding import folded


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Which words stand for which; all of them folded."""

    meanings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    noise: frozenset[str] = frozenset()
    found: re.Pattern[str] | None = None

    def said(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where a folded text says a word that others stand for, the longest first."""
        if self.found is not None:
            for one in self.found.finditer(text):
                yield one.span()

    def others(self, word: str) -> tuple[str, ...]:
        """Return what else is said for a word."""
        return self.meanings.get(word, ())


def thesaurus(files: Iterable[Mapping[str, Any]]) -> Thesaurus:
    """
    Return what the files say together.

    :raises ValueError: if a file does not hold lists of words
    """
    meanings: dict[str, dict[str, None]] = {}
    noise: set[str] = set()
    for file in files:
        for group in file.get("groups", ()):
            words = _words(group)
            for word in words:
                meanings.setdefault(word, {}).update((one, None) for one in words if one != word)
        noise |= set(_words(file.get("noise", ())))
    # A single character means too much by itself to be looked for inside of words.
    longer = sorted((one for one in meanings if len(one) > 1), key=len, reverse=True)
    found = re.compile("|".join(map(_bounded, longer))) if longer else None
    return Thesaurus(
        {one: tuple(others) for one, others in meanings.items()}, frozenset(noise), found
    )


def _words(group: object) -> list[str]:
    if not isinstance(group, list) or not all(isinstance(one, str) for one in group):
        raise ValueError(f"not a list of words: {group!r}")
    return [folded(one).strip() for one in group]


def _bounded(word: str) -> str:
    """Return what finds a word, but not a part of a longer one of another script."""
    before = r"(?<![a-z0-9])" if word[0].isascii() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() else ""
    return f"{before}{re.escape(word)}{after}"
