"""Which category a text belongs to, with the reason, so that a person can agree or not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from changtong.standard.domain.edition import Edition
from changtong.standard.domain.rules import Category


# How the score is made is a property of this transparent method, not of any clause; the
# confidence that suffices for accepting without a person is a clause (acceptance rule).
FAMILY_WEIGHT = 1.0
HISTORY_WEIGHT = 0.5
HISTORY_AT_MOST = 3
ALTERNATIVES = 3

_BORDER = re.compile(r"(?<=[一-鿿])(?=[0-9a-z])|(?<=[0-9a-z])(?=[一-鿿])|\s+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    A proposed category.

    :param confidence: between 0 and 1, how far ahead of the next candidate it is
    :param reasons: what spoke for it: ``keyword:慢``, ``family:broadband``, ``history:3``
    :param others: the next best categories' codes
    """

    category: Category
    confidence: float
    reasons: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def why(self) -> dict[str, object]:
        """Return what the decision keeps of it."""
        return {"reasons": self.reasons, "others": self.others, "confidence": self.confidence}


def propose(
    *,
    edition: Edition,
    kind: str,
    text: str,
    family: str | None = None,
    history: Mapping[str, int] | None = None,
) -> Proposal | None:
    """
    Propose a category from the words of the matter, the line's family and earlier tickets.

    Longer keywords count for more, since they say more; None if nothing speaks for any.
    """
    padded = _padded(text)
    scored: list[tuple[float, Category, list[str]]] = []
    for category, keywords in _keywords(edition, kind):
        if family and category.families and family not in category.families:
            continue
        hits = [keyword for keyword in keywords if keyword.needle in padded]
        if not hits:
            continue
        score = sum(keyword.weight for keyword in hits)
        reasons = [f"keyword:{keyword.word}" for keyword in hits]
        if family and category.families:
            score += FAMILY_WEIGHT
            reasons.append(f"family:{family}")
        if earlier := (history or {}).get(category.code, 0):
            score += HISTORY_WEIGHT * min(earlier, HISTORY_AT_MOST)
            reasons.append(f"history:{earlier}")
        scored.append((score, category, reasons))
    if not scored:
        return None
    scored.sort(key=lambda row: (-row[0], row[1].code))
    best_score, best, reasons = scored[0]
    second = scored[1][0] if len(scored) > 1 else 0.0
    return Proposal(
        category=best,
        confidence=round(best_score / (best_score + second), 2),
        reasons=tuple(reasons),
        others=tuple(row[1].code for row in scored[1 : 1 + ALTERNATIVES]),
    )


@dataclass(frozen=True, slots=True)
class _Keyword:
    word: str
    needle: str
    weight: float


@lru_cache(maxsize=64)
def _keywords(edition: Edition, kind: str) -> tuple[tuple[Category, tuple[_Keyword, ...]], ...]:
    return tuple(
        (category, tuple(_keyword(word) for word in category.keywords))
        for category in edition.leaves(kind=kind)
    )


def _keyword(word: str) -> _Keyword:
    # Chinese has no blanks between words, so a Han keyword may stand anywhere; a Latin one must
    # be a whole word, or "cap" would be found in "capable".
    padded = _padded(word)
    han = sum(_is_han(letter) for letter in padded)
    needle = padded.strip() if han else padded
    # A Han character says about as much as three Latin letters.
    return _Keyword(word, needle, han + (len(padded.strip()) - han) / 3)


def _padded(text: str) -> str:
    """Return the text with forms, case and punctuation made equal and a blank at each end."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(letter if letter.isalnum() else " " for letter in folded)
    # A blank at each border of Han and Latin, so that "宽带adsl断" holds the word "adsl".
    return f" {_BORDER.sub(' ', kept)} ".replace("  ", " ")


def _is_han(letter: str) -> bool:
    return "一" <= letter <= "鿿"
