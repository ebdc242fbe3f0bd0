"""Index the queue of one region, and what waits for acceptance or assignment."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


UNFINISHED = [
    "accepted",
    "acknowledged",
    "assigned",
    "held",
    "in_progress",
    "pending",
    "resolved",
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                OpClass("region_path", "varchar_pattern_ops"),
                models.F("due_at"),
                condition=models.Q(state__in=UNFINISHED),
                name="ticket_queue_of_region",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(state__in=["acknowledged", "accepted"]),
                fields=["state", "due_at", "id"],
                name="ticket_waiting",
            ),
        ),
    ]
