#!/usr/bin/env python3
"""
Verify a case file of Changtong (畅通) without Changtong, with nothing but Python >= 3.8.

    python3 verify_case_file.py FILE.zip [--seals seals.log] [--receipt FILE.receipt.json]

FILE.zip       the case file; FILE.receipt.json: the journal's word for it, exported beside it
seals.log      the seals that the operator published, one "instant last-entry seal" a line

What is proven, and how (all digests are SHA-256):
  1. The bytes. The file is exactly what its contents make (a ZIP file without any freedom), the
     manifest lists every file with its digest, and the manifest has a digest of itself. So any
     accidental change of any byte shows. This alone does not stop a forger.
  2. The journal entries. Each line of journal.jsonl is a leaf, SHA-256(00 || line). Its path of
     (side, digest) leads by SHA-256(01 || left || right) to the root of its batch. A batch's
     seal is SHA-256(02 || header without the seal, as JSON with sorted keys and no blanks) and
     binds the seal before it. With seals.log each batch is one that was published: neither
     content, order nor time of the entries was changed since then.
  3. The whole file, with a receipt: the journal entry that names the digest of FILE.zip, proven
     in the same way. So no byte of the file was changed since that entry was published.

Exit status: 0 sound, 1 not sound, 2 cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import Any, BinaryIO


LOCAL, CENTRAL, END = (
    struct.Struct(form) for form in ("<4sHHHHHIIIHH", "<4sHHHHHHIIIHHHHHII", "<4sHHHHIIH")
)
CHUNK = 1 << 20
READ_AT_MOST = 1 << 26
TEXTS = ("manifest.json", "journal.jsonl", "proof.json")


class Unsound(Exception):  # noqa: N818 - it says what is so
    """Name what is wrong, in two languages."""

    def __init__(self, where: str, chinese: str, english: str) -> None:
        super().__init__(where, chinese, english)
        self.where, self.chinese, self.english = where, chinese, english


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def canonical(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def readable(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return (text + "\n").encode("utf-8")


# ------------------------------------------------------------------------------------------
# 1. The bytes
# ------------------------------------------------------------------------------------------


def read_package(file: BinaryIO) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return {name: (size, digest)} and the texts; every byte between files is compared."""
    files, texts, directory, offset, where = {}, {}, b"", 0, "开头 the beginning"
    signature = file.read(4)
    while signature == b"PK\x03\x04":
        header = signature + file.read(LOCAL.size - 4)
        if len(header) < LOCAL.size:
            raise Unsound(where, "之后的文件头不完整", "is followed by a torn header")
        crc, size, _, length, _ = LOCAL.unpack(header)[6:]
        name = file.read(length)
        fixed = LOCAL.pack(b"PK\x03\x04", 10, 0x800, 0, 0, 0x21, crc, size, size, len(name), 0)
        if fixed != header or len(name) != length:
            raise Unsound(where, "之后的文件头被改动", "is followed by a changed header")
        where = name.decode("utf-8", "replace")
        if where in files:
            raise Unsound(where, "出现两次", "is there twice")
        files[where], texts[where] = read_content(file, where, size, crc)
        fields = (0x314, 10, 0x800, 0, 0, 0x21, crc, size, size, len(name))
        last = (0, 0, 0, 0, 0o100644 << 16, offset)
        directory += CENTRAL.pack(b"PK\x01\x02", *fields, *last) + name
        offset += LOCAL.size + len(name) + size
        signature = file.read(4)
    count = len(files)
    directory += END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
    if signature + file.read(len(directory)) != directory:
        raise Unsound(where, "之后的目录被改动", "is followed by a changed directory")
    return files, texts


def read_content(file: BinaryIO, name: str, size: int, crc: int) -> tuple[Any, bytes]:
    digest, found, left, kept = hashlib.sha256(), 0, size, []
    while left:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise Unsound(name, "不完整", "is cut off")
        digest.update(chunk)
        found = zlib.crc32(chunk, found)
        left -= len(chunk)
        if name in TEXTS and size <= READ_AT_MOST:
            kept.append(chunk)
    if found != crc:
        raise Unsound(name, "内容被改动(CRC)", "has changed content (CRC)")
    return (size, digest.hexdigest()), b"".join(kept)


