from __future__ import annotations

from django.db import transaction

from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Viewer
from changtong.workspace.domain import phrases
from changtong.workspace.models import Phrase
from changtong.workspace.queries import phrases as queries


@transaction.atomic
def keep(
    *, viewer: Viewer, name: str, keyword: str, text: str, team_id: int | None = None
) -> Phrase:
    """
    Keep a canned text as one's own, or, as a leader of a team, for all of the team.

    :raises Refused: ``phrase.incomplete``, ``phrase.variable_unknown``, ``phrase.too_many``,
        ``view.team_not_led``
    """
    kept = phrases.checked(name, keyword, text)
    if len(queries.of(viewer)) >= queries.PHRASES_AT_MOST:
        raise Refused("phrase.too_many", at_most=queries.PHRASES_AT_MOST)
    if team_id is not None:
        _require_led(viewer, team_id)
    return Phrase.objects.create(
        name=kept.name,
        keyword=kept.keyword,
        text=kept.text,
        staff_id=None if team_id else viewer.staff_id,
        team_id=team_id,
    )


@transaction.atomic
def change(*, viewer: Viewer, phrase_id: int, name: str, keyword: str, text: str) -> Phrase:
    """
    Change a canned text of one's own, or of a team one leads.

    :raises Refused: ``phrase.incomplete``, ``phrase.variable_unknown``, ``view.team_not_led``
    :raises Missing: ``phrase.unknown``
    """
    phrase = _own(viewer, phrase_id)
    kept = phrases.checked(name, keyword, text)
    phrase.name, phrase.keyword, phrase.text = kept.name, kept.keyword, kept.text
    phrase.save(update_fields=["name", "keyword", "text"])
    return phrase


@transaction.atomic
def drop(*, viewer: Viewer, phrase_id: int) -> None:
    """
    Remove a canned text of one's own, or of a team one leads.

    :raises Refused: ``view.team_not_led``
    :raises Missing: ``phrase.unknown``
    """
    _own(viewer, phrase_id).delete()


def _own(viewer: Viewer, phrase_id: int) -> Phrase:
    phrase = queries.one(viewer, phrase_id)
    if phrase.team_id is not None:
        _require_led(viewer, phrase.team_id)
    return phrase


def _require_led(viewer: Viewer, team_id: int) -> None:
    if viewer.staff_id not in {one.pk for one in parties.leaders_of(team_id)}:
        raise Refused("view.team_not_led", team=team_id)
