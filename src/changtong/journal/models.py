from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from changtong.journal import domain


class Batch(models.Model):
    """A run of entries sealed together; the batches form a chain."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, unique=True)
    seal = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="batch_range_in_order",
                condition=models.Q(first_id__lte=models.F("last_id"), count__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"

    def expected_seal(self, *, root: str) -> str:
        """Return the seal that the batch must have if its entries lead to the root."""
        return domain.batch_seal(
            previous=self.previous,
            root=root,
            first_id=self.first_id,
            last_id=self.last_id,
            count=self.count,
            sealed_at=self.sealed_at,
        )

    def published_line(self) -> str:
        """Return the line by which the batch is known outside the database."""
        return f"{domain.instant(self.sealed_at)} {self.last_id} {self.seal}\n"


class Entry(models.Model):
    """One thing that happened; written once, sealed later, never changed, as triggers see to."""

    tag = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    seal = models.CharField(max_length=64, null=True)

    class Meta:
        indexes = [
            # A ticket's timeline, and the extract for its case file.
            models.Index(fields=["subject", "id"], name="entry_timeline"),
            # What waits to be sealed; empty most of the time.
            models.Index(
                fields=["id"], name="entry_unsealed", condition=models.Q(seal__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.tag} {self.subject}"

    def line(self) -> domain.Line:
        """Return what the seal protects."""
        return domain.Line(
            id=self.pk,
            tag=self.tag,
            subject=self.subject,
            actor=self.actor,
            facts=self.facts,
            happened_at=self.happened_at,
            recorded_at=self.recorded_at,
        )


class Delivery(models.Model):
    """A reaction that has had its effect; what makes a second delivery do nothing."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    reaction = models.CharField(max_length=96)
    refusal = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "reaction"], name="delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} of {self.entry_id}"
