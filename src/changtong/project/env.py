"""Settings from the environment, typed, failing loudly on nonsense."""

from __future__ import annotations

import os
from pathlib import Path


class BadSetting(ValueError):  # noqa: N818 - it names what is bad
    """Tell the operator which variable is wrong and what was expected."""


def text(name: str, default: str | None = None) -> str:
    """
    Return the variable, or the content of the file that ``<name>_FILE`` points to.

    :raises BadSetting: if neither is set and there is no default
    """
    if name in os.environ:
        return os.environ[name]
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text(encoding="utf-8").strip()
    if default is None:
        raise BadSetting(f"{name} (or {name}_FILE) must be set")
    return default


def flag(name: str, *, default: bool) -> bool:
    """
    Return the variable as a yes or no.

    :raises BadSetting: if it is neither
    """
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise BadSetting(f"{name} must be 1 or 0, not {value!r}")


def number(name: str, default: int) -> int:
    """
    Return the variable as a whole number.

    :raises BadSetting: if it is not one
    """
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise BadSetting(f"{name} must be a whole number, not {value!r}") from error


def words(name: str, default: str) -> list[str]:
    """Return the variable's comma-separated words."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
