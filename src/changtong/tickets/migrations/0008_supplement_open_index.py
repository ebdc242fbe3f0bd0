"""Index what each colleague still awaits an answer to."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0007_log_entry_minutes")]

    operations = [
        AddIndexConcurrently(
            model_name="supplement",
            index=models.Index(
                fields=["asked_by"],
                condition=models.Q(answered_at=None),
                name="asked_by_open",
            ),
        ),
    ]
