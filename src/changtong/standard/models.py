from __future__ import annotations

from django.db import models

from changtong.standard.domain.drafting import State
from changtong.standard.domain.rehearsing import Coverage


class Edition(models.Model):
    """A published edition of a standard; never changed (a trigger sees to it), only withdrawn."""

    code = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    effective_from = models.DateField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="edition_version_once"),
            models.CheckConstraint(
                name="edition_withdrawn_with_reason",
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_because="")
                | (models.Q(withdrawn_at__isnull=False) & ~models.Q(withdrawn_because="")),
            ),
        ]
        indexes = [
            # Which edition is in force: asked when every case is opened.
            models.Index(
                fields=["-effective_from", "-id"],
                name="edition_in_force",
                condition=models.Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class EditionText(models.Model):
    """What an edition says: the contents of its files. Apart, so that no join carries it along."""

    edition = models.OneToOneField(
        Edition, on_delete=models.PROTECT, primary_key=True, related_name="text"
    )
    body = models.JSONField()

    def __str__(self) -> str:
        return f"text of edition {self.pk}"


class Draft(models.Model):
    """A revision on its way to an edition; its words are in `DraftText`."""

    code = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    based_on = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in State])
    # Counts the changes, so that each has a place in their order.
    revision = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=64, blank=True, default="")
    # Of the words that were approved; others are not published under the approval.
    approved_digest = models.CharField(max_length=64, blank=True, default="")
    # Of the words that were last run over recorded cases, and where what came of it is kept.
    rehearsed_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    rehearsed_in = models.CharField(max_length=64, blank=True, default="", db_default="")
    # How much that ran over; the edition in force says the least that counts.
    rehearsed_since = models.DateField(null=True)
    rehearsed_until = models.DateField(null=True)
    rehearsed_days = models.PositiveIntegerField(default=0, db_default=0)
    rehearsed_cases = models.PositiveIntegerField(default=0, db_default=0)
    rehearsed_region = models.CharField(max_length=64, blank=True, default="", db_default="")
    rehearsed_everything = models.BooleanField(default=False, db_default=False)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True, default="")
    discarded_because = models.CharField(max_length=500, blank=True, default="")
    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="draft_state_known",
                condition=models.Q(state__in=[one.value for one in State]),
            ),
            # Whoever changed a word may not approve either; a trigger looks at the changes.
            models.CheckConstraint(
                name="draft_approved_by_second_person",
                condition=~models.Q(approved_by=models.F("begun_by")),
            ),
            models.CheckConstraint(
                name="draft_approved_with_digest",
                condition=models.Q(
                    state__in=[State.APPROVED.value, State.PUBLISHED.value],
                    approved_at__isnull=False,
                )
                & ~models.Q(approved_by="")
                & ~models.Q(approved_digest="")
                | models.Q(
                    state__in=[State.DRAFTING.value, State.IN_REVIEW.value, State.DISCARDED.value],
                    approved_at__isnull=True,
                    approved_by="",
                    approved_digest="",
                ),
            ),
            models.CheckConstraint(
                name="draft_published_as_edition",
                condition=models.Q(state=State.PUBLISHED.value, edition__isnull=False)
                | (~models.Q(state=State.PUBLISHED.value) & models.Q(edition__isnull=True)),
            ),
            models.CheckConstraint(
                name="draft_discarded_with_reason",
                condition=models.Q(state=State.DISCARDED.value) & ~models.Q(discarded_because="")
                | ~models.Q(state=State.DISCARDED.value) & models.Q(discarded_because=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Say whether it may still become an edition."""
        return self.state not in (State.PUBLISHED, State.DISCARDED)

    @property
    def coverage(self) -> Coverage:
        """Return what the rehearsal that is noted ran over."""
        return Coverage(
            since=self.rehearsed_since,
            until=self.rehearsed_until,
            days=self.rehearsed_days,
            cases=self.rehearsed_cases,
            region=self.rehearsed_region,
            is_everything=self.rehearsed_everything,
        )

    @coverage.setter
    def coverage(self, given: Coverage) -> None:
        self.rehearsed_since, self.rehearsed_until = given.since, given.until
        self.rehearsed_days, self.rehearsed_cases = given.days, given.cases
        self.rehearsed_region = given.region
        self.rehearsed_everything = given.is_everything


class DraftText(models.Model):
    """What a draft says: the contents of its files. Apart, so that no list carries it along."""

    draft = models.OneToOneField(
        Draft, on_delete=models.PROTECT, primary_key=True, related_name="text"
    )
    body = models.JSONField()

    def __str__(self) -> str:
        return f"text of draft {self.pk}"


class DraftChange(models.Model):
    """One change of a draft: who, when, where, from what, to what. Never changed or deleted."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="changes")
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    path = models.JSONField(default=list)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "revision"], name="draft_change_once"),
        ]

    def __str__(self) -> str:
        return f"change {self.revision} of draft {self.draft_id}"


class DraftComment(models.Model):
    """What a reviewer says about a clause of a draft, until it is resolved."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="comments")
    clause = models.CharField(max_length=16, blank=True, default="")
    text = models.CharField(max_length=2000)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="draft_comment_resolved_by_somebody",
                condition=models.Q(resolved_at__isnull=True, resolved_by="")
                | (models.Q(resolved_at__isnull=False) & ~models.Q(resolved_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on draft {self.draft_id}"
