"""Which clocks may pause, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from changtong.kernel.errors import Refused
from changtong.kernel.time import Period
from changtong.standard.domain.rules import PauseReason, Target


LEGAL = "legal"
PROMISE = "promise"
# The reason of the stretch in which the applicant was looking at a result that they refused.
REOPENED = "reopened"


def may_pause(target: Target) -> bool:
    """Say whether a pause stops this limit: the law's never, a promise's if its clause says so."""
    return target.basis != LEGAL and target.pausable


def ends_at_latest(
    *, reason: PauseReason, at: datetime, earlier: Sequence[Period], since: datetime | None = None
) -> datetime:
    """
    Return when a pause for this reason ends by itself.

    The standard's allowance is for the whole case: earlier pauses for the same reason used some
    of it, or pausing again and again would be a way around the limit.

    :param since: when it began, if that was before it was decided
    :raises Refused: if nothing of the allowance is left
    """
    used = sum((period.length(until=at) for period in earlier), timedelta())
    left = reason.at_most - used
    if left <= timedelta():
        raise Refused(
            "clock.pause_used_up",
            clause=reason.clause,
            reason=reason.code,
            at_most_hours=reason.at_most / timedelta(hours=1),
        )
    return (since or at) + left
