"""Articles of knowledge, written by one and published by another."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.factories import people

from changtong.knowledge import operations
from changtong.knowledge.domain import Written
from changtong.knowledge.models import Article, Version
from changtong.parties.models import Staff


CATEGORY = "fault.broadband.no_link"
KNOWN = frozenset({CATEGORY})


def written(**changes: Any) -> Written:
    """Return what an author writes, with some of it changed."""
    given = {
        "title": "光猫红灯",
        "body": "检查尾纤",
        "categories": (CATEGORY,),
        "public": True,
        "review_on": date(2030, 5, 1),
    }
    return Written(**{**given, **changes})


def drafted(author: Any, **changes: Any) -> Version:
    return operations.draft(
        written=written(**changes),
        known=KNOWN,
        owner_id=author.pk,
        actor=author.actor,
        at=people.AT,
    )


def published(author: Any, **changes: Any) -> Version:
    """Return what is read, published by somebody else than its author."""
    made = drafted(author, **changes)
    return operations.publish(article_id=made.article_id, actor="system:test", at=people.AT)


def any_published() -> Article:
    """Return an article that is read, the same one each time."""
    known = Article.objects.order_by("pk").first()
    return known or published(Staff.objects.order_by("pk")[0]).article
