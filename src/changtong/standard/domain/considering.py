"""Why a limit applies to a case, or why it does not: which row was looked at, what differed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from changtong.standard.domain import places, selecting
from changtong.standard.domain.rules import Limit, Target
from changtong.standard.domain.selecting import REGION, Row


@dataclass(frozen=True, slots=True)
class Difference:
    """What a row asks for and what the case has instead."""

    attribute: str
    wanted: tuple[str, ...]
    given: str


@dataclass(frozen=True, slots=True)
class Considered:
    """
    One limit that was looked at for a case, by the row that came nearest.

    `why` is `applies`, `differs` (no row matches), or `awaits` (a row matches, but the figure of
    the law that it rests on is not verified yet).
    """

    limit: str
    target: Target
    why: str
    differences: tuple[Difference, ...] = ()
    rows: int = 1

    @property
    def applies(self) -> bool:
        return self.why == "applies"


def considered(
    limits: Sequence[Limit], awaiting: Sequence[Limit], *, kind: str, case: Mapping[str, str]
) -> Iterator[Considered]:
    """Yield each limit of a kind of case, those whose figures are not verified last."""
    told = set()
    for limit in limits:
        if limit.kind == kind:
            told.add(limit.code)
            yield _judged(limit, case, matching="applies")
    for limit in awaiting:
        if limit.kind == kind:
            found = _judged(limit, case, matching="awaits")
            # A limit some rows of which are verified is told once, unless another would match.
            if found.why == "awaits" or limit.code not in told:
                yield found


def _judged(limit: Limit, case: Mapping[str, str], *, matching: str) -> Considered:
    best = selecting.best(limit.rows, case)
    if best:
        return Considered(limit.code, best[0].then, matching, rows=len(limit.rows))
    nearest = min(limit.rows, key=lambda row: len(_differences(row, case)))
    return Considered(
        limit.code,
        nearest.then,
        "differs",
        differences=tuple(_differences(nearest, case)),
        rows=len(limit.rows),
    )


def _differences(row: Row[Target], case: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(attribute, tuple(sorted(values)), case.get(attribute, ""))
        for attribute, values in row.when.items()
        if not _holds(attribute, values, case)
    ]


def _holds(attribute: str, values: frozenset[str], case: Mapping[str, str]) -> bool:
    given = case.get(attribute, "")
    return places.depth(given, values) > 0 if attribute == REGION else given in values
