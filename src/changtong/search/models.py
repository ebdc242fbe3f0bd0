from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


# Every search looks for each kind by itself, in an index that holds no other. What was written
# last waits in a list that each search reads too, so it is kept short: 1 MB is some hundred
# documents.
WORDS: list[models.Index] = [
    GinIndex(
        fields=["words"],
        name=f"document_words_{kind}",
        condition=models.Q(kind=kind),
        fastupdate=True,
        gin_pending_list_limit=1024,
    )
    for kind in ("ticket", "message", "customer", "article", "line")
]


class Document(models.Model):
    """What can be found, in its words; it can be made again from what it stands for."""

    kind = models.CharField(max_length=12)
    # The row of the context that it stands for.
    source_id = models.BigIntegerField()
    number = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    # People's names, apart from the rest, since they are found by their pinyin too.
    names = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    open = models.BooleanField(default=False)
    # Everything that decides what is found, who may find it and how it is narrowed.
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id"], name="document_once"),
        ]
        indexes = WORDS

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"


class Rebuilding(models.Model):
    """How far the documents of a kind have been made again; it is gone when all are."""

    kind = models.CharField(max_length=12, unique=True)
    begun_at = models.DateTimeField()
    # Everything up to this key is done.
    done_to = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} up to {self.done_to}"
