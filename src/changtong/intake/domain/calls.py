"""What a telephone system tells us of a call."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


# A call whose end was never told is not shown for ever, and its row names a telephone number.
SHOWN_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)


class CallState(StrEnum):
    """How far a call has come; it only goes forward."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


_ORDER = tuple(CallState)


def goes_on(*, current: CallState, told: CallState) -> bool:
    """Say whether an event is news; events may be told twice, or overtake each other."""
    return _ORDER.index(told) > _ORDER.index(current)
