from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from changtong.journal import domain
from changtong.journal.models import Batch, Delivery, Entry


CHUNK = 5_000


def timeline(subject: str) -> QuerySet[Entry]:
    """Return what happened to a subject, oldest first."""
    return Entry.objects.filter(subject=subject).order_by("id")


def latest() -> QuerySet[Entry]:
    """Return all entries, newest first."""
    return Entry.objects.order_by("-id")


def batches_over(entry_ids: list[int]) -> list[Batch]:
    """Return the batches that hold these sealed entries, in order."""
    if not entry_ids:
        return []
    return list(
        Batch.objects.filter(last_id__gte=min(entry_ids), first_id__lte=max(entry_ids)).order_by(
            "last_id"
        )
    )


def leaves_of(batch: Batch) -> dict[int, str]:
    """Return the Merkle leaf of every entry of a batch, in order."""
    rows = Entry.objects.filter(pk__gte=batch.first_id, pk__lte=batch.last_id).order_by("pk")
    return {entry.pk: entry.line().leaf() for entry in rows.iterator(CHUNK)}


def refused_deliveries() -> QuerySet[Delivery]:
    """Return the reactions that a rule refused, newest first."""
    return Delivery.objects.exclude(refusal="").select_related("entry").order_by("-id")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole journal found; `reason` is empty when all is well."""

    entries: int
    batches: int
    last_seal: str
    first_bad_entry: int | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        return not self.reason


def verification() -> Verdict:
    """Recompute every seal from the first entry on and compare with what is stored."""
    entries = 0
    batches = 0
    chain = domain.GENESIS
    previous = domain.GENESIS
    rows = iter(_sealed())
    for batch in Batch.objects.order_by("last_id").iterator(CHUNK):
        leaves: list[str] = []
        for _ in range(batch.count):
            entry = next(rows, None)
            if entry is None or entry.pk > batch.last_id:
                bad = batch.last_id if entry is None else entry.pk
                return Verdict(entries, batches, previous, bad, "entry_missing")
            leaf = entry.line().leaf()
            chain = domain.chained(chain, leaf)
            if entry.seal != chain:
                return Verdict(entries, batches, previous, entry.pk, "entry_changed")
            leaves.append(leaf)
            entries += 1
        expected = domain.batch_seal(
            previous=previous,
            root=domain.merkle_root(leaves),
            first_id=batch.first_id,
            last_id=batch.last_id,
            count=batch.count,
        )
        if batch.previous != previous or batch.seal != expected:
            return Verdict(entries, batches, previous, batch.first_id, "batch_changed")
        previous = batch.seal
        batches += 1
    extra = next(rows, None)
    if extra is not None:
        return Verdict(entries, batches, previous, extra.pk, "entry_outside_batches")
    return _compared_with_published(Verdict(entries, batches, previous))


def _sealed() -> Iterator[Entry]:
    return Entry.objects.filter(seal__isnull=False).order_by("pk").iterator(CHUNK)


def _compared_with_published(verdict: Verdict) -> Verdict:
    path = Path(settings.SEALS_FILE)
    if not path.is_file():
        return verdict
    known = dict(Batch.objects.values_list("last_id", "seal"))
    for line in path.read_text(encoding="ascii").splitlines():
        _, last_id, seal = line.split(" ")
        if known.get(int(last_id)) != seal:
            return Verdict(
                verdict.entries,
                verdict.batches,
                verdict.last_seal,
                int(last_id),
                "published_seal_differs",
            )
    return verdict
