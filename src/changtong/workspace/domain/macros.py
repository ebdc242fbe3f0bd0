"""Macros: a few steps on a case that are shown and tried before they are taken together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from changtong.kernel.errors import Refused
from changtong.workspace.domain import phrases


# What each step is told besides what it does; the database checks only how many steps there are.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "claim": (),
    "handling": (),
    "note": ("text",),
    "message": ("text",),
    "supplement": ("text",),
    "pause": ("choice", "text"),
    "assignment": ("choice", "text"),
    "resolution": ("choice", "fix", "text"),
    "watch": (),
}
# Nothing is done without these; the rest is for the case's own edition to demand.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "note": ("text",),
    "message": ("text",),
    "supplement": ("text",),
    "pause": ("choice",),
    "assignment": ("choice", "text"),
    "resolution": ("text",),
}
STEPS_AT_MOST = 8
NAME_AT_MOST = 24


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, its words, and what is chosen, a reason, a team or a cause."""

    do: str
    text: str = ""
    choice: str = ""
    fix: str = ""

    def kept(self) -> dict[str, str]:
        """Return the step as it is stored, without what it does not use."""
        return {name: value for name, value in asdict(self).items() if value}


def read(rows: Iterable[Mapping[str, str]]) -> tuple[Step, ...]:
    """
    Return steps from how they are stored or given.

    :raises Refused: ``macro.step_unknown``
    """
    found = []
    for row in rows:
        fields = FIELDS.get(row.get("do", ""))
        if fields is None:
            raise Refused("macro.step_unknown")
        given = {name: str(row.get(name, "")).strip() for name in fields}
        found.append(Step(do=row["do"], **given))
    return tuple(found)


def checked(name: str, steps: tuple[Step, ...]) -> str:
    """
    Return the name as it is kept, if the steps can be.

    :raises Refused: ``macro.name_missing``, ``macro.empty``, ``macro.too_long``,
        ``macro.step_incomplete``, ``phrase.variable_unknown``
    """
    name = " ".join(name.split())[:NAME_AT_MOST]
    if not name:
        raise Refused("macro.name_missing")
    if not steps:
        raise Refused("macro.empty")
    if len(steps) > STEPS_AT_MOST:
        raise Refused("macro.too_long", at_most=STEPS_AT_MOST)
    for place, step in enumerate(steps, start=1):
        if not all(getattr(step, field) for field in NEEDED.get(step.do, ())):
            raise Refused("macro.step_incomplete", place=place)
        phrases.require_known(step.text)
    return name
