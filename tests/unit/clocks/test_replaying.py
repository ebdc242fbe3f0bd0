"""What another edition would have made of a case, where nobody wrote down what it asks for."""

from __future__ import annotations

import pytest
from tests.factories.clocks import HOUR, START, target

from changtong.clocks.domain import replaying
from changtong.clocks.domain.replaying import History, Terms
from changtong.standard.domain.calendars import round_the_clock


def added(limit):
    terms = Terms.of([limit], {"24x7": round_the_clock()}, [])
    reached = {"ticket.accepted": START, "ticket.resolved": START + 9 * HOUR}
    history = History(
        clocks=(),
        pauses=(),
        grades=[(START, terms)],
        moments=reached,
        seen_at=START + 99 * HOUR,
        over_at=START + 10 * HOUR,
    )
    return [(found.metric, found.is_breached) for found in replaying.differences(history)]


def test_a_limit_whose_end_was_recorded_is_added():
    assert added(target("resolution", "4h")) == [("resolution", True)]


@pytest.mark.parametrize(
    "limit",
    [
        target("progress", "4h", stops_on="progress.told", again_until="ticket.resolved"),
        target("callback", "4h", starts_on="ticket.resolved", stops_on="callback.made"),
    ],
    ids=lambda limit: limit.metric,
)
def test_a_limit_whose_end_nobody_wrote_down_is_not_said_to_be_broken(limit):
    assert added(limit) == []
