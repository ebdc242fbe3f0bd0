"""What goes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict


class Strict(Schema):
    """A request body: unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class NewTicket(Strict):
    kind: Literal["service_request", "fault", "complaint", "enquiry"]
    title: str = Field(min_length=1, max_length=160)
    description: str = Field(default="", max_length=20_000)
    contact_name: str = Field(default="", max_length=96)
    contact_phone: str = Field(default="", max_length=20)
    contact_email: str = Field(default="", max_length=254)
    line_number: str = Field(default="", max_length=32)
    customer_number: str = Field(default="", max_length=24)
    region_code: str = Field(default="", max_length=12)
    family: str = Field(default="", max_length=16)
    address: str = Field(default="", max_length=160)
    category: str | None = Field(default=None, max_length=64)
    impact: Literal["single", "group", "area", "network"] | None = None
    urgency: Literal["low", "normal", "high", "critical"] | None = None
    wanted_at: datetime | None = None
    special_needs: str = Field(default="", max_length=200)
    complained_of: str = Field(
        default="",
        max_length=24,
        description="Number of the member of staff whom a complaint is about.",
    )
    language: Literal["zh-hans", "en"] = "zh-hans"
    source: str = Field(default="", max_length=24)
    source_reference: str = Field(default="", max_length=64)
    same_as: str | None = Field(default=None, max_length=24)
    anyway: bool = False


class Decision(Schema):
    about: str
    value: str
    clause: str
    at: datetime
    why: dict[str, Any]


class TicketRow(Schema):
    number: str
    kind: str
    state: str
    channel: str
    title: str
    category: str
    priority: str
    region: str
    family: str
    tier: str
    team: str | None
    assignee: str | None
    due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None


class TicketBody(TicketRow):
    description: str
    contact_name: str
    contact_phone: str
    contact_email: str
    line: str | None
    customer: str | None
    edition: str
    impact: str
    urgency: str
    wanted_at: datetime | None
    special_needs: str
    accepted_at: datetime | None
    assigned_at: datetime | None
    responded_at: datetime | None
    resolved_at: datetime | None
    confirmed_at: datetime | None
    reopened_count: int
    decisions: list[Decision]


class Opened(Schema):
    number: str
    state: str
    priority: str
    category: str
    due_at: datetime | None
    joined: bool


class TicketPage(Schema):
    items: list[TicketRow]
    next: str | None


class ClockBody(Schema):
    metric: str
    basis: str
    clause: str
    within: str
    calendar: str
    state: str
    started_at: datetime
    due_at: datetime
    breached_at: datetime | None
    stopped_at: datetime | None


class EntryBody(Schema):
    id: int
    tag: str
    subject: str
    actor: str
    facts: dict[str, Any]
    happened_at: datetime
    recorded_at: datetime
    seal: str | None


class EntryPage(Schema):
    items: list[EntryBody]
    next: str | None


class Moved(Schema):
    number: str
    state: str
    due_at: datetime | None


class Acceptance(Strict):
    category: str
    impact: Literal["", "single", "group", "area", "network"] = ""
    urgency: Literal["", "low", "normal", "high", "critical"] = ""


class Reclassification(Acceptance):
    reason: str = Field(min_length=1, max_length=500)


class Reasoned(Strict):
    reason: str = Field(min_length=1, max_length=500)


class Rejection(Strict):
    reason: str = Field(min_length=1, max_length=48)


class Pause(Strict):
    reason: str = Field(min_length=1, max_length=48)
    note: str = Field(default="", max_length=500)


class Question(Strict):
    question: str = Field(min_length=1, max_length=2_000)


class Text(Strict):
    text: str = Field(min_length=1, max_length=5_000)


class LogLine(Strict):
    type: Literal[
        "note",
        "call",
        "remote_action",
        "visit",
        "measurement",
        "part_used",
        "retest",
        "message",
        "answer",
    ]
    text: str = Field(default="", max_length=20_000)
    public: bool = False
    details: dict[str, str | float | int | bool] = Field(default_factory=dict)


class LogBody(Schema):
    id: int
    type: str
    public: bool
    text: str
    details: dict[str, Any]
    actor: str
    happened_at: datetime


class AttachmentBody(Schema):
    sha256: str
    name: str
    media_type: str
    size_bytes: int
    public: bool


class Resolution(Strict):
    result: str = Field(min_length=1, max_length=5_000)
    cause: str = Field(default="", max_length=48)
    fix: str = Field(default="", max_length=48)
    advice: str = Field(default="", max_length=5_000)
    retest_passed: bool = False


class Evaluation(Strict):
    score: int = Field(ge=1, le=5, strict=True)
    tags: list[str] = Field(default_factory=list, max_length=10)
    comment: str = Field(default="", max_length=2_000)


class Assignment(Strict):
    staff_id: int | None = None
    team_id: int | None = None
    reason: str = Field(default="", max_length=500)


class CustomerBody(Schema):
    number: str
    name: str
    tier: str
    phone: str


class LineBody(Schema):
    number: str
    family: str
    address: str
    state: str
    customer: CustomerBody


class EditionBody(Schema):
    code: str
    version: str
    title: str
    effective_from: str
    digest: str


class ClauseBody(Schema):
    number: str
    chapter: str
    title: str
    title_en: str
    text: str
    text_en: str
    enforced: bool


class WorkOrderBody(Schema):
    number: str
    ticket: str
    state: str
    mode: str
    team: str | None
    technician: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    clause: str
    reason: dict[str, Any]


class AlarmBody(Schema):
    """Nobody was available: for whom, and why not each of those considered."""

    ticket: str
    reasons: dict[str, Any]


class EvaluationBody(Schema):
    score: int | None
    tags: list[str]
    comment: str
    asked_at: datetime
    answered_at: datetime | None


class RecordBody(Schema):
    number: str
    sha256: str
    size_bytes: int
    retention_class: str
    retain_until: str | None
    clause: str
    sealed_at: datetime


class RecordPage(Schema):
    items: list[RecordBody]
    next: str | None


class Finding(Schema):
    where: str
    what: str


class VerificationBody(Schema):
    number: str
    sound: bool
    findings: list[Finding]
