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
    MERGED = "merged"


_MOVES: dict[State, frozenset[State]] = {
    State.ACKNOWLEDGED: frozenset(
        {State.ACCEPTED, State.REJECTED, State.PENDING, State.CANCELLED, State.MERGED}
    ),
    State.ACCEPTED: frozenset(
        {State.ASSIGNED, State.PENDING, State.HELD, State.CANCELLED, State.MERGED}
    ),
    State.ASSIGNED: frozenset(
        {
            State.ACCEPTED,
            State.IN_PROGRESS,
            State.PENDING,
            State.HELD,
            State.CANCELLED,
            State.MERGED,
        }
    ),
    State.IN_PROGRESS: frozenset(
        {
            State.ACCEPTED,
            State.ASSIGNED,
            State.PENDING,
            State.HELD,
            State.RESOLVED,
            State.CANCELLED,
            State.MERGED,
        }
    ),
    # Whatever was set aside is taken up where it stood, by `back` alone: a move from here would
    # leave its clocks paused and its question open.
    State.PENDING: frozenset({State.REJECTED, State.CANCELLED, State.MERGED}),
    State.HELD: frozenset({State.CANCELLED, State.MERGED}),
    State.RESOLVED: frozenset({State.CLOSED, State.ACCEPTED, State.ASSIGNED}),
    State.CLOSED: frozenset(),
    State.REJECTED: frozenset(),
    State.CANCELLED: frozenset(),
    # Undone by `unmerged` alone, which knows where the ticket stood.
    State.MERGED: frozenset(),
}

SET_ASIDE = frozenset({State.PENDING, State.HELD})
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


def back(*, current: State, before: State) -> State:
    """
    Return where a ticket stood before it was set aside.

    :raises Refused: ``ticket.cannot_move``
    """
    if current not in SET_ASIDE or current not in _MOVES[before]:
        raise Refused("ticket.cannot_move", current=current.value, wanted=before.value)
    return before


def unmerged(*, current: State, before: State) -> State:
    """
    Return where a ticket stood before it was merged into another.

    :raises Refused: ``ticket.cannot_move``
    """
    if current is not State.MERGED or State.MERGED not in _MOVES[before]:
        raise Refused("ticket.cannot_move", current=current.value, wanted=before.value)
    return before


def moves_from(state: State) -> frozenset[State]:
    """Return the states that can follow."""
    return _MOVES[state]
