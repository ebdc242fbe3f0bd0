"""Case files: who sees them, what is handed out, what a check finds."""

from __future__ import annotations

import pytest
from tests.web.console.conftest import posted

from changtong.archive import operations as archive
from changtong.archive import queries as records
from changtong.infra.clock import now
from changtong.journal import operations as journal


@pytest.fixture
def filed(world, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    settings.SEALS_FILE = tmp_path / "seals.log"
    ticket = world.ticket()
    posted(
        world.as_("agent"),
        f"/console/tickets/{ticket.number}/cancellation",
        reason="客户说已自行恢复",
    )
    # The seals are published once the transaction is through.
    with django_capture_on_commit_callbacks(execute=True):
        journal.seal_pending(at=now())
    return archive.file_case(number=ticket.number, actor="system:archive", at=now())


def test_a_record_is_listed_shown_and_downloaded(world, filed):
    archivist = world.as_("archivist")

    page = archivist.get("/console/archive/")
    assert [one.number for one in page.context["listing"].rows] == [filed.number]
    assert filed.sha256 in archivist.get(f"/console/archive/{filed.number}").content.decode()
    package = archivist.get(f"/console/archive/{filed.number}/package")
    content = b"".join(package.streaming_content)
    assert content.startswith(b"PK")
    assert len(content) == filed.size_bytes


def test_a_sound_record_is_said_to_be_sound(world, filed):
    answer = posted(world.as_("archivist"), f"/console/archive/{filed.number}/verification")

    assert answer.status_code == 200
    assert answer.context["checked"].findings == ()


def test_one_changed_byte_is_found_and_noted(world, filed):
    path = records.package_of(filed)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)

    answer = posted(world.as_("archivist"), f"/console/archive/{filed.number}/verification")

    assert answer.context["checked"].sound is False
    assert filed.verifications.get().sound is False


def test_a_supervisor_reads_but_does_not_verify(world, filed):
    supervisor = world.as_("supervisor")

    assert supervisor.get(f"/console/archive/{filed.number}").status_code == 200
    assert posted(supervisor, f"/console/archive/{filed.number}/verification").status_code == 403


def test_the_case_page_shows_its_record(world, filed):
    page = world.as_("archivist").get(f"/console/tickets/{filed.number}/record")

    assert filed.sha256 in page.content.decode()


def test_an_unknown_record_is_missing(world):
    assert world.as_("archivist").get("/console/archive/GD0").status_code == 404
