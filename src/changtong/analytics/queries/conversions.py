"""Conversions of unfinished cases, and which cases each concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from changtong.analytics.models import Conversion
from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import ALL_PERMISSIONS, Reach, Viewer
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


# Who may ask for a place is decided when it is asked; the job then sees all of that place.
EVERYTHING = Viewer(
    actor="system:analytics", reach=Reach.ALL, permissions=ALL_PERMISSIONS, staff_id=0
)


def of_edition(edition_id: int) -> QuerySet[Conversion]:
    """Return the conversions to an edition, the newest first."""
    return Conversion.objects.filter(edition=edition_id).order_by("-id")


def by_id(pk: int, viewer: Viewer) -> Conversion:
    """
    Return one conversion of a place that the viewer sees.

    :raises Missing: ``conversion.unknown``
    """
    found = Conversion.objects.select_related("edition").filter(pk=pk).first()
    if found is None or not sees(viewer, found.region_path):
        raise Missing("conversion.unknown", conversion=pk)
    return found


def sees(viewer: Viewer, region_path: str) -> bool:
    """Say whether the viewer sees every case of a place."""
    if viewer.reach is Reach.ALL:
        return True
    return viewer.reach is Reach.REGION and region_path.startswith(viewer.region_path)


def numbers(conversion: Conversion) -> list[str]:
    """Return the unfinished cases of the place that are under other editions."""
    rows = tickets.under_other_editions(
        EVERYTHING, conversion.edition_id, region=conversion.region_path
    )
    return list(rows.values_list("number", flat=True))


def cases(of: list[str]) -> QuerySet[Ticket]:
    """Return some cases by their numbers."""
    return tickets.by_numbers(EVERYTHING, of)
