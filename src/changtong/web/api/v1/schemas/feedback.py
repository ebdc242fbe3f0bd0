from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from changtong.web.api.v1.schemas.shared import TICKET, Strict, example


FOLLOW_UP = {
    "id": 5,
    "ticket": TICKET,
    "reason": "low_score",
    "score": 2,
    "comment": "等了两天",
    "clause": "8.4",
    "opened_at": "2026-11-23T09:00:00Z",
    "due_at": "2026-11-24T09:00:00Z",
    "outcome": "",
    "handled_at": None,
}


class Evaluation(Strict):
    """The applicant's rating; `tags` are codes under `evaluation_tags` of the kind."""

    model_config = example({"score": 5, "tags": [], "comment": "很快"})

    score: int = Field(ge=1, le=5, strict=True)
    tags: list[str] = Field(default_factory=list, max_length=10)
    comment: str = Field(default="", max_length=2_000)


class EvaluationBody(Schema):
    """What the applicant was asked and said; `by` is customer, agent, silence or not yet."""

    model_config = example(
        {
            "score": 5,
            "tags": [],
            "comment": "很快",
            "by": "customer",
            "clause": "8.1",
            "asked_at": "2026-11-22T15:03:00Z",
            "over_at": "2026-11-23T15:03:00Z",
            "answered_at": "2026-11-22T16:00:00Z",
        }
    )

    score: int | None
    tags: list[str]
    comment: str
    by: str
    clause: str
    asked_at: datetime
    over_at: datetime
    answered_at: datetime | None


class FollowUpBody(Schema):
    """Somebody has to call a dissatisfied applicant by `due_at`."""

    model_config = example(FOLLOW_UP)

    id: int
    ticket: str
    reason: str
    score: int | None
    comment: str
    clause: str
    opened_at: datetime
    due_at: datetime
    outcome: str
    handled_at: datetime | None


class FollowUpPage(Schema):
    model_config = example({"items": [FOLLOW_UP], "next": None})

    items: list[FollowUpBody]
    next: str | None


class Outcome(Strict):
    model_config = example({"outcome": "已致歉并补偿一个月，客户接受"})

    outcome: str = Field(min_length=1, max_length=2_000)


class NotificationBody(Schema):
    """
    One message to the applicant, and what became of it: the receipt. `state` is pending, sending,
    sent, failed or withdrawn.
    """

    model_config = example(
        {
            "tag": "ticket.opened",
            "channel": "sms",
            "address": "13900000009",
            "subject": "",
            "body": f"【畅通客服】您反映的事项已受理，单号 {TICKET}。",
            "language": "zh-hans",
            "state": "sent",
            "attempts": 1,
            "last_error": "",
            "created_at": "2026-11-22T13:19:00Z",
            "sent_at": "2026-11-22T13:19:01Z",
        }
    )

    tag: str
    channel: str
    address: str
    subject: str
    body: str
    language: str
    state: str
    attempts: int
    last_error: str
    created_at: datetime
    sent_at: datetime | None
