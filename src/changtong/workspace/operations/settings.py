from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from changtong.parties.operations import staffing
from changtong.workspace import models
from changtong.workspace.domain import settings, shortcuts
from changtong.workspace.queries import settings as queries


@transaction.atomic
def choose(*, staff_id: int, **wanted: str) -> settings.Settings:
    """
    Keep what somebody wants otherwise than before; the language is a fact of the person.

    :raises Refused: ``settings.unknown``, ``staff.language_unknown``
    """
    if "language" in wanted:
        staffing.speak(staff_id=staff_id, language=wanted.pop("language"))
    chosen = settings.changed(queries.of(staff_id), **wanted)
    models.Settings.objects.update_or_create(staff_id=staff_id, defaults=dict(wanted))
    return chosen


@transaction.atomic
def remap(*, staff_id: int, keys: Mapping[str, str]) -> Mapping[str, str]:
    """
    Keep the keys somebody wants for what has a shortcut.

    :raises Refused: ``shortcut.unknown``, ``shortcut.not_keys``, ``shortcut.reserved``,
        ``shortcut.taken``
    """
    kept = shortcuts.remapped(keys)
    models.Settings.objects.update_or_create(staff_id=staff_id, defaults={"shortcuts": kept})
    return kept
