from __future__ import annotations

from typing import Any

from changtong.infra.hot import Compiled, Slot
from changtong.workspace.domain import settings
from changtong.workspace.models import Settings


def of(staff_id: int | None) -> settings.Settings:
    """Return what somebody has chosen; what holds for everybody if they have not."""
    row: Any = _kept.first(staff=staff_id) if staff_id else None
    if row is None:
        return settings.Settings()
    return settings.Settings(**{name: getattr(row, name) for name in settings.NAMES})


# Asked with every screen.
_kept = Compiled(lambda: Settings.objects.filter(staff_id=Slot("staff")))
