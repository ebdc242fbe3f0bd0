from __future__ import annotations

from django.db.models import Q

from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import Viewer
from changtong.workspace.models import Phrase


PHRASES_AT_MOST = 200


def of(viewer: Viewer) -> list[Phrase]:
    """Return the canned texts that somebody has: their own first, then those of their teams."""
    mine = Q(staff=viewer.staff_id) | Q(team__in=viewer.team_ids)
    rows = Phrase.objects.select_related("team").filter(mine)
    return list(rows.order_by("team_id", "name", "id")[:PHRASES_AT_MOST])


def matching(viewer: Viewer, typed: str) -> list[Phrase]:
    """Return those whose keyword, name or words fit what was typed, the keyword first."""
    wanted = typed.strip().lower()
    fitting = [
        one
        for one in of(viewer)
        if wanted in one.keyword or wanted in one.name.lower() or wanted in one.text.lower()
    ]
    return sorted(fitting, key=lambda one: not one.keyword.startswith(wanted))


def one(viewer: Viewer, pk: int) -> Phrase:
    """
    Return one canned text of the viewer's own or of their teams.

    :raises Missing: ``phrase.unknown``
    """
    found = next((phrase for phrase in of(viewer) if phrase.pk == pk), None)
    if found is None:
        raise Missing("phrase.unknown", phrase=pk)
    return found
