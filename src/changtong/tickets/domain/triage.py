"""Which category a text belongs to, with the reason, so that a person can agree or not."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from changtong.standard.domain.edition import Edition
from changtong.standard.domain.rules import Category


# How the score is made is a property of this transparent method, not of any clause; the
# confidence that suffices for accepting without a person is a clause (acceptance rule).
FAMILY_WEIGHT = 1.0
HISTORY_WEIGHT = 0.5
ALTERNATIVES = 3


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
    folded = folded_text(text)
    scored: list[tuple[float, Category, list[str]]] = []
    for category in edition.leaves(kind=kind):
        if family and category.families and family not in category.families:
            continue
        hits = [word for word in category.keywords if folded_text(word) in folded]
        score = sum(_weight(word) for word in hits)
        reasons = [f"keyword:{word}" for word in hits]
        if score and family and len(category.families) < len(set(category.families) | {""}):
            score += FAMILY_WEIGHT if family in category.families else 0
            reasons += [f"family:{family}"] if family in category.families else []
        earlier = (history or {}).get(category.code, 0)
        if score and earlier:
            score += HISTORY_WEIGHT * min(earlier, 3)
            reasons.append(f"history:{earlier}")
        if score:
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


def folded_text(text: str) -> str:
    """Return the text with full-width forms, case and blanks made equal."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _weight(word: str) -> float:
    # A Han character says about as much as three Latin letters.
    han = sum("一" <= letter <= "鿿" for letter in word)
    return han + (len(word) - han) / 3
