"""Write down how it was made sure who asks, and what they were told or agreed to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from changtong.journal import operations as journal


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.tickets.models import Ticket


def note(
    ticket: Ticket,
    edition: Edition,
    *,
    method: str | None,
    consents: Collection[str],
    actor: str,
    at: datetime,
) -> None:
    """
    Record both with a case that is being opened; without what is required it is not opened.

    :param method: None where nobody could ask
    :raises Refused: ``identity.method_unknown``, ``identity.unverified``, ``consent.unknown``
    """
    rule = edition.identity
    if rule is None or method is None:
        return
    checked = rule.checked(method, channel=ticket.channel, category=ticket.category)
    for tag, found in (
        ("identity.checked", [checked] if checked else []),
        ("consent.noted", rule.agreed(consents)),
    ):
        for one in found:
            facts = {"choice": one.code, "name": one.name, "name_en": one.name_en}
            journal.record(
                tag=tag, subject=ticket.number, actor=actor, at=at, clause=one.clause, **facts
            )
