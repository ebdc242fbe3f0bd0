"""Tickets of a time past in plain values: to go through a million of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from changtong.infra import hot
from changtong.kernel.time import Period
from changtong.tickets.domain.grades import Grade


class Case(NamedTuple):
    """A ticket in plain values, with the moments of the standard that it has reached."""

    pk: int
    number: str
    kind: str
    priority: str
    region_path: str
    region_type: str
    family: str
    tier: str
    category: str
    impact: str
    urgency: str
    team_id: int | None
    opened_at: datetime
    accepted_at: datetime | None
    assigned_at: datetime | None
    responded_at: datetime | None
    resolved_at: datetime | None
    answered_at: datetime | None
    evaluation_requested_at: datetime | None
    closed_at: datetime | None
    decisions: str

    @property
    def grade(self) -> Grade:
        return Grade._make(self[2:11])


# Decisions are read only where something may have been decided after the opening.
_DECISIONS = """
CASE WHEN accepted_at IS DISTINCT FROM opened_at OR jsonb_array_length(decisions) > 3
     THEN decisions END
"""
_CASE = ("id", *Case._fields[1:-1], _DECISIONS)


def span_of(period: Period, *, region: str = "") -> tuple[int, int, int]:
    """Return the first and last key of the tickets opened in a period and place, and how many."""
    ((first, last, count),) = hot.rows(_SPAN, [period.start, period.end, f"{region}%"])
    return first or 0, last or 0, count


def bounds(period: Period, *, region: str, until: datetime) -> tuple[datetime | None, bool]:
    """
    Return when the first ticket was opened, and whether a period and place hold every ticket.

    :param until: tickets that were opened later are not asked for
    """
    values = [period.start, period.end, f"{region}%", until]
    ((first, holds_all),) = hot.rows(_BOUNDS, values)
    return first, holds_all is not False


def cases(first: int, last: int, period: Period, *, region: str = "") -> list[Case]:
    """Return the tickets of a range of keys that were opened in a period and place."""
    values = [first, last, period.start, period.end, f"{region}%"]
    return [_case(row) for row in hot.lines(_CASE, _CASES, values)]


def _case(row: list[str]) -> Case:
    values: list[Any] = list(row)
    values[0] = int(row[0])
    values[11] = int(row[11]) if row[11] else None
    values[12:20] = [datetime.fromisoformat(text) if text else None for text in row[12:20]]
    return Case._make(values)


_SPAN = """
SELECT min(id), max(id), count(*) FROM tickets_ticket
WHERE opened_at >= %s AND opened_at < %s AND region_path LIKE %s
"""
_BOUNDS = """
SELECT min(opened_at), bool_and(opened_at >= %s AND opened_at < %s AND region_path LIKE %s)
FROM tickets_ticket WHERE opened_at < %s
"""
_CASES = """
tickets_ticket
WHERE id BETWEEN %s AND %s AND opened_at >= %s AND opened_at < %s AND region_path LIKE %s
"""
