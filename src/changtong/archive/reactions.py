from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.archive import operations, queries
from changtong.journal.subscriptions import reacts_to


if TYPE_CHECKING:
    from changtong.journal.models import Entry


ACTOR = "system:archive"


# Two reactions, so that the journal is locked for sealing only, and not while files are written.
@reacts_to(*queries.FINISHING)
def seal(entry: Entry) -> None:
    operations.seal(entry_id=entry.pk, at=entry.recorded_at)


@reacts_to(*queries.FINISHING)
def file(entry: Entry) -> None:
    operations.file_settled(entry=entry, actor=ACTOR, at=entry.recorded_at)
