"""Whoever changes a case file is found out, by the system and by the stand-alone script."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from tests.factories.archive import Case, after, seal

from changtong.archive import operations, queries
from changtong.archive.domain import package, proving
from changtong.archive.models import Record, Verification


ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools" / "verify_case_file.py"
ACTOR = "system:archive"
FLIPS = 300


@pytest.fixture
def record(case: Case) -> Record:
    record = operations.file_case(number=case.number, actor=ACTOR, at=after(94))
    seal(at=after(95))
    return record


@pytest.fixture
def stand_alone(tmp_path: Path):
    """Run the script in this process, as a fresh interpreter for each flip would take minutes."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("verify_case_file", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def verify(content: bytes, *, seals: Path | None = None, receipt: Path | None = None) -> int:
        path = tmp_path / "given.zip"
        path.write_bytes(content)
        arguments = [str(path)]
        arguments += ["--seals", str(seals)] if seals else []
        arguments += ["--receipt", str(receipt)] if receipt else []
        sys.argv = ["verify_case_file.py", *arguments]
        return module.main()

    return verify


def verified(record: Record) -> operations.Checked:
    return operations.verify(number=record.number, actor=ACTOR, at=after(99))


def repacked(content: bytes, change) -> bytes:
    """Return a well-formed package with other members and a manifest that agrees with them."""
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    said = json.loads(files.pop("manifest.json"))
    change(files, said)
    members = [package.text_member(name, text) for name, text in files.items()]
    about = {name: value for name, value in said.items() if name not in {"files", "digest"}}
    listed = package.manifest(about, members)
    from changtong.archive.domain import writing

    members.append(package.text_member("manifest.json", writing.readable(listed)))
    return b"".join(package.packed(members))


def test_an_untouched_file_is_sound_in_both_ways(record: Record, seals_file: Path) -> None:
    assert verified(record).findings == ()

    command = [sys.executable, "-I", "-S", str(SCRIPT), str(queries.package_of(record))]

    run = subprocess.run(
        [*command, "--seals", str(seals_file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "完好" in run.stdout


@pytest.fixture
def seals_file(settings) -> Path:
    return Path(settings.SEALS_FILE)


def test_a_receipt_proves_the_whole_file(
    record: Record, seals_file: Path, stand_alone, tmp_path: Path, capsys
) -> None:
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(queries.receipt(record), ensure_ascii=False), encoding="utf-8")
    whole = queries.package_of(record).read_bytes()

    assert stand_alone(whole, seals=seals_file, receipt=receipt) == 0

    # Whoever makes the case anew can make the manifest agree, but not the published receipt.
    forged = repacked(whole, lambda files, _: files.update({"case.json": b"{}\n"}))
    assert stand_alone(forged, seals=seals_file) == 0
    assert stand_alone(forged, seals=seals_file, receipt=receipt) == 1
    assert "another digest" in capsys.readouterr().out


def test_three_hundred_flipped_bytes_are_all_found_in_both_ways(
    record: Record, stand_alone, seals_file: Path, capsys
) -> None:
    path = queries.package_of(record)
    whole = path.read_bytes()
    chance = random.Random(20261124)
    # Every part is hit: the short ones would hardly be by chance alone.
    places = [chance.randrange(len(whole)) for _ in range(FLIPS - 60)]
    places += [chance.randrange(len(whole) - 900, len(whole)) for _ in range(60)]
    missed = []
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        if verified(record).sound or operations_would_miss(flipped):
            missed.append(("system", place))
        if stand_alone(bytes(flipped), seals=seals_file) != 1:
            missed.append(("script", place))
    capsys.readouterr()

    assert missed == []
    path.write_bytes(whole)
    assert verified(record).sound


def operations_would_miss(content: bytes) -> bool:
    """Say whether the package alone, without the digest in the record, would pass."""
    contents, malformed = proving.read(io.BytesIO(bytes(content)))
    return not malformed and contents is not None and not proving.findings(contents)


def test_a_torn_or_longer_file_is_found(record: Record, stand_alone) -> None:
    path = queries.package_of(record)
    whole = path.read_bytes()
    for changed in (b"", whole[:10], whole[:-1], whole + b"\0", b"\0" + whole):
        path.write_bytes(changed)
        assert not verified(record).sound
        assert stand_alone(changed) == 1


def test_what_was_changed_is_named(record: Record) -> None:
    path = queries.package_of(record)
    whole = path.read_bytes()
    path.write_bytes(whole.replace("已联系用户".encode(), "未联系用户".encode()))

    findings = verified(record).findings

    assert [(one.where, one.what) for one in findings] == [
        (record.path, "package_changed"),
        ("case.json", "package_malformed"),
    ]


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (lambda files, _: files.update(extra=b"x"), "extra", None),
        (lambda files, _: files.pop("proof.json"), "proof.json", "file_missing"),
        (
            lambda files, _: files.update({"renamed.json": files.pop("case.json")}),
            "renamed.json",
            None,
        ),
        (
            lambda files, _: files.update(
                {"journal.jsonl": files["journal.jsonl"].replace(b"staff:", b"staff:1", 1)}
            ),
            "journal.jsonl #",
            "entry_changed",
        ),
        (
            lambda files, _: files.update(
                {"journal.jsonl": b"\n".join(files["journal.jsonl"].splitlines()[:-1])}
            ),
            "journal.jsonl",
            "entries_missing",
        ),
        (
            lambda files, _: files.update(
                {"proof.json": files["proof.json"].replace(b'"count": ', b'"count": 1')}
            ),
            "proof.json batch",
            "batch_changed",
        ),
        (lambda _, said: said.update(number="GD20200101-000001"), "manifest.json", None),
    ],
)
def test_a_package_made_anew_by_a_forger_is_found(record: Record, change, where, what) -> None:
    path = queries.package_of(record)
    path.write_bytes(repacked(path.read_bytes(), change))

    findings = verified(record).findings

    assert findings[0].what == "package_changed"
    if what is not None:
        assert any(one.where.startswith(where) and one.what == what for one in findings)


