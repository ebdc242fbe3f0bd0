from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.tickets import queries as tickets
from changtong.workspace.domain import macros
from changtong.workspace.models import Macro
from changtong.workspace.queries import macros as queries


@transaction.atomic
def keep(
    *,
    viewer: Viewer,
    name: str,
    kind: str,
    steps: tuple[macros.Step, ...],
    team_id: int | None = None,
    macro_id: int | None = None,
) -> Macro:
    """
    Keep a macro as one's own, or, as a leader of a team, for all of the team.

    :raises Refused: ``macro.name_missing``, ``macro.empty``, ``macro.too_long``,
        ``macro.step_incomplete``, ``phrase.variable_unknown``, ``macro.name_taken``,
        ``macro.too_many``, ``macro.unknown``, ``view.team_not_led``
    """
    name = macros.checked(name, steps)
    if macro_id is not None:
        macro = _changeable(viewer, macro_id)
    elif len(queries.of(viewer)) < queries.MACROS_AT_MOST:
        macro = Macro()
    else:
        raise Refused("macro.too_many", at_most=queries.MACROS_AT_MOST)
    if team_id is not None:
        _require_led(viewer, team_id)
    macro.name, macro.kind, macro.steps = name, kind, [one.kept() for one in steps]
    macro.team_id, macro.staff_id = team_id, None if team_id else viewer.staff_id
    try:
        with transaction.atomic():
            macro.save()
    except IntegrityError as error:
        if "_once" not in str(error):
            raise
        raise Refused("macro.name_taken", name=name) from error
    return macro


@transaction.atomic
def drop(*, viewer: Viewer, macro_id: int) -> None:
    """
    Remove a macro of one's own, or of a team one leads.

    :raises Refused: ``macro.unknown``, ``view.team_not_led``
    """
    _changeable(viewer, macro_id).delete()


@transaction.atomic
def record_run(*, viewer: Viewer, macro: Macro, number: str, at: datetime) -> None:
    """
    Record on the case that its latest steps were taken together, and by which macro.

    :raises Missing: ``ticket.unknown``
    """
    ticket = tickets.by_number(viewer, number)
    journal.record(
        tag="macro.run",
        subject=ticket.number,
        actor=viewer.actor,
        at=at,
        macro=macro.name,
        steps=[step["do"] for step in macro.steps],
    )


def _changeable(viewer: Viewer, macro_id: int) -> Macro:
    macro = queries.one(viewer, macro_id)
    if macro.team_id is not None:
        _require_led(viewer, macro.team_id)
    return macro


def _require_led(viewer: Viewer, team_id: int) -> None:
    if viewer.staff_id not in {one.pk for one in parties.leaders_of(team_id)}:
        raise Refused("view.team_not_led", team=team_id)
