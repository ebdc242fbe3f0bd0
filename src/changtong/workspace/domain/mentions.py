"""Whom an internal note names."""

from __future__ import annotations

from collections.abc import Mapping


SIGNS = ("@", "＠")


def named(text: str, names: Mapping[int, str]) -> set[int]:
    """Return the people whose names follow an @; of two names that fit, the longer is meant."""
    longest_first = sorted(names.items(), key=lambda one: -len(one[1]))
    found = set()
    for sign in SIGNS:
        for after in text.split(sign)[1:]:
            meant = next(
                (pk for pk, name in longest_first if name and after.startswith(name)), None
            )
            if meant is not None:
                # Two people of one name are both meant: nobody can tell them apart.
                found |= {pk for pk, name in names.items() if name == names[meant]}
    return found
