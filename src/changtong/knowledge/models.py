from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from changtong.knowledge.domain import TITLE_AT_MOST, VersionState


class Article(models.Model):
    """One thing worth knowing; what it says is in its versions."""

    owner = models.ForeignKey("parties.Staff", on_delete=models.PROTECT, related_name="+")
    # The case it was learnt from.
    source = models.CharField(max_length=32, blank=True, default="")
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    solved_count = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True)
    retired_because = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"article {self.pk}"


class Version(models.Model):
    """What an article said from its publication on; a draft until then."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=TITLE_AT_MOST)
    body = models.TextField()
    categories = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    # Whether customers may read it, too.
    public = models.BooleanField(default=False)
    review_on = models.DateField()
    state = models.CharField(max_length=12, default=VersionState.DRAFT)
    written_by = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    published_by = models.CharField(max_length=64, blank=True, default="")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="version_state_known",
                condition=Q(state__in=[one.value for one in VersionState]),
            ),
            models.CheckConstraint(
                name="version_published_complete",
                condition=Q(state="draft", published_at=None)
                | ~Q(state="draft") & Q(published_at__isnull=False) & ~Q(published_by=""),
            ),
            models.UniqueConstraint(fields=["article", "number"], name="version_once"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state="draft"), name="version_draft_once"
            ),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state="published"), name="version_published_once"
            ),
        ]
        indexes = [
            # Articles about a category, among those that are read.
            GinIndex(fields=["categories"], name="version_about", condition=Q(state="published")),
            # What its owner should read again.
            models.Index(
                fields=["review_on"], name="version_to_review", condition=Q(state="published")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}.{self.number}"


class Solution(models.Model):
    """That an article solved a case, said once by whoever solved it."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    version = models.ForeignKey(
        Version, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=32)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "article"], name="solution_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} by article {self.article_id}"
