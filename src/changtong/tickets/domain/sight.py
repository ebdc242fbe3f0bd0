"""Who may see a ticket, decided on values: the same rule that `queries.visible_to` asks as SQL."""

from __future__ import annotations

from dataclasses import dataclass

from changtong.parties.domain.roles import Reach, Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """What decides who may see a ticket of somebody else, and where it stands."""

    number: str
    state: str
    region_path: str
    team_id: int | None
    assignee_id: int | None
    complained_of_id: int | None


def may_see(viewer: Viewer, place: Place) -> bool:
    """Say whether a member of staff may see the ticket that stands there."""
    if viewer.staff_id is None or not viewer.may("tickets.view"):
        return False
    if place.complained_of_id == viewer.staff_id:
        return False
    own = place.assignee_id == viewer.staff_id
    near = place.region_path.startswith(viewer.region_path)
    match viewer.reach:
        case Reach.ALL:
            return True
        case Reach.REGION:
            return near
        case Reach.TEAM:
            return own or place.team_id in viewer.team_ids or (place.team_id is None and near)
        case Reach.OWN:
            return own or (place.assignee_id is None and place.team_id in viewer.team_ids)
