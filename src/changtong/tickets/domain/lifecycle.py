"""The states of a ticket and the moves between them."""

from __future__ import annotations

from enum import StrEnum

from changtong.kernel.errors import Refused


class Kind(StrEnum):
    """The four kinds of ticket."""

    SERVICE_REQUEST = "service_request"
    FAULT = "fault"
    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"


class State(StrEnum):
    """
    Where a ticket stands.

    The names follow TM Forum's trouble ticket; `accepted` and `assigned` divide its
    `inProgress`, because the standard measures acceptance and assignment by themselves.
    """

    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    HELD = "held"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


_MOVES: dict[State, frozenset[State]] = {
    State.ACKNOWLEDGED: frozenset(
        {State.ACCEPTED, State.REJECTED, State.PENDING, State.CANCELLED}
    ),
    State.ACCEPTED: frozenset({State.ASSIGNED, State.PENDING, State.HELD, State.CANCELLED}),
    State.ASSIGNED: frozenset(
        {State.ACCEPTED, State.IN_PROGRESS, State.PENDING, State.HELD, State.CANCELLED}
    ),
    State.IN_PROGRESS: frozenset(
        {
            State.ACCEPTED,
            State.ASSIGNED,
            State.PENDING,
            State.HELD,
            State.RESOLVED,
            State.CANCELLED,
        }
    ),
    State.PENDING: frozenset(
        {
            State.ACKNOWLEDGED,
            State.ACCEPTED,
            State.ASSIGNED,
            State.IN_PROGRESS,
            State.CANCELLED,
        }
    ),
    State.HELD: frozenset({State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS, State.CANCELLED}),
    State.RESOLVED: frozenset({State.CLOSED, State.ACCEPTED, State.ASSIGNED}),
    State.CLOSED: frozenset(),
    State.REJECTED: frozenset(),
    State.CANCELLED: frozenset(),
}

FINAL = frozenset(state for state, moves in _MOVES.items() if not moves)
UNFINISHED = frozenset(State) - FINAL


def move(*, current: State, wanted: State) -> State:
    """
    Return the wanted state if the ticket may move there.

    :raises Refused: ``ticket.cannot_move``
    """
    if wanted not in _MOVES[current]:
        raise Refused("ticket.cannot_move", current=current.value, wanted=wanted.value)
    return wanted


def moves_from(state: State) -> frozenset[State]:
    """Return the states that can follow."""
    return _MOVES[state]
