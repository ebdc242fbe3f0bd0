from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.infra import later
from changtong.journal.subscriptions import reacts_to


if TYPE_CHECKING:
    from changtong.journal.models import Entry


@reacts_to("rehearsal.requested")
def rehearse(entry: Entry) -> None:
    pk = int(entry.subject.removeprefix("rehearsal:"))
    later.defer("analytics.run_rehearsal", rehearsal_id=pk)


@reacts_to("conversion.requested")
def measure(entry: Entry) -> None:
    pk = int(entry.subject.removeprefix("conversion:"))
    later.defer("analytics.measure_conversion", conversion_id=pk)


@reacts_to("conversion.confirmed")
def move(entry: Entry) -> None:
    pk = int(entry.subject.removeprefix("conversion:"))
    later.defer("analytics.move_conversion", conversion_id=pk)
