"""Keys for actions: what is pressed by default, what a person may press instead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from changtong.kernel.errors import Refused


# Everything that has a key, and the key it has until somebody chooses another. `mod` is Ctrl, and
# on a Mac also Command; two keys with a space between are pressed one after the other.
DEFAULTS: Mapping[str, str] = {
    "palette.open": "mod+k",
    "help.open": "?",
    "search.focus": "/",
    "go.queue": "g t",
    "go.work": "g w",
    "go.intake": "g n",
    "go.dispatch": "g d",
    "go.customers": "g c",
    "go.dashboard": "g b",
    "go.notices": "g i",
    "go.settings": "g s",
    "queue.next": "j",
    "queue.previous": "k",
    "queue.open": "o",
    "queue.preview": "v",
    "queue.pick": "x",
    "queue.take": "t",
    "case.next_step": "x",
    "case.steps": "a",
    "case.reply": "r",
    "case.note": "m",
    "case.send": "mod+enter",
    "case.watch": "f",
    "case.explain": "e",
    "case.limits": "n",
    "case.take": "t",
    "case.macros": "q",
    "limits.next": "j",
    "limits.previous": "k",
    "intake.register": "mod+enter",
    "call.open": "mod+j",
}
# These share a screen with everything; the others only with their own group and with these.
EVERYWHERE = frozenset({"palette", "help", "search", "go", "call"})

_ONE = re.compile(r"(?:mod\+)?(?:alt\+)?[^\s+]|(?:mod\+)?(?:alt\+)?\+|mod\+enter")
# Taken by every browser, and not to be had.
RESERVED = frozenset(
    {
        "mod+t",
        "mod+w",
        "mod+n",
        "mod+q",
        "mod+r",
        "mod+c",
        "mod+v",
        "mod+x",
        "mod+a",
        "mod+z",
        "mod+f",
        "mod+p",
        "mod+s",
    }
)


def normalized(keys: str) -> str:
    """
    Return keys as they are kept: small letters, single spaces.

    :raises Refused: ``shortcut.not_keys``, ``shortcut.reserved``
    """
    parts = keys.strip().lower().replace("ctrl+", "mod+").replace("cmd+", "mod+").split()
    if not 1 <= len(parts) <= 2 or not all(_ONE.fullmatch(part) for part in parts):  # noqa: PLR2004 - one key or two
        raise Refused("shortcut.not_keys", keys=keys)
    found = " ".join(parts)
    if any(part in RESERVED for part in parts):
        raise Refused("shortcut.reserved", keys=found)
    return found


def in_force(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of every action; what a person has switched off has none."""
    return {code: chosen.get(code, keys) for code, keys in DEFAULTS.items()}


def remapped(wanted: Mapping[str, str]) -> dict[str, str]:
    """
    Return only what differs from the registry; an empty text switches a shortcut off.

    :raises Refused: ``shortcut.unknown``, ``shortcut.not_keys``, ``shortcut.reserved``,
        ``shortcut.taken``
    """
    unknown = sorted(set(wanted) - set(DEFAULTS))
    if unknown:
        raise Refused("shortcut.unknown", shortcut=unknown[0])
    kept = {code: normalized(keys) if keys.strip() else "" for code, keys in wanted.items()}
    found = in_force(kept)
    for code, other in _meeting(found):
        if _clash(found[code], found[other]):
            raise Refused("shortcut.taken", keys=found[code], shortcut=code, other=other)
    return {code: keys for code, keys in kept.items() if keys != DEFAULTS[code]}


def _meeting(found: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the pairs of actions that can be meant by one press."""
    codes = [code for code, keys in found.items() if keys]
    return [
        (code, other)
        for place, code in enumerate(codes)
        for other in codes[place + 1 :]
        if _group(code) == _group(other) or EVERYWHERE & {_group(code), _group(other)}
    ]


def _group(code: str) -> str:
    return code.partition(".")[0]


def _clash(one: str, other: str) -> bool:
    """Say whether two are the same, or one is how the other begins."""
    return one == other or one.startswith(f"{other} ") or other.startswith(f"{one} ")
