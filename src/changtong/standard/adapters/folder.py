"""Editions as folders of TOML files."""

from collections.abc import Iterator
from pathlib import Path


# Generous for an edition and small for a mistake such as the root of a disk.
FILES_AT_MOST = 1_000
BYTES_AT_MOST = 2_000_000


def texts(path: Path) -> dict[str, str]:
    """
    Return the text of every TOML file in a folder by its name relative to it.

    :raises FileNotFoundError: if there is no such folder
    :raises ValueError: if a file or the number of files is unreasonably large
    """
    if not path.is_dir():
        raise FileNotFoundError(path)
    found: dict[str, str] = {}
    for file in sorted(path.rglob("*.toml")):
        if len(found) >= FILES_AT_MOST or file.stat().st_size > BYTES_AT_MOST:
            raise ValueError(str(file))
        found[file.relative_to(path).as_posix()] = file.read_text(encoding="utf-8")
    return found


def editions(root: Path) -> Iterator[Path]:
    """Yield the folder of every edition under `standards/<code>/<version>`."""
    for file in sorted(root.glob("*/*/edition.toml")):
        yield file.parent
