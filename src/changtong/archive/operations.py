from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from changtong.archive import queries
from changtong.archive.domain import package, proving, retention, writing
from changtong.archive.domain.package import Member
from changtong.archive.domain.proving import Finding
from changtong.archive.models import Record, Verification
from changtong.archive.queries import Extract
from changtong.infra import hot, storage
from changtong.journal import operations as journal
from changtong.journal import queries as journal_queries
from changtong.kernel.errors import Missing, Refused
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.journal.models import Entry
    from changtong.tickets.models import Ticket


FINDINGS_AT_MOST = 100
GENERATOR = f"changtong {version('changtong')}"


class TooEarly(Exception):  # noqa: N818 - it says what is so
    """Tell whoever wants to file a case that it is not ready yet; try again soon."""


def seal(*, entry_id: int, at: datetime) -> None:
    """
    Seal the journal up to an entry.

    :raises TooEarly: if a slow writer holds the journal
    """
    entries = journal_queries.latest().filter(pk=entry_id, seal__isnull=False)
    if entries.exists():
        return
    journal.seal_pending(at=at)
    if not entries.exists():
        raise TooEarly(f"entry {entry_id} cannot be sealed yet")


def file_settled(*, entry: Entry, actor: str, at: datetime) -> Record:
    """
    File a case once everything else that follows from its end has been done.

    :raises Refused, Missing: as `file_case`
    :raises TooEarly: while another reaction to its end has not had its effect
    """
    outstanding = journal_queries.outstanding(entry)
    if outstanding:
        raise TooEarly(f"{entry.subject} still waits for {', '.join(outstanding)}")
    return file_case(number=entry.subject, actor=actor, at=at)


@transaction.atomic
def file_case(*, number: str, actor: str, at: datetime) -> Record:
    """
    File a finished ticket as one sealed package; a second time changes nothing.

    :raises Refused: ``archive.not_finished``
    :raises Missing: ``ticket.unknown``
    :raises TooEarly: if the journal has not sealed the ticket's end yet
    """
    ticket = queries.to_file(number)
    filed = queries.record_of(number)
    if filed is not None:
        return filed
    if not tickets.is_final(ticket):
        raise Refused("archive.not_finished", number=number, state=ticket.state)
    extract = queries.extract(number)
    if extract is None:
        raise TooEarly(f"the end of {number} is not sealed yet")
    record = _described(ticket, extract, at=at)
    members = _members(ticket, extract, record, actor=actor)
    # Durable on disk before anything in the database says so; an orphan is simply overwritten.
    record.sha256, record.size_bytes = _store(queries.package_of(record), members)
    hot.insert([record])
    journal.record(
        tag="ticket.archived",
        subject=number,
        actor=actor,
        at=at,
        sha256=record.sha256,
        size_bytes=record.size_bytes,
        entries=record.entries,
        retention=record.retention_class,
        retain_until=record.retain_until.isoformat() if record.retain_until else None,
        clause=record.clause,
    )
    return record


def _described(ticket: Ticket, extract: Extract, *, at: datetime) -> Record:
    kept = queries.retention_of(ticket)
    finished_on = queries.finished_on(ticket, zone=ZoneInfo(settings.TIME_ZONE))
    return Record(
        ticket=ticket,
        number=ticket.number,
        path=f"{finished_on:%Y}/{finished_on:%m}/{ticket.number}.zip",
        entries=extract.entries,
        retention_class=kept.code,
        retain_until=retention.retain_until(finished_on=finished_on, months=kept.months),
        clause=kept.clause,
        # A replayed case of last year was sealed today, whatever `at` its operations were told.
        sealed_at=max(at, extract.sealed_at),
    )


def _members(ticket: Ticket, extract: Extract, record: Record, *, actor: str) -> list[Member]:
    kept, edition = queries.retention_of(ticket), ticket.edition
    contents = tickets.contents_of(ticket)
    members = [
        package.text_member("case.json", writing.readable(queries.case(ticket, contents))),
        package.text_member(proving.JOURNAL, extract.lines),
        package.text_member(proving.PROOF, writing.readable(extract.proof)),
        *(
            package.member(name, partial(_stored, digest))
            for digest, name in queries.attachments_in(contents)
        ),
    ]
    about = {
        "format": proving.FORMAT,
        "number": ticket.number,
        "kind": ticket.kind,
        "state": ticket.state,
        "opened_at": ticket.opened_at,
        "finished_at": ticket.closed_at,
        "sealed_at": record.sealed_at,
        "filed_by": actor,
        "generator": GENERATOR,
        "edition": {
            "code": edition.code,
            "version": edition.version,
            "digest": edition.digest,
        },
        "retention": {
            "class": kept.code,
            "name": kept.name,
            "name_en": kept.name_en,
            "months": kept.months,
            "basis": kept.basis,
            "counted_by": retention.BASIS,
            "clause": kept.clause,
            "retain_until": record.retain_until,
        },
        "journal": {
            "entries": extract.entries,
            "first_id": extract.first_id,
            "last_id": extract.last_id,
            "last_seal": extract.last_seal,
        },
    }
    plain = {name: writing.plain(value) for name, value in about.items()}
    listed = package.manifest(plain, members)
    return [*members, package.text_member(proving.MANIFEST, writing.readable(listed))]


def _stored(digest: str) -> Iterator[bytes]:
    with storage.open_(digest) as file:
        while chunk := file.read(package.CHUNK):
            yield chunk


