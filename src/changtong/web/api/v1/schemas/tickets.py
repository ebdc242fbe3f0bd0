from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from changtong.web.api.v1.schemas.shared import TICKET, Kind, Strict, example


NEW = {
    "kind": "fault",
    "title": "宽带断网，光猫红灯闪",
    "description": "今天早上开始。",
    "line_number": "0371000010",
    "contact_phone": "13900000009",
}
ROW = {
    "number": TICKET,
    "kind": "fault",
    "state": "assigned",
    "channel": "api",
    "title": "宽带断网，光猫红灯闪",
    "category": "fault.broadband.no_link",
    "priority": "P2",
    "region": "410105",
    "family": "broadband",
    "tier": "gold",
    "team": "T-4101-F",
    "assignee": "410021",
    "due_at": "2026-11-22T17:18:58Z",
    "opened_at": "2026-11-22T13:18:58Z",
    "closed_at": None,
}
DECISION = {
    "about": "priority",
    "value": "P2",
    "clause": "4.2.1",
    "at": "2026-11-22T13:18:58Z",
    "why": {"impact": "single", "urgency": "high", "tier": "gold"},
}


class NewTicket(Strict):
    """
    A report. `contact_phone` or `contact_email` is needed, and one of `line_number`,
    `customer_number` and `region_code`, unless the phone number belongs to one customer only.
    """

    model_config = example(NEW)

    kind: Kind
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
    category: str | None = Field(
        default=None,
        max_length=64,
        description="See /standard/editions/{version}/kinds/{kind}; proposed if left out.",
    )
    impact: Literal["single", "group", "area", "network"] | None = None
    urgency: Literal["low", "normal", "high", "critical"] | None = None
    wanted_at: datetime | None = None
    special_needs: str = Field(default="", max_length=200)
    complained_of: str = Field(
        default="",
        max_length=24,
        description="Number of the member of staff whom a complaint is about.",
    )
    answers: dict[str, str] | None = Field(
        default=None,
        description="Answers by field to what the edition asks about the category; leave it out"
        " if nobody was asked.",
    )
    language: Literal["zh-hans", "en"] = "zh-hans"
    source: str = Field(default="", max_length=24, description="Name of your own system.")
    source_reference: str = Field(
        default="", max_length=64, description="Your own number: the same one, the same ticket."
    )
    same_as: str | None = Field(
        default=None, max_length=24, description="Join this one of the tickets offered."
    )
    anyway: bool = Field(default=False, description="It is another matter than those offered.")


class Decision(Schema):
    """What was decided automatically, by which clause and why."""

    model_config = example(DECISION)

    about: str
    value: str
    clause: str
    at: datetime
    why: dict[str, Any]


class TicketRow(Schema):
    model_config = example(ROW)

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
    assignee: str | None = Field(description="Staff number.")
    due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None


class TicketBody(TicketRow):
    model_config = example(
        ROW
        | {
            "description": "今天早上开始。",
            "contact_name": "王芳",
            "contact_phone": "13900000009",
            "contact_email": "",
            "address": "金水区文化路 8 号",
            "line": "0371000010",
            "customer": "C-000123",
            "standard": "cn-telecom",
            "edition": "1.0.0",
            "impact": "single",
            "urgency": "high",
            "wanted_at": None,
            "special_needs": "",
            "complained_of": None,
            "accepted_at": "2026-11-22T13:18:58Z",
            "assigned_at": "2026-11-22T13:19:02Z",
            "responded_at": None,
            "resolved_at": None,
            "confirmed_at": None,
            "reopened_count": 0,
            "decisions": [DECISION],
        }
    )

    description: str
    contact_name: str
    contact_phone: str
    contact_email: str
    address: str
    line: str | None
    customer: str | None
    standard: str
    edition: str = Field(description="Version of the edition that governs this ticket.")
    impact: str
    urgency: str
    wanted_at: datetime | None
    special_needs: str
    complained_of: str | None = Field(description="Staff number.")
    accepted_at: datetime | None
    assigned_at: datetime | None
    responded_at: datetime | None
    resolved_at: datetime | None
    confirmed_at: datetime | None
    reopened_count: int
    decisions: list[Decision]
    answers: list[dict[str, str]] = Field(
        default=[],
        description="What was asked and answered at registration: field, answer, both in words.",
    )


