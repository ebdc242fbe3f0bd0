"""What an archivist sees at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from tests.factories.archive import Case, after, seal
from typer.testing import CliRunner

from changtong.archive import operations, queries
from changtong.journal import operations as journal


@pytest.fixture
def run(monkeypatch):
    from changtong.cli import archive, journal

    monkeypatch.setattr(archive, "now", lambda: after(200))
    monkeypatch.setattr(journal, "now", lambda: after(200))
    apps = {"archive": archive.app, "journal": journal.app}
    return lambda noun, *words: CliRunner().invoke(apps[noun], list(words))


@pytest.fixture
def number(case: Case) -> str:
    operations.file_case(number=case.number, actor="system:archive", at=after(94))
    seal(at=after(95))
    return case.number


def test_a_sound_file_is_said_to_be_sound(run, number: str) -> None:
    assert "完好" in run("archive", "verify", number).output
    assert "1 份档案" in run("archive", "verify", "--all").output


def test_a_changed_file_is_named_and_the_command_fails(run, number: str) -> None:
    path = queries.package_of(queries.record_of(number))
    path.write_bytes(path.read_bytes().replace(b"KD0001", b"KD0002"))

    for words in ([number], ["--all"]):
        result = run("archive", "verify", *words)
        assert result.exit_code == 1
        assert "case.json" in result.output


def test_it_is_one_file_or_all(run, number: str) -> None:
    assert run("archive", "verify").exit_code == 2
    assert run("archive", "verify", number, "--all").exit_code == 2


def test_what_follows_the_sealing_is_counted_as_outside_the_file(run, number: str) -> None:
    operations.verify(number=number, actor="system:archive", at=after(96))
    assert "0 条，不在档案包内" in run("archive", "show", number).output

    journal.record(tag="ticket.repaired_for_good", subject=number, actor="staff:1", at=after(97))

    assert "1 条，不在档案包内" in run("archive", "show", number).output
    tags = [entry.tag for entry in queries.following(queries.record_of(number))]
    assert tags == ["ticket.repaired_for_good"]


def test_a_file_is_shown_and_handed_out_with_its_receipt(run, number: str, tmp_path: Path) -> None:
    assert "2028-11-24" in run("archive", "show", number).output

    assert run("archive", "export", number, str(tmp_path / "out")).exit_code == 0

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"{number}.receipt.json", f"{number}.zip"]


def test_the_journal_is_verified_and_the_first_bad_entry_named(run, number: str) -> None:
    assert run("journal", "verify").exit_code == 0
    cursor = connection.cursor()
    cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")
    cursor.execute(
        "UPDATE journal_entry SET actor = 'staff:9' WHERE id ="
        " (SELECT min(id) + 4 FROM journal_entry) RETURNING id"
    )
    (bad,) = cursor.fetchone()

    result = run("journal", "verify")

    assert result.exit_code == 1
    assert f"The first bad entry is {bad}." in result.output


def test_a_cases_history_is_shown(run, number: str) -> None:
    assert "ticket.closed" in run("journal", "show", number).output
    assert run("journal", "show", "nothing").exit_code == 1
    assert run("journal", "seal").exit_code == 0
