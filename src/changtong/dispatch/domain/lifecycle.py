"""The states of a work order, named as in TM Forum's TMF697, and the moves between them."""

from __future__ import annotations

from enum import StrEnum

from changtong.kernel.errors import Refused


class State(StrEnum):
    """Where a work order stands."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    HELD = "held"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


_MOVES: dict[State, frozenset[State]] = {
    State.ACKNOWLEDGED: frozenset(
        {State.IN_PROGRESS, State.HELD, State.COMPLETED, State.CANCELLED}
    ),
    State.IN_PROGRESS: frozenset({State.HELD, State.COMPLETED, State.CANCELLED}),
    State.HELD: frozenset(
        {State.ACKNOWLEDGED, State.IN_PROGRESS, State.COMPLETED, State.CANCELLED}
    ),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
}

OPEN = frozenset(state for state, moves in _MOVES.items() if moves)


def gives_way(*, state: State, priority: str, to: str) -> bool:
    """Say whether booked work gives way to work of priority `to` that its person begins now."""
    return state is not State.IN_PROGRESS and priority >= to


def move(*, current: State, wanted: State) -> State:
    """
    Return the wanted state if the work order may move there.

    :raises Refused: ``work_order.cannot_move``
    """
    if wanted not in _MOVES[current]:
        raise Refused("work_order.cannot_move", current=current.value, wanted=wanted.value)
    return wanted
