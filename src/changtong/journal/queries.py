from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from changtong.infra import hot
from changtong.infra.hot import Compiled, Slot
from changtong.journal import domain, subscriptions
from changtong.journal.models import Batch, Delivery, Entry


CHUNK = 5_000


def timeline(subject: str) -> QuerySet[Entry]:
    """Return what happened to a subject, oldest first."""
    return Entry.objects.filter(subject=subject).order_by("id")


def told_of_each(subject: str, tags: Sequence[str]) -> ArraySubquery:
    """Return entries with these tags for each row of a query, whose column names the subject."""
    told = Entry.objects.filter(subject=OuterRef(subject), tag__in=tags).order_by("id")
    one = JSONObject(tag="tag", actor="actor", at="happened_at", facts="facts")
    return ArraySubquery(told.values(told=one))


def latest() -> QuerySet[Entry]:
    """Return all entries, newest first."""
    return Entry.objects.order_by("-id")


def last_written() -> int:
    """Return the identifier of the latest entry, or 0."""
    return Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def written_since(after: int, awaited: Sequence[int]) -> list[tuple[int, str, str]]:
    """
    Return identifier, tag and subject of the entries after one, in order, at most a thousand.

    :param awaited: earlier identifiers that had not been committed when they were passed over
    """
    found = _written(after=after)
    if awaited:
        found = _appeared(awaited=list(awaited)) + found
    return found


SINCE_AT_MOST = 1_000
_written = Compiled(
    lambda: (
        Entry.objects.filter(id__gt=Slot("after"))
        .order_by("id")
        .values_list("id", "tag", "subject")[:SINCE_AT_MOST]
    )
)
_appeared = Compiled(
    lambda: (
        Entry.objects.filter(hot.among("id", Slot("awaited")))
        .order_by("id")
        .values_list("id", "tag", "subject")
    )
)


def batches_between(first: Batch, last: Batch, *, at_most: int) -> list[Batch] | None:
    """Return the chain from one batch to another, or None if it is longer than that."""
    if first == last:
        return [first]
    found = Batch.objects.filter(last_id__gte=first.last_id, last_id__lte=last.last_id)
    chain = list(found.order_by("last_id")[: at_most + 1])
    return chain if len(chain) <= at_most else None


def batches_ending(last_ids: Iterable[int]) -> QuerySet[Batch]:
    """Return the batches with these last entries, in order."""
    return Batch.objects.filter(last_id__in=list(last_ids)).order_by("last_id")


def published_seals(last_ids: Iterable[int] | None = None) -> dict[int, str]:
    """Return the published seals by last entry, of these batches or of all."""
    wanted = None if last_ids is None else set(last_ids)
    found: dict[int, str] = {}
    for line in _published():
        _, last_id, seal = line.split()
        if wanted is None or int(last_id) in wanted:
            found[int(last_id)] = seal
    return found


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry, and the way from its leaf to the root of the batch that it was sealed in."""

    entry: Entry
    batch: Batch
    path: tuple[tuple[str, str], ...]


def proofs_of(entries: Iterable[Entry]) -> list[Proof]:
    """
    Return the proof of each entry, in order.

    :raises ValueError: if an entry is not sealed
    """
    proofs: list[Proof] = []
    batch: Batch | None = None
    for entry in sorted(entries, key=lambda entry: entry.pk):
        if batch is None or entry.pk > batch.last_id:
            batch = _batch.first(entry=entry.pk)
        if entry.seal is None or batch is None:
            raise ValueError(f"entry {entry.pk} is not sealed")
        ids, levels = _tree(batch.seal, batch.first_id, batch.last_id)
        path = domain.path_in(levels, bisect_left(ids, entry.pk))
        proofs.append(Proof(entry, batch, tuple(path)))
    return proofs


_batch = Compiled(lambda: Batch.objects.filter(last_id__gte=Slot("entry")).order_by("last_id")[:1])


# Case files closed together share batches, and a sealed batch never changes.
@lru_cache(maxsize=16)
def _tree(seal: str, first_id: int, last_id: int) -> tuple[list[int], list[list[str]]]:
    rows = list(_rows(after=first_id - 1, until=last_id))
    return [row.id for row in rows], domain.merkle_levels([row.leaf for row in rows])


def outstanding(entry: Entry) -> list[str]:
    """Return the reactions to an entry that have not had their effect yet."""
    done = Delivery.objects.filter(entry=entry).values_list("reaction", flat=True)
    return sorted(set(subscriptions.names_for(entry.tag)) - set(done))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What a check of the whole journal found; `reason` is empty when all is well.

    :param first_bad_entry: the first that does not fit; for a whole batch its first entry
    """

    entries: int
    batches: int
    last_seal: str
    first_bad_entry: int | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        return not self.reason


def verification() -> Verdict:
    """Recompute every seal from the first entry on; compare with the stored and the published."""
    check = _Check()
    try:
        check.run()
    except _Unsound as found:
        return check.verdict(entry=found.entry, reason=found.reason)
    return check.verdict()


