from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("clocks", "0002_widen_within")]

    operations = [
        AddIndexConcurrently(
            "clock",
            models.Index(
                fields=["edition", "clause", "stopped_at"],
                name="clock_kept",
                condition=models.Q(state="stopped", breached_at__isnull=True),
            ),
        ),
    ]