def check_manifest(files: dict[str, Any], texts: dict[str, bytes]) -> dict[str, Any]:
    """Return the manifest after comparing it with itself and with the files."""
    for name in TEXTS:
        if name not in files:
            raise Unsound(name, "缺失", "is missing")
    manifest = json.loads(texts["manifest.json"].decode("utf-8"))
    said = {name: value for name, value in manifest.items() if name != "digest"}
    whole = readable(manifest) == texts["manifest.json"]
    if not whole or sha256(canonical(said)) != manifest["digest"]:
        raise Unsound("manifest.json", "被改动", "was changed")
    if manifest["format"] != "changtong-case-file/1":
        raise Unsound("manifest.json", "格式未知", "has an unknown format")
    listed = {one["path"]: (one["size"], one["sha256"]) for one in manifest["files"]}
    listed["manifest.json"] = files["manifest.json"]
    for name in sorted(set(listed) | set(files)):
        if name not in files:
            raise Unsound(name, "缺失", "is missing")
        if name not in listed:
            raise Unsound(name, "不在清单中", "is not in the manifest")
        if listed[name] != files[name]:
            raise Unsound(name, "内容与清单不符", "differs from the manifest")
    return manifest


# ------------------------------------------------------------------------------------------
# 2. The journal entries
# ------------------------------------------------------------------------------------------


def root_of(line: bytes, path: list[list[str]]) -> str:
    node = hashlib.sha256(b"\x00" + line).digest()
    for side, sibling in path:
        other = bytes.fromhex(sibling)
        pair = other + node if side == "left" else node + other
        node = hashlib.sha256(b"\x01" + pair).digest()
    return node.hex()


def check_batch(batch: dict[str, Any], seals: dict[int, Any] | None) -> None:
    where = f"批次 batch …{batch['last_id']}"
    header = {name: value for name, value in batch.items() if name != "seal"}
    if hashlib.sha256(b"\x02" + canonical(header)).hexdigest() != batch["seal"]:
        raise Unsound(where, "封印不符", "does not have its seal")
    if seals is not None and seals.get(batch["last_id"]) != (batch["sealed_at"], batch["seal"]):
        raise Unsound(where, "与公布的封印不符", "differs from the published seals")


def check_entries(
    texts: dict[str, bytes], manifest: dict[str, Any], seals: dict[int, Any] | None
) -> tuple[list[bytes], dict[str, Any]]:
    """Return the batches after proving that every entry lies in one of them."""
    proof = json.loads(texts["proof.json"].decode("utf-8"))
    batches, before = {}, None
    for batch in proof["batches"]:
        check_batch(batch, seals)
        if proof["chained"] and before is not None and batch["previous"] != before:
            where = f"批次 batch …{batch['last_id']}"
            raise Unsound(where, "链条中断", "does not follow the one before")
        batches[batch["last_id"]], before = batch, batch["seal"]
    lines = texts["journal.jsonl"].splitlines()
    if len(lines) != len(proof["entries"]) or len(lines) != manifest["journal"]["entries"]:
        raise Unsound("journal.jsonl", "条数不符", "has another number of entries")
    for index, line in enumerate(lines):
        one = proof["entries"][index]
        where = f"journal.jsonl #{one['id']}"
        entry = json.loads(line.decode("utf-8"))
        batch = batches[one["batch"]]
        if entry["id"] != one["id"] or entry["subject"] != manifest["number"]:
            raise Unsound(where, "不是本案的记录", "is not an entry of this case")
        if root_of(line, one["path"]) != batch["root"]:
            raise Unsound(where, "记录被改动", "was changed")
        if not batch["first_id"] <= one["id"] <= batch["last_id"]:
            raise Unsound(where, "不在其批次中", "is not in its batch")
    return lines, proof


