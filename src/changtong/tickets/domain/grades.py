"""What a ticket was taken for at first, and at each instant since: limits depend on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple


class Grade(NamedTuple):
    """What a limit of time can depend on, and what its priority was decided by."""

    kind: str
    priority: str
    region_path: str
    region_type: str
    family: str
    tier: str
    category: str
    impact: str
    urgency: str

    def limits_as(self, other: Grade) -> bool:
        """Say whether all that a limit can depend on is the same."""
        return self[:-2] == other[:-2]


def since_opening(
    latest: Grade, decisions: Sequence[Mapping[str, Any]], *, opened_at: datetime
) -> list[tuple[datetime, Grade]]:
    """Return each grade with the instant from which it held, read from what was decided."""
    changes: dict[datetime, dict[str, str]] = {}
    known: dict[str, str] = {}
    for one in decisions:
        about, value = one["about"], str(one["value"])
        if about not in ("kind", "category", "priority"):
            continue
        at = datetime.fromisoformat(one["at"])
        decided = {about: value}
        if about == "priority":
            why = one["why"]
            decided |= {name: why[name] for name in ("impact", "urgency") if name in why}
        if about == "kind" and about not in known:
            known[about] = str(one["why"]["before"])
        elif about not in known and (about != "category" or at <= opened_at):
            known |= decided
            continue
        changes.setdefault(at, {}).update(decided)
    if not changes:
        return [(opened_at, latest)]
    # Registered without a category: nobody knew yet what the matter was.
    grade = latest._replace(**{"category": "", **known})
    found = [(opened_at, grade)]
    for at in sorted(changes):
        changed = grade._replace(**changes[at])
        if changed != grade:
            found.append((max(at, opened_at), changed))
            grade = changed
    return found
