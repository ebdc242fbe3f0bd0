from __future__ import annotations

from django.db import models


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
