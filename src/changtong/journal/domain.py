"""
Hashing of journal entries: one canonical form, a chain that names the first bad entry, and
Merkle trees (RFC 6962) so that a few entries can be proven without showing the rest.

All digests are SHA-256 in lower-case hexadecimal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


GENESIS = "0" * 64
"""What the first entry and the first batch are chained to."""

# Made once: making an encoder takes longer than encoding an entry.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


@dataclass(frozen=True, slots=True)
class Line:
    """The part of an entry that the seal protects."""

    id: int
    tag: str
    subject: str
    actor: str
    facts: Mapping[str, object]
    happened_at: datetime
    recorded_at: datetime

    def canonical(self) -> bytes:
        """Return the bytes that are hashed."""
        return written(
            id_=self.id,
            tag=self.tag,
            subject=self.subject,
            actor=self.actor,
            facts=dict(self.facts),
            happened_at=instant(self.happened_at),
            recorded_at=instant(self.recorded_at),
        )

    def leaf(self) -> str:
        """Return the Merkle leaf of the line."""
        return leaf_of(self.canonical())


def written(
    *,
    id_: int,
    tag: str,
    subject: str,
    actor: str,
    facts: object,
    happened_at: str,
    recorded_at: str,
) -> bytes:
    """Return an entry's bytes: sorted keys, no blanks, instants in the form of `instant`."""
    return canonical(
        {
            "id": id_,
            "tag": tag,
            "subject": subject,
            "actor": actor,
            "facts": facts,
            "happened_at": happened_at,
            "recorded_at": recorded_at,
        }
    )


def leaf_of(line: bytes) -> str:
    """Return the Merkle leaf of an entry's bytes."""
    return hashlib.sha256(b"\x00" + line).hexdigest()


def canonical(value: object) -> bytes:
    """Return one and only one byte string for a JSON value."""
    return _ENCODER.encode(value).encode()


def instant(at: datetime) -> str:
    """Return an instant in the one form that is hashed."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def chained(previous: str, leaf: str) -> str:
    """Return the seal of an entry from the seal before it."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(leaf)).hexdigest()


def batch_seal(
    *, previous: str, root: str, first_id: int, last_id: int, count: int, sealed_at: datetime
) -> str:
    """Return the seal of a batch: it binds the root, the range, the time and all before."""
    return seal_over(
        {
            "previous": previous,
            "root": root,
            "first_id": first_id,
            "last_id": last_id,
            "count": count,
            "sealed_at": instant(sealed_at),
        }
    )


def seal_over(header: Mapping[str, object]) -> str:
    """Return the seal of a batch from its header as it is hashed."""
    return hashlib.sha256(b"\x02" + canonical(header)).hexdigest()


def merkle_root(leaves: Sequence[str]) -> str:
    """
    Return the root over the leaves.

    :raises ValueError: if there are none
    """
    return merkle_levels(leaves)[-1][0]


def merkle_path(leaves: Sequence[str], index: int) -> list[tuple[str, str]]:
    """
    Return the way from one leaf to the root as (side of the sibling, sibling) pairs.

    :raises ValueError: if there is no such leaf
    """
    return path_in(merkle_levels(leaves), index)


def path_in(levels: Sequence[Sequence[str]], index: int) -> list[tuple[str, str]]:
    """
    Return the same as `merkle_path`, for many leaves of one tree.

    :raises ValueError: if there is no such leaf
    """
    if not 0 <= index < len(levels[0]):
        raise ValueError(f"no leaf {index} among {len(levels[0])}")
    path: list[tuple[str, str]] = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("left" if sibling < index else "right", level[sibling]))
        index //= 2
    return path


def root_from_path(leaf: str, path: Iterable[tuple[str, str]]) -> str:
    """Return the root that a leaf and its path lead to."""
    node = leaf
    for side, sibling in path:
        node = _parent(sibling, node) if side == "left" else _parent(node, sibling)
    return node


def merkle_levels(leaves: Sequence[str]) -> list[list[str]]:
    """
    Return the whole tree, from the leaves up to the root.

    :raises ValueError: if there are no leaves
    """
    if not leaves:
        raise ValueError("a tree needs a leaf")
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_parent(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            # A node without a sibling moves up unchanged, as in RFC 6962.
            above.append(below[-1])
        levels.append(above)
    return levels


def _parent(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
