"""Find the lines on a piece of the network and on all its parts, whatever the collation."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("parties", "0005_customer_email_index")]

    operations = [
        AddIndexConcurrently(
            model_name="line",
            index=models.Index(
                fields=["access_resource"],
                name="line_access_below",
                opclasses=["text_pattern_ops"],
            ),
        ),
        RemoveIndexConcurrently(model_name="line", name="line_access_resource"),
    ]
