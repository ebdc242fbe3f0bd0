"""Files stored under the SHA-256 of their content, so that a name can never lie about it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings

from changtong.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored: its digest in hexadecimal and its size in bytes."""

    sha256: str
    size: int


def put(chunks: Iterable[bytes], *, at_most_bytes: int) -> Stored:
    """
    Store the content durably before anything may refer to it.

    :raises Refused: ``file.too_large`` as soon as the limit is passed; nothing is kept
    """
    with tempfile.NamedTemporaryFile(dir=_root(), delete=False) as incoming:
        try:
            stored = _written(chunks, incoming, at_most_bytes=at_most_bytes)
            target = path_of(stored.sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(incoming.name).replace(target)
            _sync_directory(target.parent)
        except BaseException:
            Path(incoming.name).unlink(missing_ok=True)
            raise
    return stored


def _written(chunks: Iterable[bytes], file: IO[bytes], *, at_most_bytes: int) -> Stored:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > at_most_bytes:
            raise Refused("file.too_large", at_most_bytes=at_most_bytes)
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return Stored(sha256=digest.hexdigest(), size=size)


def open_(sha256: str) -> BinaryIO:
    """Open stored content for reading."""
    return path_of(sha256).open("rb")


def path_of(sha256: str) -> Path:
    """Return where content with this digest lives."""
    if len(sha256) != hashlib.sha256().digest_size * 2 or not sha256.isalnum():
        raise ValueError("not a SHA-256 digest")
    return _root() / sha256[:2] / sha256


def _root() -> Path:
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    return root


def _sync_directory(path: Path) -> None:
    # A rename survives a power cut only once its directory is on disk too.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
