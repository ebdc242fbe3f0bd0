from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.journal.subscriptions import reacts_to
from changtong.workspace.operations import watching


if TYPE_CHECKING:
    from changtong.journal.models import Entry


@reacts_to(
    "ticket.assigned",
    "ticket.supplemented",
    "ticket.paused",
    "ticket.resumed",
    "ticket.resolved",
    "ticket.reopened",
    "ticket.closed",
    "ticket.rejected",
    "ticket.cancelled",
)
def tell_watchers(entry: Entry) -> None:
    watching.tell_watchers(entry=entry)


@reacts_to("ticket.logged")
def tell_mentioned(entry: Entry) -> None:
    watching.tell_mentioned(entry=entry)
