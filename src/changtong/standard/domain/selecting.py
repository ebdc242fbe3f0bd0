"""
Choose one row of a decision table: the most specific one that matches.

A row for a place beats every row for a wider place or for none; among rows for equally narrow
places the one that names more attributes wins. So one row makes a limit stricter in one region,
whatever else the other rows name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

from changtong.kernel.errors import Refused
from changtong.standard.domain import places


Chosen = TypeVar("Chosen")

# Stands for every value of an attribute that no row names.
ANY_OTHER = "*"

# The one attribute whose values lie in each other: a case is in a region and in all around it.
REGION = "region"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an author finds something: a file and a key in it."""

    file: str = ""
    key: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Row(Generic[Chosen]):
    """What holds when every named attribute has one of the named values."""

    when: Mapping[str, frozenset[str]]
    then: Chosen
    origin: Origin = field(default=NOWHERE, compare=False)

    def matches(self, case: Mapping[str, str]) -> bool:
        return all(
            case.get(attribute) in values
            if attribute != REGION
            else places.depth(case.get(REGION, ""), values) > 0
            for attribute, values in self.when.items()
        )

    def specificity(self, case: Mapping[str, str]) -> tuple[int, int]:
        """Return how narrow the place is that a matching row names, and how many attributes."""
        regions = self.when.get(REGION)
        depth = places.depth(case.get(REGION, ""), regions) if regions else 0
        return depth, len(self.when)


@dataclass(frozen=True, slots=True)
class Tie(Generic[Chosen]):
    """Rows that claim the same case with the same right."""

    case: Mapping[str, str]
    rows: tuple[Row[Chosen], ...]


def best(rows: Sequence[Row[Chosen]], case: Mapping[str, str]) -> tuple[Row[Chosen], ...]:
    """Return the most specific rows that match, more than one only in a tie."""
    matching = [row for row in rows if row.matches(case)]
    if not matching:
        return ()
    if len(matching) == 1:
        return (matching[0],)
    ranks = [row.specificity(case) for row in matching]
    most = max(ranks)
    return tuple(row for row, rank in zip(matching, ranks, strict=True) if rank == most)


def choose(rows: Sequence[Row[Chosen]], case: Mapping[str, str]) -> Chosen | None:
    """
    Return what the most specific matching row says, or nothing.

    :raises Refused: if two rows are equally specific
    """
    found = best(rows, case)
    if len(found) > 1:
        raise Refused("table.tied", case=dict(case), rows=[dict(row.when) for row in found])
    return found[0].then if found else None


def ties(rows: Sequence[Row[Chosen]]) -> tuple[Tie[Chosen], ...]:
    """Return each distinct set of rows that some case cannot choose between."""
    seen: set[frozenset[int]] = set()
    found = []
    for case in cases(rows):
        claiming = best(rows, case)
        key = frozenset(id(row) for row in claiming)
        if len(claiming) > 1 and key not in seen:
            seen.add(key)
            found.append(Tie(case, claiming))
    return tuple(found)


def unreachable(
    rows: Sequence[Row[Chosen]], within: Mapping[str, Sequence[str]] | None = None
) -> tuple[Row[Chosen], ...]:
    """
    Return rows that no case ever chooses.

    :param within: all values an attribute can take, where the vocabulary is closed
    """
    reached: set[int] = set()
    for case in cases(rows, within):
        reached.update(id(row) for row in best(rows, case))
    return tuple(row for row in rows if id(row) not in reached)


def cases(
    rows: Sequence[Row[Chosen]], within: Mapping[str, Sequence[str]] | None = None
) -> Iterator[dict[str, str]]:
    """
    Yield one case for every combination of values that the rows can tell apart.

    :param within: all values an attribute can take; without it one unnamed value is tried too
    """
    named: dict[str, set[str]] = {}
    for row in rows:
        for attribute, values in row.when.items():
            named.setdefault(attribute, set()).update(values)
    closed = within or {}
    choices = {
        attribute: _distinct(attribute, values, closed.get(attribute))
        for attribute, values in sorted(named.items())
    }
    for combination in product(*choices.values()):
        yield dict(zip(choices, combination, strict=True))


def _distinct(attribute: str, named: set[str], closed: Sequence[str] | None) -> list[str]:
    """Return one value for each group of values that the rows cannot tell apart."""
    if attribute == REGION:
        # A case directly in each named place stands for all cases in it and in no narrower one.
        return [*sorted({places.path(region) for region in named}), ANY_OTHER]
    if closed is None:
        return [*sorted(named), ANY_OTHER]
    return sorted(named & set(closed)) + ([ANY_OTHER] if set(closed) - named else [])