class Opened(Schema):
    """`joined` says that the report was added to a ticket that there was already."""

    model_config = example(
        {
            "number": TICKET,
            "state": "acknowledged",
            "priority": "P2",
            "category": "fault.broadband.no_link",
            "due_at": "2026-11-22T13:33:58Z",
            "joined": False,
        }
    )

    number: str
    state: str
    priority: str
    category: str
    due_at: datetime | None
    joined: bool


class TicketPage(Schema):
    model_config = example({"items": [ROW], "next": None})

    items: list[TicketRow]
    next: str | None


class Acceptance(Strict):
    """The category; impact and urgency stay as they are when left empty."""

    model_config = example({"category": "fault.broadband.no_link"})

    category: str = Field(max_length=64)
    impact: Literal["", "single", "group", "area", "network"] = ""
    urgency: Literal["", "low", "normal", "high", "critical"] = ""


class Reclassification(Acceptance):
    model_config = example(
        {
            "category": "fault.broadband.slow",
            "urgency": "normal",
            "reason": "能上网，只是慢",
        }
    )

    reason: str = Field(min_length=1, max_length=500)


class Rejection(Strict):
    """One of the codes under `rejections` of the kind."""

    model_config = example({"reason": "not_our_service"})

    reason: str = Field(min_length=1, max_length=48)


class Pause(Strict):
    """One of the codes under `pause_reasons` of the kind, and a note."""

    model_config = example({"reason": "customer_information", "note": "客户明天上午才在家"})

    reason: str = Field(min_length=1, max_length=48)
    note: str = Field(default="", max_length=500)


class PauseAnswer(Strict):
    """What a second person says to a request; a rejection needs a reason."""

    model_config = example({"answer": "道路已恢复通行，请继续上门"})

    answer: str = Field(default="", max_length=500)


class PauseRequestBody(Schema):
    """A pause that a second person must approve: open, approved, rejected or lapsed."""

    model_config = example(
        {
            "reason": "force_majeure",
            "clause": "7.4",
            "note": "暴雨，道路中断",
            "state": "open",
            "requested_by": "staff:7",
            "requested_at": "2026-03-02T09:00:00Z",
            "expires_at": "2026-03-02T13:00:00Z",
            "decided_by": "",
            "decided_at": None,
            "answer": "",
        }
    )

    reason: str
    clause: str
    note: str
    state: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str
    decided_at: datetime | None
    answer: str


class Callback(Strict):
    """Whether the applicant was reached, and what they said, or why not."""

    model_config = example({"reached": True, "text": "客户表示已恢复，满意"})

    reached: bool
    text: str = Field(min_length=1, max_length=2_000)


class Question(Strict):
    model_config = example({"question": "光猫上哪个灯不亮？"})

    question: str = Field(min_length=1, max_length=2_000)


class Resolution(Strict):
    """What was found and done, with codes under `causes` and `fixes` of the kind."""

    model_config = example(
        {
            "result": "更换尾纤，光功率恢复到 -18 dBm",
            "cause": "drop_cable",
            "fix": "replaced_cable",
            "advice": "尾纤请勿弯折",
            "retest_passed": True,
        }
    )

    result: str = Field(min_length=1, max_length=5_000)
    cause: str = Field(default="", max_length=48)
    fix: str = Field(default="", max_length=48)
    advice: str = Field(default="", max_length=5_000)
    retest_passed: bool = False
    provisional: bool = Field(
        default=False, description="临时恢复，尚待永久修复 · Repaired for the time being only"
    )
    provisional_because: str = Field(default="", max_length=2_000)


class ResolutionBody(Schema):
    """A result; one that the applicant did not accept stays, with what they said."""

    model_config = example(
        {
            "cause": "drop_cable",
            "fix": "replaced_cable",
            "result": "更换尾纤，光功率恢复到 -18 dBm",
            "advice": "尾纤请勿弯折",
            "retest_passed": True,
            "actor": "staff:7",
            "resolved_at": "2026-11-22T15:02:00Z",
            "refused_at": None,
            "refused_because": "",
        }
    )

    cause: str
    fix: str
    result: str
    advice: str
    retest_passed: bool
    actor: str
    resolved_at: datetime
    refused_at: datetime | None
    refused_because: str


class Condition(Schema):
    """One thing that the standard demands before a ticket may be closed."""

    model_config = example(
        {
            "code": "applicant_told",
            "name": "已告知客户结果",
            "name_en": "the applicant has been told the result",
            "clause": "7.1",
            "met": False,
        }
    )

    code: str
    name: str
    name_en: str
    clause: str
    met: bool
