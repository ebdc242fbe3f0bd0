"""Change the body of a draft at one place, and know when somebody else did so meanwhile."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any

from changtong.kernel.errors import Missing, Refused
from changtong.standard.domain import law
from changtong.standard.domain.parsing import Body


class State(StrEnum):
    """Where a draft stands on its way to an edition."""

    DRAFTING = "drafting"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


# From where each state may be reached. A text under review stands still: to change it, it goes
# back to its authors, and an approval of the old words ends with that.
_MOVES: Mapping[State, frozenset[State]] = {
    State.DRAFTING: frozenset({State.IN_REVIEW, State.APPROVED}),
    State.IN_REVIEW: frozenset({State.DRAFTING}),
    State.APPROVED: frozenset({State.IN_REVIEW}),
    State.PUBLISHED: frozenset({State.APPROVED}),
    State.DISCARDED: frozenset({State.DRAFTING, State.IN_REVIEW, State.APPROVED}),
}


_VERSION = re.compile(r"(0|[1-9]\d{0,3})(\.(0|[1-9]\d{0,3})){2}")


def move(*, current: str, wanted: State) -> State:
    """
    Return the wanted state if it may follow the current one.

    :raises Refused: ``draft.cannot_move``
    """
    if current not in _MOVES[wanted]:
        raise Refused("draft.cannot_move", clause="26.3", draft_state=str(current))
    return wanted


@dataclass(frozen=True, slots=True)
class Place:
    """A file of a draft, or a value in it: the keys and positions that lead there."""

    file: str
    path: tuple[str | int, ...] = ()

    @property
    def key(self) -> str:
        """Return the path as problems name it, counted from one: `clause[2].text`."""
        words = ""
        for step in self.path:
            words += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if words else step
        return words

    def below(self, *steps: str | int) -> "Place":
        """Return a place inside this one."""
        return Place(self.file, (*self.path, *steps))


def seal(value: Any) -> str:
    """Return what two authors compare to know whether they saw the same value; nothing is ""."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:32]


def value_at(body: Body, place: Place) -> Any:
    """Return what stands at a place; nothing if it is empty or just after the end of a list."""
    found: Any = body.get(place.file)
    for step in place.path:
        if isinstance(found, Mapping) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and 0 <= step < len(found):
            found = found[step]
        else:
            return None
    return found


def replaced(body: Body, place: Place, value: Any) -> dict[str, Any]:
    """
    Return the body with another value at a place; the given body stays as it is.

    Nothing as the value removes the entry; the position after the last appends to a list.

    :raises Missing: ``draft.place_unknown``
    """
    return dict(_with(body, (place.file, *place.path), value, place))


def _with(holder: Any, steps: tuple[str | int, ...], value: Any, place: Place) -> Any:
    step, rest = steps[0], steps[1:]
    if isinstance(holder, Mapping) and isinstance(step, str):
        return _with_key(holder, step, rest, value, place)
    if isinstance(holder, list) and isinstance(step, int) and 0 <= step <= len(holder):
        return _with_item(holder, step, rest, value, place)
    raise Missing("draft.place_unknown", place=f"{place.file}: {place.key}")


def _with_key(
    holder: Mapping[str, Any], step: str, rest: tuple[str | int, ...], value: Any, place: Place
) -> dict[str, Any]:
    if rest:
        # A list that is not there yet begins with its first entry.
        inner = holder.get(step, [] if isinstance(rest[0], int) else {})
        value = _with(inner, rest, value, place)
    if value is None:
        return {key: kept for key, kept in holder.items() if key != step}
    return {**holder, step: value}


def _with_item(
    holder: list[Any], step: int, rest: tuple[str | int, ...], value: Any, place: Place
) -> list[Any]:
    if rest:
        if step == len(holder):
            raise Missing("draft.place_unknown", place=f"{place.file}: {place.key}")
        value = _with(holder[step], rest, value, place)
    kept = [] if value is None else [value]
    return [*holder[:step], *kept, *holder[step + 1 :]]


def is_version(text: str) -> bool:
    """Say whether a text can name an edition, like 1.2.0."""
    return _VERSION.fullmatch(text) is not None


def headed(
    body: Body, *, version: str, effective_from: date, replaces: str | None
) -> dict[str, Any]:
    """Return the body with what only publication decides about its head."""
    head = {**body[law.HEAD], "version": version, "effective_from": effective_from.isoformat()}
    if replaces is not None:
        head["replaces"] = replaces
    return {**body, law.HEAD: head}
