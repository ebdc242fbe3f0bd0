from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from changtong.workspace.domain import drafts
from changtong.workspace.models import Draft


@transaction.atomic
def keep(*, staff_id: int, place: str, values: Mapping[str, str], at: datetime) -> None:
    """
    Keep what somebody has begun to write; nothing written means nothing kept.

    :raises Refused: ``draft.not_kept``
    """
    kept = drafts.checked(place, values)
    if not kept:
        drop(staff_id=staff_id, place=place)
        return
    Draft.objects.update_or_create(
        staff_id=staff_id, place=place, defaults={"values": kept, "saved_at": at}
    )


@transaction.atomic
def drop(*, staff_id: int, place: str) -> None:
    """Forget what was begun, because it is sent or thrown away."""
    Draft.objects.filter(staff=staff_id, place=place).delete()
