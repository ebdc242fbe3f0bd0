"""Which tickets stand in the console's standing lists, decided on values."""

from __future__ import annotations

from changtong.parties.domain.roles import Viewer
from changtong.tickets.domain.lifecycle import UNFINISHED, State
from changtong.tickets.domain.sight import Place


_OF_ONE_STATE = {
    "registered": State.ACKNOWLEDGED,
    "unassigned": State.ACCEPTED,
    "resolved": State.RESOLVED,
}


def holds(code: str, viewer: Viewer, place: Place) -> bool:
    """
    Say whether the list holds a ticket that the viewer may see; a list nobody knows may.

    The queue asks the database for the same; a test holds the two together.
    """
    if code == "newest":
        return True
    if place.state not in UNFINISHED:
        return False
    match code:
        case "mine":
            return place.assignee_id == viewer.staff_id
        case "team":
            return place.team_id in viewer.team_ids
    return code not in _OF_ONE_STATE or place.state == _OF_ONE_STATE[code]
