from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from changtong.web.api.v1.schemas.shared import TICKET, Strict, example


OTHER = "GD20261122-000051"
NEAR = {
    "number": OTHER,
    "title": "宽带断网",
    "state": "assigned",
    "opened_at": "2026-11-22T13:18:58Z",
}


class NewMerger(Strict):
    """The case that survives, and why both are the same matter."""

    model_config = example({"into": OTHER, "reason": "同一线路，同一故障"})

    into: str = Field(min_length=1, max_length=24)
    reason: str = Field(min_length=1, max_length=200)


class MergerUndone(Strict):
    """Why it was not the same matter."""

    model_config = example({"reason": "查明是另一处故障"})

    reason: str = Field(min_length=1, max_length=200)


class NewLink(Strict):
    """Another case, and what this one has to do with it."""

    model_config = example({"other": OTHER, "kind": "caused_by"})

    other: str = Field(min_length=1, max_length=24)
    kind: Literal["related", "caused_by"] = "related"


class NewParent(Strict):
    """The case that is put above this one."""

    model_config = example({"parent": OTHER})

    parent: str = Field(min_length=1, max_length=24)


class NewSplit(Strict):
    """The log entry in which another matter was raised, and what it is."""

    model_config = example(
        {"entry": 481, "title": "电视无法收看", "category": "fault.broadband.no_link"}
    )

    entry: int
    title: str = Field(min_length=1, max_length=160)
    category: str = Field(min_length=1, max_length=64)


class ChildrenTold(Strict):
    """What is written down on a case and on all its open children."""

    model_config = example({"text": "光缆已接通，正在逐户复测。", "public": True})

    text: str = Field(min_length=1, max_length=2_000)
    public: bool = False


class Near(Schema):
    """A case that this one has to do with."""

    model_config = example(NEAR)

    number: str
    title: str
    state: str
    opened_at: datetime


class LinkBody(Schema):
    """One link; `outward` says that this case is the one that was linked."""

    model_config = example(
        {
            "id": 12,
            "kind": "caused_by",
            "outward": True,
            "ticket": NEAR,
            "linked_at": "2026-11-22T13:40:00Z",
        }
    )

    id: int
    kind: str
    outward: bool
    ticket: Near
    linked_at: datetime


class MergerBody(Schema):
    """One merger that stands; `into` survives, and carries what `number` was promised."""

    model_config = example(
        {
            "number": TICKET,
            "into": OTHER,
            "reason": "同一线路，同一故障",
            "clause": "3.10",
            "merged_at": "2026-11-22T13:40:00Z",
            "settled_at": None,
        }
    )

    number: str
    into: str
    reason: str
    clause: str
    merged_at: datetime
    settled_at: datetime | None


class SuggestionBody(Schema):
    """A case that may be the same matter, and on what grounds."""

    model_config = example({"ticket": NEAR, "grounds": ["same_line", "same_category"]})

    ticket: Near
    grounds: list[str]


class RelationsBody(Schema):
    """Everything that stands between a case and others that the viewer may see."""

    model_config = example(
        {
            "mergers": [],
            "parent": None,
            "children": [NEAR],
            "links": [],
            "suggestions": [],
            "suggestions_clause": "3.2",
            "repeat_of": [],
            "repeat_clause": "3.12",
        }
    )

    mergers: list[MergerBody]
    parent: Near | None
    children: list[Near]
    links: list[LinkBody]
    suggestions: list[SuggestionBody]
    suggestions_clause: str
    repeat_of: list[Near]
    repeat_clause: str