class _Unsound(Exception):  # noqa: N818 - it is what the check looks for
    def __init__(self, entry: int, reason: str) -> None:
        super().__init__(reason)
        self.entry = entry
        self.reason = reason


class _Check:
    """One walk through entries, batches and published seals, side by side."""

    def __init__(self) -> None:
        self.entries = 0
        self.batches = 0
        self.chain = domain.GENESIS
        self.last_seal = domain.GENESIS

    def verdict(self, *, entry: int | None = None, reason: str = "") -> Verdict:
        return Verdict(
            entries=self.entries,
            batches=self.batches,
            last_seal=self.last_seal,
            first_bad_entry=entry,
            reason=reason,
        )

    def run(self) -> None:
        # What is sealed while the check runs is left for the next one.
        last = Batch.objects.order_by("-last_id").values_list("last_id", flat=True).first() or 0
        lines = _published()
        rows = _rows(after=0, until=last)
        row = next(rows, None)
        for batch in _batches(until=last):
            leaves: list[str] = []
            ends_at = 0
            while row is not None and row.id <= batch.last_id:
                self._follow(row, batch=batch, first=not leaves)
                leaves.append(row.leaf)
                ends_at = row.id
                row = next(rows, None)
            self._close(batch, leaves, ends_at=ends_at)
            self._compare(batch, next(lines, None))
        self._look_beyond(last, lines)

    def _follow(self, row: _Row, *, batch: Batch, first: bool) -> None:
        if row.id < batch.first_id:
            raise _Unsound(row.id, "entry_outside_batches")
        if first and row.id != batch.first_id:
            raise _Unsound(batch.first_id, "entry_missing")
        if row.seal is None:
            raise _Unsound(row.id, "entry_unsealed")
        self.chain = domain.chained(self.chain, row.leaf)
        if row.seal != self.chain:
            raise _Unsound(row.id, "entry_changed")
        self.entries += 1

    def _close(self, batch: Batch, leaves: list[str], *, ends_at: int) -> None:
        if ends_at != batch.last_id:
            raise _Unsound(batch.last_id, "entry_missing")
        root = domain.merkle_root(leaves)
        sound = (
            batch.previous == self.last_seal
            and batch.root == root
            and batch.count == len(leaves)
            and batch.seal == batch.expected_seal(root=root)
        )
        if not sound:
            raise _Unsound(batch.first_id, "batch_changed")
        self.last_seal = batch.seal
        self.batches += 1

    def _compare(self, batch: Batch, line: str | None) -> None:
        if line is None:
            raise _Unsound(batch.first_id, "seal_not_published")
        if line != batch.published_line():
            raise _Unsound(batch.first_id, "published_seal_differs")

    def _look_beyond(self, last: int, lines: Iterator[str]) -> None:
        newest = Batch.objects.order_by("-last_id").values("last_id")[:1]
        beyond = Entry.objects.filter(
            pk__gt=Coalesce(Subquery(newest), 0), seal__isnull=False
        ).order_by("pk")
        extra = beyond.first()
        if extra is not None:
            raise _Unsound(extra.pk, "entry_outside_batches")
        later = (batch.published_line() for batch in _batches(after=last))
        for line in lines:
            if line != next(later, None):
                raise _Unsound(last + 1, "entries_removed")


def _batches(*, after: int = 0, until: int | None = None) -> Iterator[Batch]:
    while True:
        found = Batch.objects.filter(last_id__gt=after).order_by("last_id")
        page = list((found.filter(last_id__lte=until) if until is not None else found)[:CHUNK])
        if not page:
            return
        yield from page
        after = page[-1].last_id


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    leaf: str
    seal: str | None


# Rows and not models, in pages by key, with instants as they are hashed: reading is most of the
# time that a check takes, and this halves it.
_ROWS = """
SELECT id, tag, subject, actor, facts::text, seal,
       to_char(happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM journal_entry WHERE id > %s AND id <= %s ORDER BY id LIMIT %s
"""


def _rows(*, after: int, until: int) -> Iterator[_Row]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, [after, until, CHUNK])
            page = cursor.fetchall()
        for id_, tag, subject, actor, facts, seal, happened_at, recorded_at in page:
            line = domain.written(
                id_=id_,
                tag=tag,
                subject=subject,
                actor=actor,
                facts=json.loads(facts),
                happened_at=happened_at,
                recorded_at=recorded_at,
            )
            yield _Row(id_, domain.leaf_of(line), seal)
        if len(page) < CHUNK:
            return
        after = page[-1][0]


def _published() -> Iterator[str]:
    """Yield the published lines; a repeated one, from two sealers at once, only once."""
    path = Path(settings.SEALS_FILE)
    if not path.is_file():
        return
    before = ""
    with path.open(encoding="ascii", errors="replace") as file:
        for line in file:
            if line != before:
                yield line
            before = line
