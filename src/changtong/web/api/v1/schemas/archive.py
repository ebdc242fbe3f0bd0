from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema

from changtong.web.api.v1.schemas.shared import TICKET, example


RECORD = {
    "number": TICKET,
    "sha256": "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
    "size_bytes": 48211,
    "retention_class": "fault",
    "retain_until": "2029-11-22",
    "clause": "9.3",
    "sealed_at": "2026-11-22T16:01:00Z",
}
FINDING = {"where": "case.json", "what": "content_changed"}


class RecordBody(Schema):
    """A sealed case file; `sha256` is the package's."""

    model_config = example(RECORD)

    number: str
    sha256: str
    size_bytes: int
    retention_class: str
    retain_until: date | None
    clause: str
    sealed_at: datetime


class RecordPage(Schema):
    model_config = example({"items": [RECORD], "next": None})

    items: list[RecordBody]
    next: str | None


class Finding(Schema):
    model_config = example(FINDING)

    where: str
    what: str


class VerificationBody(Schema):
    model_config = example({"number": TICKET, "sound": False, "findings": [FINDING]})

    number: str
    sound: bool
    findings: list[Finding]


class Receipt(Schema):
    """The proof, by hashes alone, that the journal knows the package as it is."""

    model_config = example(
        {
            "format": "changtong-receipt/1",
            "entry": '{"tag":"ticket.archived",…}',
            "path": [["right", "ab12…"]],
            "batch": {"last_id": 4720, "root": "cd34…", "seal": "ef56…"},
        }
    )

    format: str
    entry: str
    path: list[list[str]]
    batch: dict[str, Any]
