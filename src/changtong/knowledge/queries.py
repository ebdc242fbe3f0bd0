"""Articles that somebody may read, and those that are about a matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Case, F, Prefetch, Q, QuerySet, When

from changtong.kernel.errors import Missing
from changtong.knowledge.domain import VersionState, about
from changtong.knowledge.models import Article, Solution, Version
from changtong.parties.domain.roles import Viewer


def published() -> QuerySet[Version]:
    """Return what is read now, with the article it belongs to."""
    found = Version.objects.filter(state=VersionState.PUBLISHED, article__retired_at=None)
    return found.select_related("article__owner")


def readable_by(viewer: Viewer) -> QuerySet[Version]:
    """Return what the viewer may read: staff everything that is published, others the public."""
    if viewer.may("knowledge.view"):
        return published()
    return published().filter(public=True)


def version(viewer: Viewer, article_id: int) -> Version:
    """
    Return what an article says now.

    :raises Missing: ``article.unknown``, also if the viewer may not read it
    """
    found = readable_by(viewer).filter(article_id=article_id).first()
    if found is None:
        raise Missing("article.unknown")
    return found


def saying(versions: QuerySet[Version], word: str) -> QuerySet[Version]:
    """Return those of some versions in which a word stands."""
    return versions.filter(Q(title__icontains=word) | Q(body__icontains=word))


def article(viewer: Viewer, article_id: int) -> Article:
    """
    Return an article with its versions, the newest first; drafts for those who write.

    :raises Missing: ``article.unknown``
    """
    versions = Version.objects.order_by("-number")
    if not viewer.may("knowledge.write"):
        versions = versions.exclude(state=VersionState.DRAFT)
    found = (
        Article.objects.filter(pk=article_id)
        .select_related("owner")
        .prefetch_related(Prefetch("versions", versions))
        .first()
    )
    if found is None or not viewer.may("knowledge.view") or not found.versions.all():
        raise Missing("article.unknown")
    return found


def drafts() -> QuerySet[Version]:
    """Return what is being written, the oldest first."""
    found = Version.objects.filter(state=VersionState.DRAFT, article__retired_at=None)
    return found.select_related("article__owner").order_by("written_at", "pk")


def overdue(*, on: date) -> QuerySet[Version]:
    """Return what its owner should have read again by this day."""
    return published().filter(review_on__lte=on).order_by("review_on", "pk")


def about_category(
    viewer: Viewer, category: str, *, at_most: int, also: Sequence[int] = ()
) -> Sequence[Version]:
    """
    Return articles about a category or what is around it, the most helpful first.

    :param also: versions that follow although they are about something else
    """
    if not category and not also:
        return []
    fits = Q(categories__overlap=about(category)) if category else Q(pk__in=[])
    found = readable_by(viewer).filter(fits | Q(pk__in=also))
    helpful = (F("article__solved_count").desc(), "-published_at")
    return list(found.order_by(Case(When(fits, then=0), default=1), *helpful)[:at_most])


def solutions_of(subject: str) -> dict[int, str]:
    """Return which articles solved a case, and who said so."""
    return dict(Solution.objects.filter(subject=subject).values_list("article_id", "actor"))