# ------------------------------------------------------------------------------------------
# 3. The whole file
# ------------------------------------------------------------------------------------------


def check_receipt(
    receipt: dict[str, Any], digest: str, number: str, seals: dict[int, Any] | None
) -> int:
    entry = json.loads(receipt["entry"])
    check_batch(receipt["batch"], seals)
    if root_of(receipt["entry"].encode("utf-8"), receipt["path"]) != receipt["batch"]["root"]:
        raise Unsound("receipt", "回执记录被改动", "has a changed entry")
    if entry["tag"] != "ticket.archived" or entry["subject"] != number:
        raise Unsound("receipt", "不是本案的回执", "is about another case")
    if entry["facts"]["sha256"] != digest:
        raise Unsound("receipt", "档案文件与回执不符", "names another digest of the file")
    return int(entry["id"])


def read_seals(path: Path) -> dict[int, tuple[str, str]]:
    seals = {}
    with path.open(encoding="ascii") as file:
        for line in file:
            sealed_at, last_id, seal = line.split()
            seals[int(last_id)] = (sealed_at, seal)
    return seals


def whole_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def verify(path: Path, seals_path: Path | None, receipt_path: Path | None) -> None:
    """Print what is proven; raise Unsound at the first thing that is not."""
    seals = read_seals(seals_path) if seals_path else None
    digest = whole_digest(path)
    with path.open("rb") as file:
        files, texts = read_package(file)
    manifest = check_manifest(files, texts)
    lines, proof = check_entries(texts, manifest, seals)
    kind, state = manifest["kind"], manifest["state"]
    print(f"档案 Case file      {manifest['number']} ({kind}, {state})")
    print(f"SHA-256             {digest}")
    print(f"封存 Sealed         {manifest['sealed_at']}")
    print(f"保存至 Retain until {manifest['retention']['retain_until']}")
    print(f"✓ {len(files)} 个文件的每个字节与清单一致。")
    print(f"  Every byte of {len(files)} files is as the manifest says.")
    print(f"✓ {len(lines)} 条流水记录各在其批次中。")
    print(f"  {len(lines)} journal entries each lie in their batch.")
    if seals is not None:
        print(f"✓ {len(proof['batches'])} 个批次的封印均已公布。")
        print(f"  The seals of {len(proof['batches'])} batches were published.")
    elif proof["chained"]:
        print("! 未给出公布的封印；只需核对末个封印。")
        print("  Without published seals, compare one trusted seal with the last:")
        print(f"  {manifest['journal']['last_seal']}")
    else:
        print("! 未给出公布的封印，未证明记录未被重做。")
        print("  Without published seals nobody knows whether the entries were made anew.")
    if receipt_path:
        receipt = json.loads(receipt_path.read_bytes().decode("utf-8"))
        entry = check_receipt(receipt, digest, manifest["number"], seals)
        print(f"✓ 流水第 {entry} 条载有本文件的摘要。")
        print(f"  Journal entry {entry} names the digest of this file.")
    else:
        print("! 未给出回执：上述只证明流水记录，不证明 case.json 与附件未被人为重做。")
        print("  Without a receipt the journal entries are proven, but not that nobody made")
        print("  case.json and the attachments anew.")


def main() -> int:
    parser = argparse.ArgumentParser(description="校验畅通案件档案 Verify a case file.")
    parser.add_argument("file", metavar="FILE.zip", type=Path)
    parser.add_argument("--seals", type=Path, help="公布的封印 the published seals")
    parser.add_argument("--receipt", type=Path, help="回执 the receipt exported with the file")
    given = parser.parse_args()
    try:
        verify(given.file, given.seals, given.receipt)
    except Unsound as unsound:
        print(f"✗ {unsound.where}: {unsound.chinese} {unsound.english}")
        print("结论：不可信。The case file is NOT sound.")
        return 1
    except OSError as error:
        print(f"✗ 无法读取 cannot be read: {error}")
        return 2
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        print(f"✗ 内容无法理解 the contents make no sense: {error!r}")
        return 1
    print("结论：完好。The case file is sound.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
