from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema

from changtong.web.api.v1.schemas.shared import TICKET, example


What = Literal["ticket", "message", "customer", "line", "article"]
HIT = {
    "kind": "ticket",
    "number": TICKET,
    "title": [{"text": "宽带", "marked": True}, {"text": "断网", "marked": False}],
    "excerpt": [{"text": "光猫", "marked": True}, {"text": "亮红灯", "marked": False}],
    "at": "2026-11-22T09:18:58Z",
    "score": 1.42,
}
GROUP = {"kind": "ticket", "count": 1, "more": False, "items": [HIT], "next": None}


class PieceBody(Schema):
    """A stretch of a text; plain text, not HTML."""

    text: str
    marked: bool


class HitBody(Schema):
    """Something that was found; `number` is the case's, customer's, line's, or article's key."""

    model_config = example(HIT)

    kind: What
    number: str
    title: list[PieceBody]
    excerpt: list[PieceBody]
    at: datetime | None
    score: float


class GroupBody(Schema):
    """What was found of one kind; `count` ends at 1,000, and `more` says whether it did."""

    model_config = example(GROUP)

    kind: What
    count: int
    more: bool
    items: list[HitBody]
    next: str | None


class FoundBody(Schema):
    """Each kind by itself; `loosely` when not everything that was asked for stands in it."""

    model_config = example({"groups": [GROUP], "loosely": False})

    groups: list[GroupBody]
    loosely: bool
