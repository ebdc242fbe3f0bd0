"""When an article may be read, by whom, and what makes it fit to be published."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from changtong.kernel.errors import Refused


TITLE_AT_MOST = 120
BODY_AT_MOST = 20_000

# Seven digits and more are somebody's number: a telephone, an account, an identity card.
_NUMBERS = re.compile(r"(?<![A-Za-z0-9])\+?\d[\d\s-]{5,}\d(?![A-Za-z0-9])")
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


class VersionState(StrEnum):
    """Where a version of an article stands; at most one is written at and at most one is read."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Written:
    """
    What somebody wrote.

    :ivar categories: what it is about, by the codes of the standard
    :ivar public: whether customers may read it, too
    :ivar review_on: when its owner reads it again
    """

    title: str
    body: str
    categories: tuple[str, ...]
    public: bool
    review_on: date


def require_sound(written: Written, *, known: Collection[str]) -> None:
    """
    Refuse what nobody could find or read.

    :param known: the categories that a case can have
    :raises Refused: ``article.title_missing``, ``article.title_too_long``,
        ``article.body_missing``, ``article.body_too_long``, ``article.category_unknown``
    """
    if not written.title.strip():
        raise Refused("article.title_missing")
    if len(written.title) > TITLE_AT_MOST:
        raise Refused("article.title_too_long", at_most=TITLE_AT_MOST)
    if not written.body.strip():
        raise Refused("article.body_missing")
    if len(written.body) > BODY_AT_MOST:
        raise Refused("article.body_too_long", at_most=BODY_AT_MOST)
    for code in written.categories:
        if code not in known:
            raise Refused("article.category_unknown", category=code)


def require_publishable(
    *, public: bool, written_by: str, actor: str, review_on: date, today: date
) -> None:
    """
    Refuse to publish unread: what customers read is read by a second person first.

    :raises Refused: ``article.own_work``, ``article.review_not_ahead``
    """
    if public and written_by == actor:
        raise Refused("article.own_work")
    require_ahead(review_on, today=today)


def require_ahead(review_on: date, *, today: date) -> None:
    """
    Refuse a day of review that has passed.

    :raises Refused: ``article.review_not_ahead``
    """
    if review_on <= today:
        raise Refused("article.review_not_ahead", review_on=review_on)


def impersonal(text: str) -> str:
    """Return a case's text without the numbers and addresses of people, for all to read."""
    return _ADDRESSES.sub("…", _NUMBERS.sub("…", text))


def about(category: str) -> Sequence[str]:
    """Return a category and all around it, the nearest first: a.b.c, a.b, a."""
    parts = category.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
