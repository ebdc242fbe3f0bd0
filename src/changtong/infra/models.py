from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class OperationKey(models.Model):
    """The answer given to a mutating request, so that a repetition gets the same answer."""

    actor = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="operation_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="operation_key_age")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class Heartbeat(models.Model):
    """A sign of life of a process; what readiness and the sweeper look at."""

    name = models.CharField(max_length=64, unique=True)
    beaten_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
