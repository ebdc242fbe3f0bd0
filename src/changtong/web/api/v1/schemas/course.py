from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from changtong.web.api.v1.schemas.shared import TICKET, Strict, example


CLOCK = {
    "id": 812,
    "metric": "restoration",
    "basis": "promise",
    "clause": "4.3.2",
    "within": "4h",
    "calendar": "24x7",
    "state": "running",
    "pausable": True,
    "started_at": "2026-11-22T13:18:58Z",
    "due_at": "2026-11-22T17:18:58Z",
    "warn_at": "2026-11-22T16:18:58Z",
    "breached_at": None,
    "stopped_at": None,
}
STEP = {
    "what": "started",
    "at": "2026-11-22T13:18:58Z",
    "actor": "",
    "clause": "4.3.2",
    "reason": "ticket.opened",
    "limit": "4h",
    "evidence": "",
    "due_at": "2026-11-22T17:18:58Z",
    "entry": 4711,
}
SENTENCE = "2026-11-22 周日：21:18:58–24:00 计 2小时41分2秒"
REMARK = {
    "code": "from_the_moment",
    "clause": "L5.201",
    "sentence": "按小时（分钟）的时限自事项发生的时刻起算。",
}
DIFFERENCE = {"attribute": "region_type", "wanted": ["rural"], "given": "urban"}
CONSIDERED = {
    "limit": "promise.restoration",
    "metric": "restoration",
    "basis": "promise",
    "clause": "13.4",
    "within": "4h",
    "starts_on": "ticket.opened",
    "stops_on": "ticket.resolved",
    "why": "differs",
    "differences": [DIFFERENCE],
    "sentences": ["城乡：这一行要求 农村，本单是 城镇"],
}
DAY = {"day": "2026-11-22", "kind": "day_off", "counted_seconds": 14400}
ENTRY = {
    "id": 4711,
    "tag": "ticket.accepted",
    "subject": TICKET,
    "actor": "staff:7",
    "facts": {"category": "fault.broadband.no_link"},
    "happened_at": "2026-11-22T13:20:00Z",
    "recorded_at": "2026-11-22T13:20:00Z",
    "seal": None,
}


class ClockBody(Schema):
    """A limit of a clause that runs for the ticket; `basis` is `legal` or `promise`."""

    model_config = example(CLOCK)

    id: int
    metric: str
    basis: str
    clause: str
    within: str
    calendar: str
    state: str
    pausable: bool
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None


class ClockStep(Schema):
    """One thing that happened to a clock, and on what ground."""

    model_config = example(STEP)

    what: str
    at: datetime
    actor: str
    clause: str
    reason: str
    limit: str = Field(
        "", description="The limit that held from then on, as its clause writes it."
    )
    evidence: str = ""
    due_at: datetime | None = Field(None, description="When it was due from then on.")
    entry: int | None = Field(None, description="The entry of the journal that tells it.")


class ClockDay(Schema):
    """How much of a local day counts; `kind` is working_day, day_off, holiday or makeup_day."""

    model_config = example(DAY)

    day: date
    kind: str
    counted_seconds: int


class ClockRemark(Schema):
    """A rule by which a limit was counted, with the article that says so."""

    model_config = example(REMARK)

    code: str
    clause: str
    sentence: str


class LimitDifference(Schema):
    """What a row of the standard asks for and what the ticket has instead."""

    model_config = example(DIFFERENCE)

    attribute: str
    wanted: list[str]
    given: str


class LimitConsidered(Schema):
    """A limit by its nearest row; `why` is `applies`, `differs` or `awaits` (a figure)."""

    model_config = example(CONSIDERED)

    limit: str
    metric: str
    basis: str
    clause: str
    within: str
    starts_on: str
    stops_on: str
    why: str
    differences: list[LimitDifference]
    sentences: list[str]


