"""Choose one row of a decision table: the most specific one that matches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from changtong.kernel.errors import Refused


Chosen = TypeVar("Chosen")

# Stands for every value of an attribute that no row names.
ANY_OTHER = "*"


@dataclass(frozen=True, slots=True)
class Row(Generic[Chosen]):
    """What holds when every named attribute has one of the named values."""

    when: Mapping[str, frozenset[str]]
    then: Chosen

    @property
    def specificity(self) -> int:
        return len(self.when)

    def matches(self, case: Mapping[str, str]) -> bool:
        return all(case.get(attribute) in values for attribute, values in self.when.items())


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
    most = max(row.specificity for row in matching)
    return tuple(row for row in matching if row.specificity == most)


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
        attribute: sorted(values & set(closed[attribute]))
        + ([ANY_OTHER] if set(closed[attribute]) - values else [])
        if attribute in closed
        else [*sorted(values), ANY_OTHER]
        for attribute, values in sorted(named.items())
    }
    for combination in product(*choices.values()):
        yield dict(zip(choices, combination, strict=True))
