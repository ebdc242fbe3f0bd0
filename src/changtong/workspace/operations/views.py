from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.workspace.domain import views
from changtong.workspace.models import View
from changtong.workspace.queries import views as queries


@transaction.atomic
def keep(
    *,
    viewer: Viewer,
    name: str,
    shows: Mapping[str, Any],
    at: datetime,
    team_id: int | None = None,
    view_id: int | None = None,
) -> View:
    """
    Keep a view as one's own, or, as a leader of a team, for all of the team.

    :raises Refused: ``view.name_missing``, ``view.not_understood``, ``view.name_taken``,
        ``view.too_many``, ``view.team_not_led``, ``view.unknown``
    """
    kept = views.read(shows).kept()
    if view_id is None:
        if len(queries.of(viewer)) >= queries.VIEWS_AT_MOST:
            raise Refused("view.too_many", at_most=queries.VIEWS_AT_MOST)
        view = View(made_by=viewer.actor, made_at=at)
    else:
        view = _changeable(viewer, view_id)
    if team_id is not None:
        _require_led(viewer, team_id)
    view.name, view.shows = views.name(name), kept
    view.team_id, view.staff_id = team_id, None if team_id else viewer.staff_id
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        if "view_of_" not in str(error):
            raise
        raise Refused("view.name_taken", name=view.name) from error
    return view


@transaction.atomic
def drop(*, viewer: Viewer, view_id: int) -> None:
    """
    Remove a view of one's own, or of a team one leads.

    :raises Refused: ``view.unknown``, ``view.team_not_led``
    """
    _changeable(viewer, view_id).delete()


def _changeable(viewer: Viewer, view_id: int) -> View:
    view = queries.one(viewer, view_id)
    if view.team_id is not None:
        _require_led(viewer, view.team_id)
    return view


def _require_led(viewer: Viewer, team_id: int) -> None:
    if viewer.staff_id not in {one.pk for one in parties.leaders_of(team_id)}:
        raise Refused("view.team_not_led", team=team_id)
