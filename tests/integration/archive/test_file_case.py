from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from tests.factories.archive import PICTURE, Case, after, close_case, seal
from tests.factories.intake import AT, PHONE, report

from changtong.archive import operations, queries, reactions
from changtong.archive.models import Record
from changtong.intake import operations as intake
from changtong.journal import operations as journal
from changtong.journal import subscriptions
from changtong.journal.models import Delivery, Entry
from changtong.kernel.errors import Refused
from changtong.tickets import queries as tickets
from changtong.tickets.operations import opening


ACTOR = "system:archive"


def file(case: Case, **changes) -> Record:
    return operations.file_case(
        **{"number": case.number, "actor": ACTOR, "at": after(94)} | changes
    )


def content(record: Record, name: str) -> dict:
    with zipfile.ZipFile(queries.package_of(record)) as package:
        return json.loads(package.read(name))


def test_a_closed_case_becomes_one_package(case: Case, archive_root: Path) -> None:
    record = file(case)

    path = archive_root / "2026" / "11" / f"{case.number}.zip"
    assert queries.package_of(record) == path
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record.size_bytes == path.stat().st_size
    digest = hashlib.sha256(PICTURE).hexdigest()
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        assert package.namelist() == [
            "case.json",
            "journal.jsonl",
            "proof.json",
            f"attachments/{digest}-光猫 红灯.png",
            "manifest.json",
        ]
        assert package.read(f"attachments/{digest}-光猫 红灯.png") == PICTURE


def test_the_record_says_how_long_it_is_kept_and_by_which_clause(case: Case) -> None:
    record = file(case)

    assert (record.retention_class, record.clause) == ("service-24", "24.4")
    assert record.retain_until.isoformat() == "2028-11-24"
    retention = content(record, "manifest.json")["retention"]
    assert retention["retain_until"] == "2028-11-24"
    assert retention["counted_by"] == "民法典 §201, §202"


def test_the_case_holds_everything_that_happened(case: Case) -> None:
    said = content(file(case), "case.json")

    assert said["ticket"]["number"] == case.number
    assert said["ticket"]["state"] == "closed"
    assert said["customer"]["name"] == "王芳"
    assert said["line"]["number"] == "KD0001"
    assert [one["text"] for one in said["log"]] == ["已联系用户"]
    assert said["resolutions"][0]["result"] == "更换尾纤，光功率恢复"
    assert said["evaluation"]["score"] == 5
    assert said["staff"] == {case.agent.actor: "zhang"}
    assert {clock["metric"] for clock in said["clocks"]} >= {"acceptance", "assignment"}
    assert all(clock["state"] in {"stopped", "void"} for clock in said["clocks"])
    assert [contact["channel"] for contact in said["contacts"]] == ["phone"]


def test_the_package_is_the_same_whenever_it_is_made(case: Case) -> None:
    first = queries.package_of(file(case)).read_bytes()
    Record.objects.all().delete()

    second = queries.package_of(file(case)).read_bytes()

    assert first == second


def test_filing_twice_makes_one_record(case: Case) -> None:
    first = file(case)

    assert file(case, at=after(500)) == first
    assert Record.objects.count() == 1
    assert Entry.objects.filter(tag="ticket.archived", subject=case.number).count() == 1


def test_an_unfinished_case_is_not_filed(db: None, case: Case) -> None:
    ticket = intake.receive(
        report=report(), line_number="KD0001", anyway=True, actor=f"phone:{PHONE}", at=AT
    ).ticket

    with pytest.raises(Refused, match=r"archive\.not_finished"):
        operations.file_case(number=ticket.number, actor=ACTOR, at=after(1))

    assert Record.objects.count() == 0


def test_nothing_is_filed_before_its_end_is_sealed(case: Case) -> None:
    ticket = intake.receive(
        report=report(), line_number="KD0001", anyway=True, actor=f"phone:{PHONE}", at=AT
    ).ticket
    opening.cancel(number=ticket.number, reason="用户撤销", actor=f"phone:{PHONE}", at=after(1))

    with pytest.raises(operations.TooEarly):
        operations.file_case(number=ticket.number, actor=ACTOR, at=after(1))
    seal(at=after(2))
    record = operations.file_case(number=ticket.number, actor=ACTOR, at=after(2))

    assert content(record, "manifest.json")["state"] == "cancelled"


def test_a_rejected_case_is_filed_too(case: Case) -> None:
    ticket = intake.receive(
        report=report(
            contact_phone="13999990000", category=None, title="呵呵", description="呵呵"
        ),
        region_code="410105",
        actor="phone:13999990000",
        at=AT,
    ).ticket
    opening.reject(number=ticket.number, reason=reason_of(ticket), actor="staff:1", at=after(1))
    seal(at=after(2))

    record = operations.file_case(number=ticket.number, actor=ACTOR, at=after(2))

    assert content(record, "manifest.json")["state"] == "rejected"
    assert operations.verify(number=ticket.number, actor=ACTOR, at=after(3)).sound


def reason_of(ticket) -> str:
    from changtong.standard import queries as standard

    return standard.read(ticket.edition_id).rejections(kind=ticket.kind)[0].code


def test_the_reactions_seal_and_file_and_do_it_once(db: None, archive_root: Path) -> None:
    from tests.factories.intake import build_town

    build_town()
    case = close_case(sealed=False)
    entry = Entry.objects.get(tag="ticket.closed", subject=case.number)
    names = subscriptions.names_for("ticket.closed")
    own = [name for name in names if name.startswith("archive.")]
    assert own == ["archive.seal", "archive.file"]

    subscriptions.deliver(name="archive.seal", entry=entry.pk)
    with pytest.raises(operations.TooEarly):
        subscriptions.deliver(name="archive.file", entry=entry.pk)
    for name in (set(names) - set(own)) | {"archive.seal"}:
        subscriptions.deliver(name=name, entry=entry.pk)
    for _ in range(2):
        subscriptions.deliver(name="archive.file", entry=entry.pk)

    assert Record.objects.get().number == case.number
    assert Delivery.objects.filter(reaction__startswith="archive.").count() == 2
    assert reactions.ACTOR == ACTOR


def test_the_sweep_files_what_the_reactions_could_not(case: Case) -> None:
    sweep = {"finished_since": AT, "at_most": 10, "actor": ACTOR, "at": after(200)}

    assert operations.file_unfiled(**sweep) == 1
    assert operations.file_unfiled(**sweep) == 0
    assert queries.record_of(case.number) is not None


def test_a_crash_before_the_commit_leaves_a_file_that_the_next_try_replaces(case: Case) -> None:
    path = queries.package_of(Record(path=f"2026/11/{case.number}.zip"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"torn")

    record = file(case)

    assert hashlib.sha256(path.read_bytes()).hexdigest() == record.sha256
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_what_is_due_for_appraisal_is_listed_only_after_its_last_day(case: Case) -> None:
    record = file(case)

    assert not queries.due_for_appraisal(on=record.retain_until).exists()
    later = record.retain_until.replace(year=record.retain_until.year + 1)
    assert queries.due_for_appraisal(on=later).get() == record


def test_the_history_of_replayed_cases_is_dated_when_it_was_sealed(case: Case) -> None:
    record = file(case, at=AT)

    sealed_at = journal.Batch.objects.latest("last_id").sealed_at
    assert record.sealed_at == sealed_at
    assert tickets.is_final(record.ticket)
