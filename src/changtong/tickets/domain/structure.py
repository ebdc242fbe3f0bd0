"""What may stand between cases: one of two, two of one, one above many."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from changtong.kernel.errors import Refused
from changtong.standard.domain.rules import ChildRule
from changtong.tickets.domain.lifecycle import FINAL, State


# 并案、拆案: how cases become one and become two.
MERGING = "3.10"
SPLITTING = "3.11"
# A case that already has a result takes no other case's matter in.
_SURVIVORS = frozenset(State) - FINAL - {State.RESOLVED}


@dataclass(frozen=True, slots=True)
class Party:
    """What of a case decides whether it may become one with another."""

    number: str
    kind: str
    state: State
    complained_of: int | None
    assignee: int | None
    carries: bool
    has_children: bool


class Ground(StrEnum):
    """Why a case may be the same matter as another."""

    SAME_LINE = "same_line"
    SAME_CUSTOMER = "same_customer"
    SAME_PHONE = "same_phone"
    SAME_CATEGORY = "same_category"


def check_merger(*, ticket: Party, survivor: Party) -> None:
    """
    Refuse a merger that would lose somebody's matter, promise or complaint.

    :raises Refused: ``merger.of_itself``, ``merger.kind_differs``, ``merger.survivor_ended``,
        ``merger.carries_others``, ``merger.has_children``, ``merger.complained_of``
    """
    if ticket.number == survivor.number:
        raise Refused("merger.of_itself", clause=MERGING)
    if ticket.kind != survivor.kind:
        raise Refused("merger.kind_differs", clause=MERGING)
    if survivor.state not in _SURVIVORS:
        raise Refused("merger.survivor_ended", clause=MERGING, state=survivor.state.value)
    if ticket.carries:
        raise Refused("merger.carries_others", clause=MERGING, number=ticket.number)
    if ticket.has_children:
        raise Refused("merger.has_children", clause=MERGING, number=ticket.number)
    if ticket.complained_of != survivor.complained_of:
        # Whoever is complained of must not come to see the complaint by another's case.
        raise Refused("merger.complained_of", clause=MERGING)


def check_parent(*, child: Party, parent: Party, parent_is_child: bool) -> None:
    """
    Refuse a family of more than two generations, or one of cases that have ended.

    :raises Refused: ``parent.of_itself``, ``parent.ended``, ``parent.kind_differs``,
        ``parent.too_deep``
    """
    if child.number == parent.number:
        raise Refused("parent.of_itself")
    if child.state in FINAL or parent.state in FINAL:
        raise Refused("parent.ended")
    if child.kind != parent.kind:
        raise Refused("parent.kind_differs")
    if parent_is_child or child.has_children:
        raise Refused("parent.too_deep")


def check_ending(*, rule: ChildRule | None, open_children: int) -> None:
    """
    Refuse to close a case whose children are open, unless its edition lets it end first.

    :raises Refused: ``closing.children_open``
    """
    if open_children and (rule is None or rule.ends_first):
        clause = rule.clause if rule else ""
        raise Refused("closing.children_open", clause=clause, count=open_children)
