from __future__ import annotations

from django.db import models
from django.db.models import Q


class Record(models.Model):
    """档案: the sealed package of one finished case."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)
    # Below ARCHIVE_ROOT.
    path = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    retention_class = models.CharField(max_length=32)
    retain_until = models.DateField(null=True)
    clause = models.CharField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="record_proves_something", condition=Q(entries__gt=0)),
        ]
        indexes = [
            # What may be appraised for disposal.
            models.Index(fields=["retain_until"], name="record_retained"),
            # The archivist's list, newest first.
            models.Index(fields=["-sealed_at", "-id"], name="record_newest"),
        ]

    def __str__(self) -> str:
        return self.number


class Verification(models.Model):
    """A check of one record, or without one of the whole archive or journal, and its result."""

    class Scope(models.TextChoices):
        RECORD = "record"
        ARCHIVE = "archive"
        JOURNAL = "journal"

    scope = models.CharField(max_length=8, choices=Scope)
    record = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, related_name="verifications"
    )
    sound = models.BooleanField()
    checked = models.PositiveBigIntegerField()
    # Where and what, e.g. [{"where": "case.json", "what": "content_changed"}].
    findings = models.JSONField(default=list)
    actor = models.CharField(max_length=64)
    verified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="verification_of_one_record",
                condition=Q(scope="record", record__isnull=False)
                | (~Q(scope="record") & Q(record__isnull=True)),
            ),
            models.CheckConstraint(
                name="verification_unsound_says_why", condition=Q(sound=True) | ~Q(findings=[])
            ),
        ]
        indexes = [
            # The last checks of a kind.
            models.Index(fields=["scope", "-id"], name="verification_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.verified_at:%Y-%m-%d %H:%M}"