class ClockExplained(ClockBody):
    """Why it is due when it is: its steps, and days that add up to the time allowed."""

    model_config = example(
        CLOCK
        | {
            "governs": True,
            "steps": [STEP],
            "sentences": [SENTENCE],
            "remarks": [REMARK],
            "days": [DAY],
            "days_cut": False,
            "allowed_seconds": 14400,
            "counted_seconds": 3600,
            "left_seconds": 10800,
            "is_provisional": False,
        }
    )

    governs: bool = Field(description="No other limit of the ticket is due earlier.")
    steps: list[ClockStep]
    sentences: list[str] = Field(description="The sum in words, in the language asked for.")
    remarks: list[ClockRemark]
    days: list[ClockDay]
    days_cut: bool = Field(description="There are more days than are listed.")
    allowed_seconds: int
    counted_seconds: int
    left_seconds: int
    is_provisional: bool = Field(description="The calendar of a year to come is not known yet.")


class EntryBody(Schema):
    """An entry of the journal as it was sealed; `actor` is explained by /staff."""

    model_config = example(ENTRY)

    id: int
    tag: str
    subject: str
    actor: str
    facts: dict[str, Any]
    happened_at: datetime
    recorded_at: datetime
    seal: str | None


class EntryPage(Schema):
    model_config = example({"items": [ENTRY], "next": "4711"})

    items: list[EntryBody]
    next: str | None


class LogLine(Strict):
    """
    One thing done or said. `public` shows it to the applicant; the first public word of staff
    (call, message, answer) stops the limit of the first response.
    """

    model_config = example(
        {
            "type": "measurement",
            "text": "入户光功率偏低",
            "details": {"item": "optical_power", "value": -27.3, "unit": "dBm"},
        }
    )

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
    minutes: int | None = Field(default=None, description="how long it took, if that is said")


class LogBody(Schema):
    model_config = example(
        {
            "id": 93,
            "type": "note",
            "public": False,
            "text": "已联系客户，约 15 点上门",
            "details": {},
            "minutes": 10,
            "actor": "staff:7",
            "happened_at": "2026-11-22T13:40:00Z",
        }
    )

    id: int
    type: str
    public: bool
    text: str
    details: dict[str, Any]
    minutes: int | None
    actor: str
    happened_at: datetime


class AttachmentBody(Schema):
    """A file; `sha256` is its name in the address to download it from."""

    model_config = example(
        {
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "name": "光猫.jpg",
            "media_type": "image/jpeg",
            "size_bytes": 182044,
            "public": True,
            "actor": "staff:7",
            "attached_at": "2026-11-22T14:10:00Z",
        }
    )

    sha256: str
    name: str
    media_type: str
    size_bytes: int
    public: bool
    actor: str
    attached_at: datetime


class SupplementBody(Schema):
    """What the applicant was asked to add, by when, and their answer."""

    model_config = example(
        {
            "question": "光猫上哪个灯不亮？",
            "asked_by": "staff:7",
            "asked_at": "2026-11-22T13:30:00Z",
            "due_at": "2026-11-24T13:30:00Z",
            "clause": "4.4",
            "answer": "",
            "answered_at": None,
        }
    )

    question: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    clause: str
    answer: str
    answered_at: datetime | None


class ItemBody(Schema):
    """One item of the standard's checklists, and who ticked it."""

    model_config = example(
        {
            "item": "fault.tested",
            "name": "测过线路、端口和终端",
            "name_en": "Line, port and terminal tested",
            "required": False,
            "clause": "8.2",
            "done_by": "staff:7",
            "done_at": "2026-11-22T14:05:00Z",
        }
    )

    item: str
    name: str
    name_en: str
    required: bool
    clause: str
    done_by: str
    done_at: datetime | None


class NewTick(Strict):
    """An item, and whether it is done."""

    model_config = example({"item": "fault.tested", "done": True})

    item: str = Field(min_length=1, max_length=100)
    done: bool = True


class HoldBody(Schema):
    """What keeps the ticket from being closed, such as an open work order."""

    model_config = example(
        {
            "reason": "open_work_order",
            "source": "work_order:PD20261122-000031",
            "set_at": "2026-11-22T13:25:00Z",
            "lifted_at": None,
        }
    )

    reason: str
    source: str
    set_at: datetime
    lifted_at: datetime | None
