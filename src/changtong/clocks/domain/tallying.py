"""Count what another edition would have changed, by clause, place, team and month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from changtong.clocks.domain.replaying import Difference


MEASURES = (
    "compared",
    "differing",
    "earlier",
    "later",
    "was_breached",
    "is_breached",
    "newly_breached",
    "saved",
    "added",
    "removed",
)
(
    COMPARED,
    DIFFERING,
    EARLIER,
    LATER,
    WAS_BREACHED,
    IS_BREACHED,
    NEWLY_BREACHED,
    SAVED,
    ADDED,
    REMOVED,
) = range(len(MEASURES))

Counts: TypeAlias = list[int]


class Cell(NamedTuple):
    """
    What is counted together: the limits of a clause, or the cases of a team or a month.

    Always in one place, since whoever looks sees some places only. Not all at once: there
    would be as many cells as cases.
    """

    by: str
    region_path: str
    team_id: int | None = None
    month: str = ""
    metric: str = ""
    basis: str = ""
    clause: str = ""


Tally: TypeAlias = dict[Cell, Counts]


def clause_of(found: Difference) -> str:
    """Return the clause to whose account a difference goes: the other edition's, if it has one."""
    return found.clause or found.recorded_clause


def count(
    tally: Tally, differences: Iterable[Difference], *, region: str, team: int | None, month: str
) -> Iterator[Difference]:
    """Count the limits of one case and yield those whose outcome differs."""
    happened = {COMPARED}
    for found in differences:
        clause = clause_of(found)
        cell = Cell("clause", region, None, "", found.metric, found.basis, clause)
        measures = _measures(found)
        _add(tally, cell, measures)
        happened.update(measures)
        if found.is_breached != found.was_breached:
            yield found
    _add(tally, Cell("team", region, team), happened)
    _add(tally, Cell("month", region, None, month), happened)


def _add(tally: Tally, cell: Cell, measures: Iterable[int]) -> None:
    counts = tally.get(cell)
    if counts is None:
        counts = tally[cell] = [0] * len(MEASURES)
    for measure in measures:
        counts[measure] += 1


def _measures(found: Difference) -> tuple[int, ...]:
    if found.due_at == found.recorded_due_at and found.is_breached == found.was_breached:
        return _BREACHED_ALIKE if found.is_breached else _KEPT_ALIKE
    measures = [COMPARED]
    if found.was_breached:
        measures.append(WAS_BREACHED)
    if found.is_breached:
        measures.append(IS_BREACHED)
    if found.is_breached != found.was_breached:
        measures.append(NEWLY_BREACHED if found.is_breached else SAVED)
    if found.due_at != found.recorded_due_at:
        measures += (DIFFERING, _how(found))
    return tuple(measures)


_KEPT_ALIKE = (COMPARED,)
_BREACHED_ALIKE = (COMPARED, WAS_BREACHED, IS_BREACHED)


def _how(found: Difference) -> int:
    if found.recorded_due_at is None:
        return ADDED
    if found.due_at is None:
        return REMOVED
    return EARLIER if found.due_at < found.recorded_due_at else LATER


def joined(into: Tally, part: Tally) -> None:
    """Add what was counted elsewhere."""
    for cell, counts in part.items():
        known = into.get(cell)
        if known is None:
            into[cell] = counts
        else:
            for measure, number in enumerate(counts):
                known[measure] += number
