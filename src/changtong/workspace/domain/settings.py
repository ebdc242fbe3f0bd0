"""How somebody wants their screens, and what they may choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from changtong.kernel.errors import Refused


# The first of each is what holds for who has chosen nothing.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "type_size": ("usual", "large", "largest"),
    "after_closing": ("stay", "next"),
}
PAGE_AT_MOST = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """What somebody has chosen for themselves."""

    theme: str = "system"
    density: str = "comfortable"
    type_size: str = "usual"
    after_closing: str = "stay"
    # Name of the screen that the day begins with; empty means: by role.
    start_page: str = ""
    # Only what differs from the registry.
    shortcuts: Mapping[str, str] = field(default_factory=dict)


NAMES = tuple(one.name for one in fields(Settings))


def changed(now: Settings, **wanted: str) -> Settings:
    """
    Return the settings with other choices.

    :raises Refused: ``settings.unknown``
    """
    for name, value in wanted.items():
        known = CHOICES.get(name)
        page = name == "start_page" and len(value) <= PAGE_AT_MOST
        if not page and (known is None or value not in known):
            raise Refused("settings.unknown", setting=name, value=value)
    chosen: dict[str, Any] = dict(wanted)
    return replace(now, **chosen)
