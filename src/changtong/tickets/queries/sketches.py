"""What a case would be if it were opened now, for questions that come before it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from changtong.standard import queries as standard
from changtong.tickets.models import Ticket


if TYPE_CHECKING:
    from changtong.parties.models import Line


def sketch(*, kind: str, category: str, line: Line, at: datetime) -> Ticket:
    """
    Return the case that somebody would open about a line; it is written nowhere.

    :raises Missing: ``category.unknown``
    """
    edition_id = standard.edition_in_force(at=at).pk
    edition = standard.read(edition_id)
    chosen = edition.category(category)
    tier, region = line.customer.tier, line.region
    graded = edition.priority(
        impact=chosen.impact,
        urgency=chosen.urgency,
        tier=tier,
        region=region.path,
        region_type=region.region_type,
    )
    return Ticket(
        kind=kind,
        category=chosen.code,
        edition_id=edition_id,
        priority=graded.priority,
        line=line,
        region=region,
        region_path=region.path,
        region_type=region.region_type,
        family=line.family,
        tier=tier,
    )
