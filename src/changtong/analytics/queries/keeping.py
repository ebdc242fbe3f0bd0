"""How clauses were kept: in one place, or place by place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import OuterRef, Subquery

from changtong.clocks import queries as clocks
from changtong.clocks.queries import Conformity
from changtong.parties.domain.roles import ALL_PERMISSIONS, Reach, Viewer
from changtong.tickets import queries as tickets


# Shares say nothing about a single case, so that everybody is told those of all.
_EVERYTHING = Viewer(
    actor="system:analytics", reach=Reach.ALL, permissions=ALL_PERMISSIONS, staff_id=0
)


def by_clause(
    *, edition_id: int, since: datetime, until: datetime, region: str = ""
) -> Mapping[str, Conformity]:
    """Return how each clause of an edition was kept in a period, everywhere or below a place."""
    numbers = None
    if region:
        inside = tickets.visible_to(_EVERYTHING).filter(region_path__startswith=region)
        numbers = inside.values("number")
    return clocks.conformity(edition_id=edition_id, since=since, until=until, subjects=numbers)


def by_region(
    *, edition_id: int, clause: str, since: datetime, until: datetime
) -> Mapping[str, Conformity]:
    """Return how a clause was kept in a period, by the path of each place."""
    place = tickets.visible_to(_EVERYTHING).filter(number=OuterRef("subject"))
    found = clocks.conformity_by(
        Subquery(place.values("region_path")[:1]),
        edition_id=edition_id,
        clause=clause,
        since=since,
        until=until,
    )
    # What is not about a ticket has no place.
    return {path: one for path, one in found.items() if path}
