from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.types.json import Jsonb

from changtong.infra.db import Lock, exclusive
from changtong.journal import domain, subscriptions
from changtong.journal.models import Batch, Entry
from changtong.kernel.time import require_aware


SEAL_WAIT_MS = 200
BATCH_AT_MOST = 10_000

_reactions_deferred: ContextVar[bool] = ContextVar("reactions_deferred", default=True)

# One statement and one round trip: the shared lock is taken before the identifier is drawn, so
# the sealer, who takes it exclusively, never meets a lower identifier that is still in flight.
_RECORD = """
WITH sealer_away AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%(lock)s)),
entry AS (
    INSERT INTO journal_entry (tag, subject, actor, facts, happened_at)
    SELECT %(tag)s, %(subject)s, %(actor)s, %(facts)s, %(happened_at)s FROM sealer_away
    RETURNING id, recorded_at
),
deferred AS (
    SELECT procrastinate_defer_jobs_v1(ARRAY(
        SELECT ROW(%(queue)s, reaction, 0, NULL, NULL,
                   jsonb_build_object('entry', entry.id), NULL)::procrastinate_job_to_defer_v1
        FROM unnest(%(reactions)s::text[]) AS reaction
    )) FROM entry WHERE cardinality(%(reactions)s::text[]) > 0
)
SELECT entry.id, entry.recorded_at, (SELECT count(*) FROM deferred) FROM entry
"""


def record(*, tag: str, subject: str, actor: str, at: datetime, **facts: object) -> Entry:
    """
    Write down what just happened and defer the reactions to it, in the caller's transaction.

    :raises RuntimeError: outside a transaction, where the entry could outlive a failed change
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an entry belongs to the transaction of its change")
    entry = Entry(
        tag=tag, subject=subject, actor=actor, facts=facts, happened_at=require_aware(at)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            {
                "lock": int(Lock.JOURNAL),
                "tag": tag,
                "subject": subject,
                "actor": actor,
                "facts": Jsonb(facts),
                "happened_at": entry.happened_at,
                "queue": subscriptions.QUEUE,
                "reactions": subscriptions.names_for(tag) if _reactions_deferred.get() else [],
            },
        )
        entry.pk, entry.recorded_at, _ = cursor.fetchone()
    entry._state.adding = False  # noqa: SLF001 - the row exists; Django did not write it
    entry._state.db = connection.alias  # noqa: SLF001
    return entry


@contextmanager
def without_reactions() -> Iterator[None]:
    """
    Record without causing reactions, for replaying history.

    A log of last year must not send last year's messages today; whoever replays performs the
    consequences itself, at their own times.
    """
    token = _reactions_deferred.set(False)
    try:
        yield
    finally:
        _reactions_deferred.reset(token)


def seal_pending(*, at: datetime) -> int:
    """
    Chain and seal all entries that have none yet; return how many there were.

    Does nothing, to be tried again soon, while a slow writer holds the journal.
    """
    sealed = 0
    while batch := _seal_batch(at=at):
        sealed += batch.count
        _publish(batch)
        if batch.count < BATCH_AT_MOST:
            break
    return sealed


def _seal_batch(*, at: datetime) -> Batch | None:
    with exclusive(Lock.JOURNAL, wait_ms=SEAL_WAIT_MS) as alone:
        if not alone:
            return None
        entries = list(Entry.objects.filter(seal__isnull=True).order_by("id")[:BATCH_AT_MOST])
        if not entries:
            return None
        last = Batch.objects.order_by("-last_id").first()
        before = (
            Entry.objects.filter(pk__lt=entries[0].pk).order_by("-pk").values_list("seal").first()
        )
        leaves = [entry.line().leaf() for entry in entries]
        seal = before[0] if before and before[0] else domain.GENESIS
        for entry, leaf in zip(entries, leaves, strict=True):
            entry.seal = seal = domain.chained(seal, leaf)
        _store_seals(entries)
        return _chain(entries=entries, leaves=leaves, last=last, at=at)


def _chain(*, entries: list[Entry], leaves: list[str], last: Batch | None, at: datetime) -> Batch:
    previous = last.seal if last else domain.GENESIS
    root = domain.merkle_root(leaves)
    first_id, last_id, count = entries[0].pk, entries[-1].pk, len(entries)
    return Batch.objects.create(
        first_id=first_id,
        last_id=last_id,
        count=count,
        root=root,
        previous=previous,
        seal=domain.batch_seal(
            previous=previous, root=root, first_id=first_id, last_id=last_id, count=count
        ),
        sealed_at=at,
    )


def _store_seals(entries: list[Entry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_entry AS e SET seal = s.seal"
            " FROM unnest(%s::bigint[], %s::text[]) AS s (id, seal) WHERE e.id = s.id",
            [[entry.pk for entry in entries], [entry.seal for entry in entries]],
        )


def _publish(batch: Batch) -> None:
    # Outside the database, append-only: whoever rewrites the tables cannot rewrite this as well
    # without access to another file, printer or machine that the operator points it to.
    path = Path(settings.SEALS_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = f"{domain.instant(batch.sealed_at)} {batch.last_id} {batch.seal}\n"
    with path.open("a", encoding="ascii") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
