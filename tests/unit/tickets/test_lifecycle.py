"""Where a ticket may go from where it stands."""

from __future__ import annotations

import pytest

from changtong.kernel.errors import Refused
from changtong.tickets.domain import lifecycle
from changtong.tickets.domain.lifecycle import State


@pytest.mark.parametrize("aside", sorted(lifecycle.SET_ASIDE))
@pytest.mark.parametrize(
    "wanted", sorted(lifecycle.UNFINISHED - lifecycle.SET_ASIDE - {State.RESOLVED})
)
def test_what_was_set_aside_does_not_move_on(aside, wanted):
    with pytest.raises(Refused) as refused:
        lifecycle.move(current=aside, wanted=wanted)

    assert refused.value.code == "ticket.cannot_move"


@pytest.mark.parametrize("aside", sorted(lifecycle.SET_ASIDE))
def test_it_goes_back_to_any_state_that_it_can_be_set_aside_from(aside):
    stood = {state for state in State if aside in lifecycle.moves_from(state)}

    assert {lifecycle.back(current=aside, before=before) for before in stood} == stood


def test_nothing_else_goes_back():
    with pytest.raises(Refused):
        lifecycle.back(current=State.ASSIGNED, before=State.ACCEPTED)
    with pytest.raises(Refused):
        lifecycle.back(current=State.HELD, before=State.ACKNOWLEDGED)
