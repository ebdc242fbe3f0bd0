from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from tests.factories.clocks import START, SUBJECT

from changtong.clocks.models import Clock
from changtong.journal.models import Entry
from changtong.standard import queries as standard
from changtong.standard.operations import publishing


@pytest.fixture(scope="session")
def body() -> dict[str, dict[str, Any]]:
    return standard.draft(next(iter(standard.drafts())))


@pytest.fixture
def edition_id(db: None, body: dict[str, dict[str, Any]]) -> int:
    return publishing.publish(body=body, actor="system:test", at=START).pk


@pytest.fixture
def clock() -> Callable[..., Clock]:
    def found(**which: Any) -> Clock:
        return Clock.objects.get(**{"subject": SUBJECT, **which})

    return found


@pytest.fixture
def entries() -> Callable[[str], list[tuple[datetime, dict[str, Any]]]]:
    def found(tag: str) -> list[tuple[datetime, dict[str, Any]]]:
        rows = Entry.objects.filter(tag=tag).order_by("pk")
        return [(row.happened_at, row.facts) for row in rows]

    return found
