"""
The one byte string that a set of files makes.

A package is a ZIP file without compression, in which nothing is left to choice: no times, no
comments, no extra fields, files one after the other. So whoever has the files can make the
package again, and any changed byte of it, even outside the files, shows.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from changtong.journal.domain import canonical


CHUNK = 1 << 20
ZIP32_AT_MOST = 0xFFFF_FFFF
FILES_AT_MOST = 0xFFFF

# Version 1.0 is enough to read a stored file; made by version 2.0 on Unix, a plain file 0644.
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_NAME_IS_UTF8 = 0x0800
_FIRST_DAY = 0x0021
_PLAIN_FILE = 0o100644 << 16


class Malformed(Exception):  # noqa: N818 - it says what is so
    """Tell where a file stops being a package that we could have made."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a package: its name, what its bytes are like, and how to read them."""

    name: str
    size: int
    sha256: str
    crc32: int
    chunks: Callable[[], Iterable[bytes]]


def member(name: str, chunks: Callable[[], Iterable[bytes]]) -> Member:
    """Return a file as it will lie in the package; its content is read once for this."""
    digest, crc, size = hashlib.sha256(), 0, 0
    for chunk in chunks():
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
    return Member(name, size, digest.hexdigest(), crc, chunks)


def text_member(name: str, content: bytes) -> Member:
    """Return a file whose content is at hand."""
    return member(name, lambda: [content])


def packed(members: Sequence[Member]) -> Iterator[bytes]:
    """
    Yield the bytes of the package.

    :raises ValueError: if it would be too large for a plain ZIP file, or a name occurs twice
    """
    if len({one.name for one in members}) < len(members) or len(members) > FILES_AT_MOST:
        raise ValueError("every file needs a name of its own")
    offset = 0
    directory = []
    for one in members:
        header = _local(one.name, size=one.size, crc=one.crc32)
        directory.append(_central(one.name, size=one.size, crc=one.crc32, offset=offset))
        offset += len(header) + one.size
        if offset > ZIP32_AT_MOST:
            raise ValueError("the package is larger than 4 GiB")
        yield header
        yield from one.chunks()
    yield b"".join(directory)
    yield _end(directory, offset=offset)


def opened(file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """
    Yield the name and the content of each file; each content must be read before the next.

    :raises Malformed: as soon as anything is not as `packed` writes it
    """
    directory: list[bytes] = []
    offset = 0
    where = "the beginning"
    while (signature := file.read(4)) == b"PK\x03\x04":
        name, size, crc = _read_local(signature + file.read(_LOCAL.size - 4), file, after=where)
        where = name
        read = _Content(file, name=name, size=size)
        yield name, read.chunks()
        if read.left or read.crc != crc:
            raise Malformed(name)
        directory.append(_central(name, size=size, crc=crc, offset=offset))
        offset += len(directory[-1]) - _CENTRAL.size + _LOCAL.size + size
    rest = b"".join(directory) + _end(directory, offset=offset)
    if signature + file.read(len(rest)) != rest:
        raise Malformed(f"the directory after {where}")


class _Content:
    def __init__(self, file: BinaryIO, *, name: str, size: int) -> None:
        self.file, self.name, self.left, self.crc = file, name, size, 0

    def chunks(self) -> Iterator[bytes]:
        while self.left:
            chunk = self.file.read(min(CHUNK, self.left))
            if not chunk:
                raise Malformed(self.name)
            self.left -= len(chunk)
            self.crc = zlib.crc32(chunk, self.crc)
            yield chunk


def _local(name: str, *, size: int, crc: int) -> bytes:
    encoded = name.encode()
    fixed = (b"PK\x03\x04", 10, _NAME_IS_UTF8, 0, 0, _FIRST_DAY, crc, size, size)
    return _LOCAL.pack(*fixed, len(encoded), 0) + encoded


def _central(name: str, *, size: int, crc: int, offset: int) -> bytes:
    encoded = name.encode()
    made_by = 3 << 8 | 20
    fixed = (b"PK\x01\x02", made_by, 10, _NAME_IS_UTF8, 0, 0, _FIRST_DAY, crc, size, size)
    return _CENTRAL.pack(*fixed, len(encoded), 0, 0, 0, 0, _PLAIN_FILE, offset) + encoded


def _end(directory: Sequence[bytes], *, offset: int) -> bytes:
    size = sum(map(len, directory))
    return _END.pack(b"PK\x05\x06", 0, 0, len(directory), len(directory), size, offset, 0)


def _read_local(header: bytes, file: BinaryIO, *, after: str) -> tuple[str, int, int]:
    if len(header) < _LOCAL.size:
        raise Malformed(f"the header after {after}")
    *_, crc, size, _, length, _ = _LOCAL.unpack(header)
    encoded = file.read(length)
    try:
        name = encoded.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"the header after {after}") from error
    if header + encoded != _local(name, size=size, crc=crc):
        raise Malformed(f"the header after {after}")
    return name, size, crc


# ---------------------------------------------------------------------------------------
# The manifest, which lists the files and is listed by itself
# ---------------------------------------------------------------------------------------


def manifest(about: Mapping[str, object], members: Iterable[Member]) -> dict[str, object]:
    """Return what the package says about itself, with a digest over all that it says."""
    said = {
        **about,
        "files": [{"path": one.name, "size": one.size, "sha256": one.sha256} for one in members],
    }
    return {**said, "digest": digest(said)}


def digest(said: Mapping[str, object]) -> str:
    """Return the digest of a manifest, over everything in it but the digest."""
    rest = {name: value for name, value in said.items() if name != "digest"}
    return hashlib.sha256(canonical(rest)).hexdigest()
