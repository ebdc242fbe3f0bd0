"""How a number of a service hall is made, and what may become of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from changtong.kernel.errors import Refused


class NumberState(StrEnum):
    """How far somebody with a number has come."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    SERVED = "served"
    MISSED = "missed"


# Whoever is called or served stands at a counter, which has room for one.
AT_COUNTER = frozenset({NumberState.CALLED, NumberState.SERVING})
OVER = frozenset({NumberState.SERVED, NumberState.MISSED})

_MOVES = {
    NumberState.WAITING: frozenset({NumberState.CALLED}),
    NumberState.CALLED: frozenset({NumberState.SERVING, NumberState.MISSED}),
    NumberState.SERVING: frozenset({NumberState.SERVED}),
    NumberState.SERVED: frozenset[NumberState](),
    # Put back, once; see `require_put_back`.
    NumberState.MISSED: frozenset({NumberState.WAITING}),
}


def move(*, current: NumberState, wanted: NumberState) -> NumberState:
    """
    Return the wanted state.

    :raises Refused: ``queue_number.cannot_move``
    """
    if wanted not in _MOVES[current]:
        raise Refused("queue_number.cannot_move", queue_state=current.value)
    return wanted


def label(letter: str, sequence: int) -> str:
    """Return a number as it is printed and called."""
    return f"{letter}{sequence:03}"


def require_called_enough(*, calls: int, at_least: int, clause: str) -> None:
    """
    Let nobody lose their turn before they were called as often as the standard says.

    :raises Refused: ``queue_number.called_too_little``
    """
    if calls < at_least:
        raise Refused(
            "queue_number.called_too_little", clause=clause, calls=calls, at_least=at_least
        )


def require_put_back(
    *, day: date, today: date, put_back_at: datetime | None, behind: int | None, clause: str
) -> int:
    """
    Return behind how many a missed number comes, if it may wait once more.

    :raises Refused: ``queue_number.day_over``, ``queue_number.put_back_already``,
        ``queue_number.not_put_back``
    """
    if day != today:
        raise Refused("queue_number.day_over")
    if put_back_at is not None:
        raise Refused("queue_number.put_back_already", clause=clause)
    if behind is None:
        raise Refused("queue_number.not_put_back", clause=clause)
    return behind