@pytest.mark.parametrize("change", ["add", "remove", "rename"])
def test_an_added_removed_or_renamed_file_is_found_by_the_script(
    record: Record, change: str, stand_alone, capsys
) -> None:
    whole = queries.package_of(record).read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as zipped:
        files = [(name, zipped.read(name)) for name in zipped.namelist()]
    if change == "add":
        files.insert(1, ("attachments/another.txt", b"hello"))
    elif change == "remove":
        files = [one for one in files if not one[0].startswith("attachments/")]
    else:
        files[0] = ("Case.json", files[0][1])
    members = [package.text_member(*one) for one in files]

    assert stand_alone(b"".join(package.packed(members))) == 1
    assert {"add": "another.txt", "remove": "attachments/", "rename": "ase.json"}[
        change
    ] in capsys.readouterr().out


def test_a_record_that_was_made_to_agree_with_a_forged_package_is_found(record: Record) -> None:
    path = queries.package_of(record)
    forged = repacked(path.read_bytes(), lambda files, _: files.update({"case.json": b"{}\n"}))
    path.write_bytes(forged)
    import hashlib

    Record.objects.update(sha256=hashlib.sha256(forged).hexdigest())

    assert [one.what for one in verified(record).findings] == ["record_changed"]


def test_a_journal_that_was_made_anew_differs_from_the_file(record: Record) -> None:
    cursor = connection.cursor()
    cursor.execute("ALTER TABLE journal_batch DISABLE TRIGGER USER")
    cursor.execute("UPDATE journal_batch SET root = md5(root) || md5(root)")

    assert "journal_differs" in {one.what for one in verified(record).findings}


def test_a_published_seal_that_differs_is_noticed(record: Record, seals_file: Path) -> None:
    lines = seals_file.read_text().splitlines()
    seals_file.write_text("".join(f"{line[:-64]}{'0' * 64}\n" for line in lines))

    assert "published_seal_differs" in {one.what for one in verified(record).findings}


def test_a_lost_package_is_noticed(record: Record) -> None:
    queries.package_of(record).unlink()

    assert [one.what for one in verified(record).findings] == ["package_missing"]


def test_checking_everything_notes_the_whole_and_each_unsound_record(record: Record) -> None:
    assert operations.verify_all(actor=ACTOR, at=after(99)).sound
    queries.package_of(record).unlink()

    outcome = operations.verify_all(actor=ACTOR, at=after(100))

    assert [one.number for one in outcome.unsound] == [record.number]
    notes = list(Verification.objects.order_by("id").values_list("scope", "sound", "checked"))
    assert notes == [("archive", True, 1), ("record", False, 1), ("archive", False, 1)]


def test_checking_the_journal_is_noted(record: Record) -> None:
    assert operations.verify_journal(actor=ACTOR, at=after(99)).sound
    assert Verification.objects.get().scope == "journal"
