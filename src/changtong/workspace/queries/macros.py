from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import Viewer
from changtong.workspace.models import Macro


MACROS_AT_MOST = 100
OFFERED_AT_MOST = 12


def of(viewer: Viewer) -> list[Macro]:
    """Return the macros that somebody has: their teams' first, then their own."""
    return list(_rows(viewer).select_related("team")[:MACROS_AT_MOST])


def offered(viewer: Viewer) -> ArraySubquery:
    """Return what a ticket is asked for besides: the keys and names of the macros for it."""
    rows = _rows(viewer).filter(kind__in=["", OuterRef("kind")])
    return ArraySubquery(rows.values(found=JSONObject(id="id", name="name"))[:OFFERED_AT_MOST])


def for_kind(viewer: Viewer, kind: str) -> list[Macro]:
    """Return those that are meant for a kind of case, or for every kind."""
    return [one for one in of(viewer) if one.kind in {"", kind}]


def one(viewer: Viewer, pk: int) -> Macro:
    """
    Return one macro of the viewer's own or of their teams.

    :raises Missing: ``macro.unknown``, the same whether it is foreign or does not exist
    """
    found = next((macro for macro in of(viewer) if macro.pk == pk), None)
    if found is None:
        raise Missing("macro.unknown", macro=pk)
    return found


def _rows(viewer: Viewer) -> QuerySet[Macro]:
    mine = Q(staff=viewer.staff_id or 0) | Q(team__in=viewer.team_ids)
    return Macro.objects.filter(mine).order_by("team__name", "name", "id")
