"""Secrets that the system chooses itself and keeps in files only their owner can read."""

from __future__ import annotations

import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path


def chosen_once(path: Path) -> str:
    """Return the secret kept in the file, choosing one if there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        write(draft, secrets.token_urlsafe(48))
        # A link never replaces: of two processes that start together, both use one secret.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def write(path: Path, text: str) -> None:
    """Write a file that nobody else could read at any moment."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
