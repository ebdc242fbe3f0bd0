"""Times on offer as a list to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from changtong.web.ui import formats


if TYPE_CHECKING:
    from changtong.dispatch.domain.slots import Slot


Choices = list[tuple[str, list[tuple[str, str]]]]


def times(offered: Iterable[Slot], *, due_at: datetime | None = None) -> Choices:
    """Return the times by day; those that end after a limit say so."""
    days: dict[str, list[tuple[str, str]]] = {}
    for slot in offered:
        start = localtime(slot.period.start)
        end = localtime(slot.period.end)
        words = f"{start:%m-%d %H:%M}–{end:%H:%M}"
        if due_at is not None and end > due_at:
            words = _("%(time)s（晚于时限）") % {"time": words}
        # The list shows the day above its times; what is chosen shows no more than its own words.
        day = f"{start:%m-%d} {formats.weekday(start)}"
        days.setdefault(day, []).append((start.isoformat(), words))
    return list(days.items())
