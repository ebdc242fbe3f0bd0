"""What a search is narrowed to, besides its words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from changtong.search.domain import lexemes
from changtong.search.domain.asking import either
from changtong.search.domain.lexemes import quoted, scope


DAYS_AT_MOST, MONTHS_AT_MOST = 31, 36
A_DAY = timedelta(days=1)

_LEXEME = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What somebody chose beside the words; all of it must fit."""

    kind: str = ""
    state: str = ""
    final: bool | None = None
    category: str = ""
    region_path: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def only_cases(self) -> bool:
        """Say whether customers and lines cannot fit."""
        return bool(self.kind or self.state or self.category or self.since or self.until)

    def lexemes(self) -> list[str]:
        """Return the queries that documents of cases must meet."""
        found = []
        if self.kind:
            found.append(quoted(scope("t", self.kind)))
        if self.category:
            found.append(quoted(scope("c", self.category)))
        if self.final is not None:
            found.append(quoted(scope("o", int(not self.final))))
        return found + self.place()

    def place(self) -> list[str]:
        around = list(lexemes.of_region(self.region_path))
        return [quoted(around[-1])] if around else []


def breadth(queries: Sequence[str], shares: Mapping[str, float]) -> float:
    """Return which share of all documents meets all of these, each of them one of some lexemes."""
    asked = [_LEXEME.findall(one) for one in queries if one]
    return math.prod(min(1.0, sum(shares.get(one, 0.0) for one in some)) for some in asked)


def period(since: datetime, until: datetime) -> str:
    """Return the query for documents of these days or months; nothing if these are too many."""
    first, last = since.astimezone(UTC), until.astimezone(UTC)
    days = (last.date() - first.date()).days + 1
    if days <= DAYS_AT_MOST:
        return either([quoted(lexemes.of_day(first + one * A_DAY)) for one in range(days)])
    named = list(_months(first, last))
    return either([quoted(one) for one in named]) if len(named) <= MONTHS_AT_MOST else ""


def _months(since: datetime, until: datetime) -> Iterator[str]:
    at = since.replace(day=1)
    for _ in range(MONTHS_AT_MOST + 1):
        if at > until:
            return
        yield lexemes.of_month(at)
        at = (at.replace(day=28) + 4 * A_DAY).replace(day=1)
