"""Reasons for a choice name people and teams by key; programs know them by number and code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from changtong.parties import queries as parties


@dataclass(frozen=True, slots=True)
class Names:
    """The staff numbers and team codes behind some keys."""

    staff: Mapping[int, str]
    teams: Mapping[int, str]

    def said(self, reason: Mapping[str, Any]) -> dict[str, Any]:
        """Return a reason in which people and teams are named as the API names them."""
        told = dict(reason)
        if told.get("chosen"):
            told["chosen"] = self._one(told["chosen"])
        if "others" in told:
            told["others"] = [self._one(one) for one in told["others"]]
        return told

    def _one(self, considered: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **considered,
            "staff": self.staff.get(considered["staff"]),
            "team": self.teams.get(considered["team"]),
        }


def of(reasons: Iterable[Mapping[str, Any]]) -> Names:
    """Return the names of everybody whom these reasons mention."""
    found = [one for reason in reasons for one in _mentioned(reason)]
    return Names(
        staff=parties.numbers_of(one["staff"] for one in found),
        teams=parties.team_codes_of(one["team"] for one in found if one["team"]),
    )


def _mentioned(reason: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if reason.get("chosen"):
        yield reason["chosen"]
    yield from reason.get("others", ())
