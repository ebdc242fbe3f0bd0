from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.workspace.domain import views
from changtong.workspace.domain.views import Condition
from changtong.workspace.models import View


if TYPE_CHECKING:
    from changtong.tickets.models import Ticket


VIEWS_AT_MOST = 12
_UNITS = {"h": "hours", "d": "days"}


def of(viewer: Viewer) -> list[View]:
    """Return the views that somebody has: their own first, then those of their teams."""
    mine = Q(staff=viewer.staff_id) | Q(team__in=viewer.team_ids)
    rows = View.objects.select_related("team").filter(mine)
    return list(rows.order_by("team_id", "id")[:VIEWS_AT_MOST])


def one(viewer: Viewer, pk: int) -> View:
    """
    Return one view of the viewer's own or of their teams.

    :raises Missing: ``view.unknown``
    """
    found = next((view for view in of(viewer) if view.pk == pk), None)
    if found is None:
        raise Missing("view.unknown", view=pk)
    return found


def seen_through(view: views.View, viewer: Viewer, *, at: datetime) -> QuerySet[Ticket]:
    """Return the tickets that a view shows this viewer: never one that they may not see."""
    rows = tickets.unfinished(viewer) if view.span == "open" else tickets.newest(viewer)
    return applied(rows, view.conditions, viewer=viewer, at=at)


def applied(
    rows: QuerySet[Ticket], conditions: Sequence[Condition], *, viewer: Viewer, at: datetime
) -> QuerySet[Ticket]:
    """Return those of the tickets that meet every condition."""
    for condition in conditions:
        meant = Q()
        for value in condition.values:
            meant |= _meant(condition, value, viewer, at)
        rows = rows.filter(meant)
    return rows


def _meant(condition: Condition, value: str, viewer: Viewer, at: datetime) -> Q:
    field: str = condition.field
    match condition.sort:
        case "branch":
            separator = "." if field == "category" else "/"
            below = value if value.endswith(separator) else f"{value}{separator}"
            return Q(**{field: value}) | Q(**{f"{field}__startswith": below})
        case "who":
            return _whose(field, value, viewer)
        case "moment":
            return _when(field, value, at)
        case "text":
            return Q(**{f"{field}__contains": value})
        case "count":
            return Q(**{f"{field}__gte": int(value)})
    return Q(**{field: value})


def _whose(field: str, value: str, viewer: Viewer) -> Q:
    named: dict[str, Any] = {
        "me": {"assignee_id": viewer.staff_id},
        "mine": {"team_id__in": viewer.team_ids},
        "nobody": {f"{field}__isnull": True},
    }
    return Q(**named.get(value, {field: value}))


def _when(field: str, value: str, at: datetime) -> Q:
    if value in {"none", "some"}:
        return Q(**{f"{field}__isnull": value == "none"})
    if value == "past":
        return Q(**{f"{field}__lt": at})
    if value == "today":
        begins = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
        return Q(**{f"{field}__gte": begins, f"{field}__lt": begins + timedelta(days=1)})
    span = timedelta(**{_UNITS[value[-1]]: int(value[1:-1])})
    since, until = (at, at + span) if value[0] == "+" else (at - span, at)
    return Q(**{f"{field}__gte": since, f"{field}__lt": until})
