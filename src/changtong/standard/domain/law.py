"""The packs of law that an edition rests on, as files of its own body: it needs no other."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from changtong.standard.domain.parsing import Body


# In a body a pack's files stand below `law/<code of the pack>/`.
FOLDER = "law/"
HEAD = "edition.toml"
LAW = "law"
OPERATOR = "operator"

_NAME = re.compile(r"[a-z0-9-]+/[0-9]+(\.[0-9]+)*")


def is_law(name: str) -> bool:
    """Say whether a file of a body comes from a pack of law."""
    return name.startswith(FOLDER)


def within_pack(name: str) -> str:
    """Return the name that a file has in its own folder, the pack's or the operator's."""
    return name.removeprefix(FOLDER).partition("/")[2] if is_law(name) else name


def own(body: Body) -> dict[str, Mapping[str, Any]]:
    """Return what the author of a body wrote: everything but the packs that it rests on."""
    return {name: values for name, values in body.items() if not is_law(name)}


def names(body: Body) -> tuple[str, ...]:
    """Return the packs that a body names, like `cn-law/2026.1`, without what is no such name."""
    named = body.get(HEAD, {}).get("law", ())
    if not isinstance(named, list | tuple):
        return ()
    return tuple(name for name in named if isinstance(name, str) and _NAME.fullmatch(name))


def complete(body: Body, pack: Callable[[str], Body | None]) -> dict[str, Mapping[str, Any]]:
    """
    Return what the author wrote together with all packs that it rests on, and those they rest on.

    A pack that cannot be found is left out; the checks notice that it is missing.

    :param pack: returns the files of a pack by its name
    """
    whole = own(body)
    waiting = list(names(whole))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        found = None if name in seen else pack(name)
        seen.add(name)
        if found is None:
            continue
        code = name.split("/")[0]
        whole |= {f"{FOLDER}{code}/{file}": values for file, values in own(found).items()}
        waiting += names(found)
    return whole
