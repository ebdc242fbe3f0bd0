"""Two people change the same thing: what each changed stays, and what both changed is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merged:
    """What comes of both changes, and the fields where they do not agree."""

    values: Mapping[str, str]
    disputed: tuple[str, ...]


def merged(opened: Mapping[str, str], mine: Mapping[str, str], now: Mapping[str, str]) -> Merged:
    """
    Return the fields after both changes.

    :param opened: what the fields were when the form was opened
    :param mine: what they are in the form
    :param now: what somebody has made of them meanwhile
    """
    values = {
        name: now[name] if value == opened.get(name, value) else value
        for name, value in mine.items()
    }
    disputed = tuple(
        name
        for name, value in mine.items()
        if name in opened and value != opened[name] and now[name] not in {opened[name], value}
    )
    return Merged(values, disputed)
