from __future__ import annotations

from datetime import date

from ninja import Field, Schema

from changtong.web.api.v1.schemas.shared import example


EDITION = {
    "code": "cn-telecom",
    "version": "1.0.0",
    "title": "电信客户服务标准",
    "effective_from": "2026-01-01",
    "in_force": True,
    "digest": "5f2b…",
}
CLAUSE = {
    "number": "4.4",
    "chapter": "4",
    "title": "请客户补充",
    "title_en": "Asking the applicant to add something",
    "text": "……",
    "text_en": "…",
    "enforced": True,
}
CHOICE = {"code": "drop_cable", "name": "入户线故障", "name_en": "drop cable", "clause": "6.3"}
CATEGORY = {
    "code": "fault.broadband.no_link",
    "name": "宽带断网",
    "name_en": "broadband down",
    "families": ["broadband"],
    "mode": "field",
    "skill": "broadband_maintenance",
    "impact": "single",
    "urgency": "high",
    "clause": "4.1.2",
}


class EditionBody(Schema):
    model_config = example(EDITION)

    code: str
    version: str
    title: str
    effective_from: date
    in_force: bool = Field(description="Governs the tickets that are opened now.")
    digest: str


class ClauseBody(Schema):
    """`enforced` says that the system makes it so, not only a sentence."""

    model_config = example(CLAUSE)

    number: str
    chapter: str
    title: str
    title_en: str
    text: str
    text_en: str
    enforced: bool


class ChoiceBody(Schema):
    """A code that may be given, with the clause that allows it."""

    model_config = example(CHOICE)

    code: str
    name: str
    name_en: str
    clause: str


class CategoryBody(ChoiceBody):
    """A category, the skill that it needs, and how it is graded unless somebody says otherwise."""

    model_config = example(CATEGORY)

    families: list[str]
    mode: str
    skill: str
    impact: str
    urgency: str


class KindBody(Schema):
    """Every code that an edition knows for one kind of ticket."""

    model_config = example(
        {
            "kind": "fault",
            "categories": [CATEGORY],
            "rejections": [],
            "pause_reasons": [],
            "causes": [CHOICE],
            "fixes": [],
            "closing_conditions": [],
            "evaluation_tags": [],
        }
    )

    kind: str
    categories: list[CategoryBody]
    rejections: list[ChoiceBody]
    pause_reasons: list[ChoiceBody]
    causes: list[ChoiceBody]
    fixes: list[ChoiceBody]
    closing_conditions: list[ChoiceBody]
    evaluation_tags: list[ChoiceBody]


PIECE = {"how": "added", "text": "由原处理人继续处理"}
LIMIT_CHANGE = {
    "how": "added",
    "judged": "stricter",
    "metric": "restoration",
    "basis": "promise",
    "kinds": ["fault"],
    "when": {"region": ["4101"], "priority": ["P3"]},
    "before": ["24h"],
    "after": ["12h"],
    "clause": "13.4",
}


class PieceBody(Schema):
    model_config = example(PIECE)

    how: str = Field(description="same, added or removed.")
    text: str


class ClauseChangeBody(Schema):
    model_config = example(
        {"number": "7.4", "how": "changed", "fields": ["text"], "pieces": [PIECE]}
    )

    number: str
    how: str = Field(description="added, removed or changed.")
    fields: list[str] = Field(description="What of the clause differs.")
    pieces: list[PieceBody] = Field(description="The Chinese text with what went and what came.")


class LimitChangeBody(Schema):
    """A row of limits; `before` is what held where it decides now."""

    model_config = example(LIMIT_CHANGE)

    how: str
    judged: str = Field(description="stricter, looser, mixed or neutral, for us as the operator.")
    metric: str
    basis: str
    kinds: list[str]
    when: dict[str, list[str]]
    before: list[str]
    after: list[str]
    clause: str


class EntryChangeBody(Schema):
    """An entry of any other table, a calendar, a figure or an example."""

    model_config = example(
        {"how": "changed", "file": "tables/pauses.toml", "name": "fault", "fields": ["at_most"]}
    )

    how: str
    file: str
    name: str
    fields: list[str]


class ComparisonBody(Schema):
    model_config = example(
        {
            "step": "minor",
            "clauses": [],
            "limits": [LIMIT_CHANGE],
            "entries": [],
        }
    )

    step: str = Field(description="How far the version moves: major, minor or patch.")
    clauses: list[ClauseChangeBody]
    limits: list[LimitChangeBody]
    entries: list[EntryChangeBody]
