"""Let a search of one kind read no posting of the others; the old index goes last."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("search", "0002_catch_up")]

    operations = [
        *(
            AddIndexConcurrently(
                model_name="document",
                index=GinIndex(
                    fields=["words"],
                    name=f"document_words_{kind}",
                    condition=models.Q(kind=kind),
                    fastupdate=True,
                    gin_pending_list_limit=1024,
                ),
            )
            for kind in ("ticket", "message", "customer", "article", "line")
        ),
        RemoveIndexConcurrently(model_name="document", name="document_words"),
    ]
