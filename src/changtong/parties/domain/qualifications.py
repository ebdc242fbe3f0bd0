"""When a qualification counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Held:
    """A qualification held by somebody; the last day on which it counts is `expires_on`."""

    skill: str
    valid_from: date
    expires_on: date


def standing(*, skill: str, held: Iterable[Held], on: date) -> str:
    """Return ``valid``, ``expired`` or ``missing`` for a skill on a day."""
    matching = [one for one in held if one.skill == skill]
    if any(one.valid_from <= on <= one.expires_on for one in matching):
        return "valid"
    return "expired" if any(one.expires_on < on for one in matching) else "missing"
