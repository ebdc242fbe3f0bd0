"""A draft of the shipped edition, and the people who write, review and approve it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from changtong.standard import queries
from changtong.standard.domain import drafting, parsing
from changtong.standard.domain.drafting import Place
from changtong.standard.domain.rehearsing import Coverage
from changtong.standard.operations import drafting as writing
from changtong.standard.operations import publishing, reviewing


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
AUTHOR, COLLEAGUE, SECOND = "staff:11", "staff:12", "staff:13"
FROM = date(2027, 1, 1)

HANDLING = "tables/targets/handling.toml"
ROWS = Place(HANDLING, ("limit", 0, "row"))
TEXT = Place("clauses/13.toml", ("clause", 3, "text"))
STRICTER = {
    "when": {
        "region": "410105",
        "priority": "P3",
        "region_type": "urban",
        "family": ["broadband", "fixed", "mobile"],
    },
    "within": "12h",
}


def publish_first() -> Any:
    path = next(iter(queries.drafts()))
    return publishing.publish(body=queries.draft(path), actor="system:test", at=AT)


def begun(**changes: Any) -> Any:
    edition = queries.editions().last() or publish_first()
    by = {"title": "缩短金水区修复时限", "edition_id": edition.pk, "actor": AUTHOR, "at": AT}
    return writing.begin(**{**by, **changes})


def change(draft: Any, place: Place, value: Any, **changes: Any) -> Any:
    """Change a place as somebody who sees what is there now."""
    seen = drafting.seal(drafting.value_at(queries.body_of(draft), place))
    by = {"seen": seen, "actor": AUTHOR, "at": AT}
    return writing.change(draft_id=draft.pk, place=place, value=value, **{**by, **changes})


def append_row(draft: Any, row: Any = STRICTER, **changes: Any) -> Any:
    rows = drafting.value_at(queries.body_of(draft), ROWS)
    return change(draft, ROWS.below(len(rows)), row, **changes)


def commented(draft: Any, clause: str = "13.4") -> Any:
    return reviewing.comment(draft_id=draft.pk, clause=clause, text="为何?", actor=SECOND, at=AT)


def in_review() -> Any:
    draft = begun()
    append_row(draft)
    return reviewing.send(draft_id=draft.pk, actor=AUTHOR, at=AT)


def rehearsed(draft: Any, **changes: Any) -> Any:
    """Note that the words of a draft, as they are now, were run over every recorded case."""
    digest = parsing.digest(queries.body_of(draft))
    given = {"digest": digest, "rehearsal": "rehearsal:1", "actor": AUTHOR, "at": AT}
    given["coverage"] = Coverage(is_everything=True)
    return reviewing.note_rehearsal(draft_id=draft.pk, **{**given, **changes})


def approved() -> Any:
    draft = rehearsed(in_review())
    return reviewing.approve(draft_id=draft.pk, actor=SECOND, at=AT)


def published(**changes: Any) -> Any:
    by = {"version": "1.1.0", "effective_from": FROM, "actor": SECOND, "at": AT}
    return publishing.publish_draft(draft_id=approved().pk, **{**by, **changes})
