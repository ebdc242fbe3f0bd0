"""When a customer may be told what they did not ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from changtong.clocks.domain import open_time
from changtong.feedback.domain.choosing import OF_OUTAGES, Channel
from changtong.standard.domain.edition import Edition


# An outage is a fault, also for those who have not reported one.
KIND_OF_OUTAGE = "fault"
REMINDERS = frozenset({"evaluation.reminded", "supplement.reminded"})


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a message waits, and the clause that lets it."""

    until: datetime
    clause: str


def is_unasked(*, tag: str, by_silence: bool) -> bool:
    """Say whether we turn to somebody by ourselves: it answers nothing they or others just did."""
    return tag in REMINDERS or tag in OF_OUTAGES or (tag == "ticket.closed" and by_silence)


def wait(*, edition: Edition, kind: str, priority: str, channel: str, at: datetime) -> Wait | None:
    """Return how long an unasked message waits; only what makes a telephone ring disturbs."""
    rule = edition.contact(kind=kind)
    if channel != Channel.SMS or rule is None or priority in rule.at_any_hour:
        return None
    opening = open_time.opening(edition.calendar(rule.told_in), at)
    return Wait(opening, rule.clause) if opening > at else None
