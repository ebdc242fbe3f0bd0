"""Write, publish, review and retire articles, and count what they solved."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localtime

from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.knowledge import domain
from changtong.knowledge.domain import VersionState, Written
from changtong.knowledge.models import Article, Solution, Version


@transaction.atomic
def draft(
    *,
    written: Written,
    known: Collection[str],
    owner_id: int,
    actor: str,
    at: datetime,
    source: str = "",
) -> Version:
    """
    Begin an article.

    :param known: the categories that a case can have
    :param owner_id: the person of staff who answers for it
    :param source: the number of the case it was learnt from
    :raises Refused: ``article.*``, if nobody could find or read it
    """
    domain.require_sound(written, known=known)
    article = Article.objects.create(owner_id=owner_id, source=source, made_by=actor, made_at=at)
    version = Version(article=article, number=1)
    _write(version, written, actor=actor, at=at)
    _record("article.drafted", version, actor=actor, at=at, source=source)
    return version


@transaction.atomic
def revise(
    *, article_id: int, written: Written, known: Collection[str], actor: str, at: datetime
) -> Version:
    """
    Write at the draft, or begin the next; what is read stays until this is published.

    :raises Refused: ``article.retired``, and as `draft`
    :raises Missing: ``article.unknown``
    """
    article = _locked(article_id)
    domain.require_sound(written, known=known)
    last = article.versions.order_by("-number")[:1].get()
    is_new = last.state != VersionState.DRAFT
    version = Version(article=article, number=last.number + 1) if is_new else last
    _write(version, written, actor=actor, at=at)
    _record("article.revised", version, actor=actor, at=at)
    return version


@transaction.atomic
def publish(*, article_id: int, actor: str, at: datetime) -> Version:
    """
    Let the draft be read instead of what was read before.

    :raises Refused: ``article.nothing_drafted``, ``article.own_work``,
        ``article.review_not_ahead``, ``article.retired``
    :raises Missing: ``article.unknown``
    """
    article = _locked(article_id)
    version = article.versions.filter(state=VersionState.DRAFT).first()
    if version is None:
        raise Refused("article.nothing_drafted")
    domain.require_publishable(
        public=version.public,
        written_by=version.written_by,
        actor=actor,
        review_on=version.review_on,
        today=localtime(at).date(),
    )
    article.versions.filter(state=VersionState.PUBLISHED).update(state=VersionState.SUPERSEDED)
    version.state = VersionState.PUBLISHED
    version.published_by, version.published_at = actor, at
    version.save(update_fields=["state", "published_by", "published_at"])
    _record("article.published", version, actor=actor, at=at, public=version.public)
    return version


@transaction.atomic
def confirm(*, article_id: int, review_on: date, actor: str, at: datetime) -> Version:
    """
    Say that an article was read again and still holds, until its next review.

    :raises Refused: ``article.review_not_ahead``, ``article.retired``
    :raises Missing: ``article.unknown``
    """
    version = _published(_locked(article_id))
    domain.require_ahead(review_on, today=localtime(at).date())
    version.review_on = review_on
    version.save(update_fields=["review_on"])
    _record("article.confirmed", version, actor=actor, at=at, review_on=review_on.isoformat())
    return version


@transaction.atomic
def retire(*, article_id: int, reason: str, actor: str, at: datetime) -> Article:
    """
    Let an article be read no longer; it and what it solved stay on record.

    :raises Refused: ``article.retired``, ``article.reason_missing``
    :raises Missing: ``article.unknown``
    """
    article = _locked(article_id)
    if not reason.strip():
        raise Refused("article.reason_missing")
    article.retired_at, article.retired_because = at, reason.strip()
    article.save(update_fields=["retired_at", "retired_because"])
    journal.record(
        tag="article.retired",
        subject=f"article:{article.pk}",
        actor=actor,
        at=at,
        reason=article.retired_because,
    )
    return article


@transaction.atomic
def note_solution(*, article_id: int, subject: str, actor: str, at: datetime) -> Solution:
    """
    Note that an article solved a case; said twice it counts once.

    :raises Refused: ``article.solved_already``, ``article.retired``
    :raises Missing: ``article.unknown``
    """
    article = _locked(article_id)
    version = _published(article)
    solution, is_new = Solution.objects.get_or_create(
        article=article,
        subject=subject,
        defaults={"version": version, "actor": actor, "at": at},
    )
    if not is_new:
        raise Refused("article.solved_already")
    Article.objects.filter(pk=article.pk).update(solved_count=F("solved_count") + 1)
    journal.record(
        tag="article.solved",
        subject=subject,
        actor=actor,
        at=at,
        article=article.pk,
        version=version.number,
        title=version.title,
    )
    return solution


def _write(version: Version, written: Written, *, actor: str, at: datetime) -> None:
    version.title, version.body = written.title.strip(), written.body
    version.categories = sorted(written.categories)
    version.public, version.review_on = written.public, written.review_on
    version.written_by, version.written_at = actor, at
    version.save()


def _locked(article_id: int) -> Article:
    article = Article.objects.select_for_update().filter(pk=article_id).first()
    if article is None:
        raise Missing("article.unknown")
    if article.retired_at is not None:
        raise Refused("article.retired")
    return article


def _published(article: Article) -> Version:
    version = article.versions.filter(state=VersionState.PUBLISHED).first()
    if version is None:
        raise Missing("article.unknown")
    return version


def _record(tag: str, version: Version, *, actor: str, at: datetime, **facts: object) -> None:
    journal.record(
        tag=tag,
        subject=f"article:{version.article_id}",
        actor=actor,
        at=at,
        version=version.number,
        title=version.title,
        **facts,
    )
