"""Where the built front end lies: Vite's manifest, read once per build."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static


BUILT = Path(__file__).parent / "static" / "ui" / "dist"
MANIFEST = BUILT / "manifest.json"


def address(source: str) -> str:
    """
    Return the URL of the built file for a source such as ``src/main.ts``.

    :raises ImproperlyConfigured: if the front end is not built or has no such source
    """
    return _address(_stamp(), source)


def icon_names() -> frozenset[str]:
    """
    Return the names of all icons in the sprite.

    :raises ImproperlyConfigured: if the front end is not built
    """
    return _icon_names(_stamp())


def picture(path: str) -> str:
    """Return the URL of one of our own pictures under ``static/ui/``."""
    return static(f"ui/{path}")


def _stamp() -> int:
    try:
        return MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        raise ImproperlyConfigured(
            "The front end is not built: run `npm ci && npm run build` in frontend/."
        ) from None


@lru_cache(maxsize=64)
def _address(stamp: int, source: str) -> str:
    manifest = _manifest(stamp)
    if source not in manifest:
        raise ImproperlyConfigured(f"The front end has no {source}; it has {sorted(manifest)}.")
    # Vite has already put a hash of the content into the name. Django's static storage must not
    # rename the file again: modules import each other by the names that Vite knows.
    return urljoin(settings.STATIC_URL or "/", f"ui/dist/{manifest[source]}")


@lru_cache(maxsize=2)
def _manifest(stamp: int) -> dict[str, str]:
    entries = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return {source: entry["file"] for source, entry in entries.items()}


@lru_cache(maxsize=2)
def _icon_names(stamp: int) -> frozenset[str]:
    sprite = (BUILT / _manifest(stamp)["icons.svg"]).read_text(encoding="utf-8")
    return frozenset(part.split('"', 1)[0] for part in sprite.split('<symbol id="')[1:])
