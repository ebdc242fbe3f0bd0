"""What a package says about its journal entries, and whether it holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from changtong.archive.domain import package, writing
from changtong.archive.domain.package import Malformed
from changtong.journal import domain as journal


FORMAT = "changtong-case-file/1"
MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
PROOF = "proof.json"
# What verification itself reads; everything else is only hashed.
READ_AT_MOST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: in which file or entry, and what."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read of a package: the digests of its files and the texts that prove them."""

    digests: Mapping[str, tuple[int, str]]
    manifest: Mapping[str, Any]
    lines: tuple[bytes, ...]
    proof: Mapping[str, Any]


def header(
    *, first_id: int, last_id: int, count: int, root: str, previous: str, seal: str, sealed_at: str
) -> dict[str, object]:
    """Return the header of a batch, all that its seal binds."""
    return {
        "first_id": first_id,
        "last_id": last_id,
        "count": count,
        "root": root,
        "previous": previous,
        "seal": seal,
        "sealed_at": sealed_at,
    }


def read(file: BinaryIO) -> tuple[Contents | None, list[Finding]]:
    """Return what is in a package, and what is wrong with its form."""
    digests: dict[str, tuple[int, str]] = {}
    texts: dict[str, bytes] = {}
    try:
        for name, chunks in package.opened(file):
            if name in digests:
                return None, [Finding(name, "file_repeated")]
            kept: list[bytes] = []
            one = package.member(name, partial(_kept, chunks, kept))
            digests[name] = (one.size, one.sha256)
            if name in {MANIFEST, JOURNAL, PROOF}:
                texts[name] = b"".join(kept)
    except Malformed as malformed:
        return None, [Finding(malformed.where, "package_malformed")]
    missing = [name for name in (MANIFEST, JOURNAL, PROOF) if name not in texts]
    if missing:
        return None, [Finding(name, "file_missing") for name in missing]
    manifest, proof = _json(texts[MANIFEST]), _json(texts[PROOF])
    if manifest is None or not _as_we_write(manifest, texts[MANIFEST]):
        return None, [Finding(MANIFEST, "manifest_changed")]
    if proof is None:
        return None, [Finding(PROOF, "content_changed")]
    lines = tuple(texts[JOURNAL].splitlines())
    return Contents(digests, manifest, lines, proof), []


def _kept(chunks: Iterable[bytes], kept: list[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size <= READ_AT_MOST:
            kept.append(chunk)
        yield chunk


def _json(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _as_we_write(manifest: Mapping[str, Any], text: bytes) -> bool:
    try:
        return writing.readable(manifest) == text
    except (TypeError, ValueError):
        # A number too long or half a letter: nothing that we ever wrote.
        return False


def findings(contents: Contents) -> list[Finding]:
    """Return everything that the package itself shows to be wrong, in reading order."""
    try:
        return [*_of_manifest(contents), *_of_entries(contents), *_of_chain(contents)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [Finding(PROOF, f"unreadable: {error!r}")]


def _of_manifest(contents: Contents) -> Iterator[Finding]:
    manifest = contents.manifest
    if manifest["format"] != FORMAT or manifest["digest"] != package.digest(manifest):
        yield Finding(MANIFEST, "manifest_changed")
    listed = {file["path"]: (file["size"], file["sha256"]) for file in manifest["files"]}
    present = {name: found for name, found in contents.digests.items() if name != MANIFEST}
    for name in sorted(listed.keys() | present.keys()):
        if name not in present:
            yield Finding(name, "file_missing")
        elif name not in listed:
            yield Finding(name, "file_not_listed")
        elif listed[name] != present[name]:
            yield Finding(name, "content_changed")


def _of_entries(contents: Contents) -> Iterator[Finding]:
    proofs = contents.proof["entries"]
    roots = {batch["last_id"]: batch["root"] for batch in contents.proof["batches"]}
    if len(proofs) != len(contents.lines) or not proofs:
        yield Finding(JOURNAL, "entries_missing")
    for line, proof in zip(contents.lines, proofs, strict=False):
        where = f"{JOURNAL} #{proof['id']}"
        if json.loads(line)["id"] != proof["id"] or journal.leaf_of(line) != proof["leaf"]:
            yield Finding(where, "entry_changed")
        elif journal.root_from_path(proof["leaf"], proof["path"]) != roots[proof["batch"]]:
            yield Finding(where, "entry_not_in_batch")


def _of_chain(contents: Contents) -> Iterator[Finding]:
    before = None
    for batch in contents.proof["batches"]:
        where = f"{PROOF} batch {batch['last_id']}"
        if seal_of(batch) != batch["seal"]:
            yield Finding(where, "batch_changed")
        if before is not None and contents.proof["chained"] and batch["previous"] != before:
            yield Finding(where, "chain_broken")
        before = batch["seal"]


def seal_of(batch: Mapping[str, Any]) -> str:
    """Return the seal that a batch header must have."""
    bound = {name: batch[name] for name in sorted(batch) if name != "seal"}
    return journal.seal_over(bound)