def _store(path: Path, members: list[Member]) -> tuple[str, int]:
    """Write the package durably; return its digest and size."""
    _make_directory(path.parent)
    digest, size = sha256(), 0
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as incoming:
        try:
            for chunk in package.packed(members):
                digest.update(chunk)
                size += len(chunk)
                incoming.write(chunk)
            incoming.flush()
            os.fsync(incoming.fileno())
            Path(incoming.name).replace(path)
            _sync(path.parent)
        except BaseException:
            Path(incoming.name).unlink(missing_ok=True)
            raise
    return digest.hexdigest(), size


def _make_directory(path: Path) -> None:
    if path.is_dir():
        return
    _make_directory(path.parent)
    path.mkdir(exist_ok=True)
    # A new directory survives a power cut only once the one above it is on disk too.
    _sync(path.parent)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_unfiled(*, finished_since: datetime, at_most: int, actor: str, at: datetime) -> int:
    """File what its reaction could not; return how many."""
    journal.seal_pending(at=at)
    numbers = queries.unfiled(finished_since=finished_since).values_list("number", flat=True)
    filed = 0
    for number in list(numbers[:at_most]):
        try:
            file_case(number=number, actor=actor, at=at)
        except TooEarly:
            continue
        filed += 1
    return filed


# -----------------------------------------------------------------------------------------
# Verification
# -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one record found; nothing, when it is sound."""

    number: str
    findings: tuple[Finding, ...]
    entries: int

    @property
    def sound(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check of the whole archive found."""

    checked: int
    unsound: tuple[Checked, ...]

    @property
    def sound(self) -> bool:
        return not self.unsound


def verify(*, number: str, actor: str, at: datetime) -> Checked:
    """
    Check one record against its package, the journal and the published seals.

    :raises Missing: ``record.unknown``
    """
    record = queries.record_of(number)
    if record is None:
        raise Missing("record.unknown", number=number)
    checked = _check(record)
    _note(
        Verification.Scope.RECORD, checked.findings, record=record, checked=1, actor=actor, at=at
    )
    return checked


def verify_all(
    *, actor: str, at: datetime, on_record: Callable[[Checked], object] | None = None
) -> Outcome:
    """Check every record; each unsound one, and the whole, is noted."""
    seals = journal_queries.published_seals()
    count, unsound = 0, []
    for record in queries.records().iterator(chunk_size=500):
        checked = _check(record, seals=seals)
        count += 1
        if not checked.sound:
            unsound.append(checked)
            _note(
                Verification.Scope.RECORD,
                checked.findings,
                record=record,
                checked=1,
                actor=actor,
                at=at,
            )
        if on_record is not None:
            on_record(checked)
    found = [Finding(one.number, one.findings[0].what) for one in unsound]
    _note(Verification.Scope.ARCHIVE, tuple(found), checked=count, actor=actor, at=at)
    return Outcome(count, tuple(unsound))


def verify_journal(*, actor: str, at: datetime) -> journal_queries.Verdict:
    """Check the whole journal and note the result."""
    verdict = journal_queries.verification()
    findings = (
        () if verdict.sound else (Finding(f"entry {verdict.first_bad_entry}", verdict.reason),)
    )
    _note(Verification.Scope.JOURNAL, findings, checked=verdict.entries, actor=actor, at=at)
    return verdict


def _check(record: Record, *, seals: dict[int, str] | None = None) -> Checked:
    path = queries.package_of(record)
    if not path.is_file():
        return Checked(record.number, (Finding(record.path, "package_missing"),), 0)
    findings = []
    if _digest(path) != record.sha256:
        findings.append(Finding(record.path, "package_changed"))
    with path.open("rb") as file:
        contents, malformed = proving.read(file)
    findings += malformed
    if contents is not None:
        own = proving.findings(contents)
        findings += own or _against_journal(record, contents, seals=seals)
    findings += _against_receipt(record)
    return Checked(record.number, tuple(findings[:FINDINGS_AT_MOST]), record.entries)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(package.CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _against_journal(
    record: Record, contents: proving.Contents, *, seals: dict[int, str] | None
) -> Iterator[Finding]:
    batches = {batch["last_id"]: batch for batch in contents.proof["batches"]}
    known = queries.known_batches(list(batches))
    published = journal_queries.published_seals(batches) if seals is None else seals
    if contents.manifest["number"] != record.number:
        yield Finding(proving.MANIFEST, "another_number")
    if len(contents.lines) != record.entries:
        yield Finding(proving.JOURNAL, "entries_missing")
    for last_id, batch in batches.items():
        where = f"{proving.PROOF} batch {last_id}"
        if known.get(last_id) != batch:
            yield Finding(where, "journal_differs")
        elif published.get(last_id) != batch["seal"]:
            yield Finding(where, "published_seal_differs")


def _against_receipt(record: Record) -> Iterator[Finding]:
    filed = journal_queries.timeline(record.number).filter(tag="ticket.archived").first()
    if filed is None or filed.facts.get("sha256") != record.sha256:
        yield Finding(f"record {record.number}", "record_changed")


@transaction.atomic
def _note(
    scope: Verification.Scope,
    findings: tuple[Finding, ...],
    *,
    checked: int,
    actor: str,
    at: datetime,
    record: Record | None = None,
) -> None:
    listed = [
        {"where": finding.where, "what": finding.what} for finding in findings[:FINDINGS_AT_MOST]
    ]
    Verification.objects.create(
        scope=scope,
        record=record,
        sound=not findings,
        checked=checked,
        findings=listed,
        actor=actor,
        verified_at=at,
    )
    journal.record(
        tag=f"{scope}.verified",
        subject=record.number if record else f"{scope}:all",
        actor=actor,
        at=at,
        sound=not findings,
        checked=checked,
        findings=listed[:1],
    )
