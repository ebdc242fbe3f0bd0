"""Whoever changes the journal behind its back is found out, and the first bad entry is named."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, connections, transaction

from changtong.journal import domain, operations, queries
from changtong.journal.models import Batch, Entry


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
BATCHES = 8
PER_BATCH = 12
TAMPERINGS = 300


def write(count: int, *, at: datetime = AT) -> None:
    with transaction.atomic():
        for i in range(count):
            operations.record(
                tag="thing.happened",
                subject=f"thing:{i % 5}",
                actor="staff:1",
                at=at,
                serial=i,
                说="好",
            )


@pytest.fixture
def journal(db: None) -> None:
    """Fill the journal with sealed and published batches and disarm its triggers."""
    for i in range(BATCHES):
        write(PER_BATCH)
        operations.seal_pending(at=AT + timedelta(minutes=i))
        operations.publish_seals()
    for table in ("journal_entry", "journal_batch"):
        connection.cursor().execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_an_untouched_journal_is_sound(journal: None) -> None:
    verdict = queries.verification()

    assert verdict.sound
    assert (verdict.entries, verdict.batches) == (BATCHES * PER_BATCH, BATCHES)
    assert verdict.last_seal == Batch.objects.latest("last_id").seal


def test_an_empty_journal_is_sound(db: None) -> None:
    assert queries.verification() == queries.Verdict(
        entries=0, batches=0, last_seal=domain.GENESIS
    )


def test_what_is_not_yet_sealed_is_left_for_later(journal: None) -> None:
    write(3)

    assert queries.verification().entries == BATCHES * PER_BATCH


def test_sealing_again_changes_nothing(journal: None, seals_file: Path) -> None:
    before = seals_file.read_bytes()

    assert operations.seal_pending(at=AT) == 0
    assert operations.publish_seals() == 0
    assert seals_file.read_bytes() == before


def test_nothing_is_sealed_before_it_was_recorded(journal: None) -> None:
    write(1)
    operations.seal_pending(at=AT - timedelta(days=365))

    batch = Batch.objects.latest("last_id")
    assert batch.sealed_at == Entry.objects.get(pk=batch.last_id).recorded_at


def test_a_proof_leads_from_every_entry_to_the_root_of_its_batch(journal: None) -> None:
    proofs = queries.proofs_of(queries.timeline("thing:3"))

    assert [proof.entry.subject for proof in proofs] == ["thing:3"] * len(proofs)
    assert all(
        domain.root_from_path(proof.entry.line().leaf(), proof.path) == proof.batch.root
        for proof in proofs
    )


def test_an_unsealed_entry_has_no_proof(journal: None) -> None:
    write(1)

    with pytest.raises(ValueError, match="not sealed"):
        queries.proofs_of(queries.latest()[:1])


# ---------------------------------------------------------------------------------------
# Tampering
# ---------------------------------------------------------------------------------------

# Each way takes a source of chance and returns the entries that may be named for it, and why.
Named = tuple[set[int], set[str]]


def ids() -> list[int]:
    return list(Entry.objects.order_by("pk").values_list("pk", flat=True))


def execute(statement: str, *parameters: object) -> None:
    connection.cursor().execute(statement, parameters)


def edit_entry(chance: random.Random) -> Named:
    pk = chance.choice(ids())
    change = chance.choice(
        [
            "tag = tag || 'x'",
            "subject = 'thing:9'",
            "actor = 'staff:2'",
            "facts = facts || '{\"serial\": 1000}'",
            "facts = facts - 'serial'",
            "happened_at = happened_at + interval '1 microsecond'",
            "recorded_at = recorded_at - interval '1 microsecond'",
            "seal = md5(seal) || md5(seal)",
        ]
    )
    execute(f"UPDATE journal_entry SET {change} WHERE id = %s", pk)
    return {pk}, {"entry_changed"}


def unseal_entry(chance: random.Random) -> Named:
    pk = chance.choice(ids())
    execute("UPDATE journal_entry SET seal = NULL WHERE id = %s", pk)
    return {pk}, {"entry_unsealed"}


def delete_entry(chance: random.Random) -> Named:
    pk = chance.choice(ids())
    execute("DELETE FROM journal_entry WHERE id = %s", pk)
    # Numbers have gaps, so within a batch only the entry after the gap shows that one is gone.
    return {pk, pk + 1}, {"entry_changed", "entry_missing"}


def swap_entries(chance: random.Random) -> Named:
    first, second = sorted(chance.sample(ids(), 2))
    for content in ("tag", "facts", "happened_at", "recorded_at", "subject"):
        execute(
            f"UPDATE journal_entry a SET {content} = b.{content} FROM journal_entry b"
            " WHERE (a.id, b.id) IN ((%s, %s), (%s, %s))",
            *(first, second, second, first),
        )
    return {first}, {"entry_changed"}


def insert_entry(chance: random.Random) -> Named:
    # There is no free number inside, so the later ones are moved up by one.
    pk = chance.choice(ids())
    execute("UPDATE journal_entry SET id = -id - 1 WHERE id >= %s", pk)
    execute("UPDATE journal_entry SET id = -id WHERE id < 0")
    execute(
        "INSERT INTO journal_entry (id, tag, subject, actor, facts, happened_at, seal)"
        " VALUES (%s, 'thing.happened', 'thing:1', 'staff:1', '{}', now(), %s)",
        pk,
        chance.choice([None, "1" * 64]),
    )
    return {pk}, {"entry_changed", "entry_unsealed"}


def edit_batch(chance: random.Random) -> Named:
    batch = chance.choice(list(Batch.objects.order_by("last_id")))
    change = chance.choice(
        [
            "root = md5(root) || md5(root)",
            "seal = md5(seal) || md5(seal)",
            "previous = md5(previous) || md5(previous)",
            "count = count + 1",
            "sealed_at = sealed_at + interval '1 second'",
            "first_id = first_id - 1",
            "last_id = last_id - 1",
        ]
    )
    execute(f"UPDATE journal_batch SET {change} WHERE id = %s", batch.pk)
    named = {batch.first_id, batch.first_id - 1, batch.last_id}
    return named, {"batch_changed", "entry_missing"}


def delete_batch(chance: random.Random) -> Named:
    batch = chance.choice(list(Batch.objects.order_by("last_id")))
    execute("DELETE FROM journal_batch WHERE id = %s", batch.pk)
    return {batch.first_id}, {"entry_outside_batches"}


def cut_off_the_tail(chance: random.Random) -> Named:
    kept = chance.randrange(BATCHES)
    last = Batch.objects.order_by("last_id")[kept - 1].last_id if kept else 0
    execute("DELETE FROM journal_entry WHERE id > %s", last)
    execute("DELETE FROM journal_batch WHERE last_id > %s", last)
    return {last + 1}, {"entries_removed"}


def chain_everything_again(chance: random.Random) -> Named:
    """Change one entry and compute every seal of the database anew, as its owner could."""
    pk = chance.choice(ids())
    execute("UPDATE journal_entry SET actor = 'staff:2' WHERE id = %s", pk)
    batches = list(Batch.objects.order_by("last_id"))
    hit = next(batch for batch in batches if pk <= batch.last_id)
    execute("DELETE FROM journal_batch")
    execute("UPDATE journal_entry SET seal = NULL")
    chain, last = domain.GENESIS, None
    for batch in batches:
        entries = list(
            Entry.objects.filter(pk__gte=batch.first_id, pk__lte=batch.last_id).order_by("pk")
        )
        leaves = [entry.line().leaf() for entry in entries]
        operations._store_seals(entries, leaves, after=last)
        last = operations._chain(entries=entries, leaves=leaves, last=last, at=batch.sealed_at)
        assert chain is not None
    return {hit.first_id}, {"published_seal_differs"}


WAYS: tuple[Callable[[random.Random], Named], ...] = (
    edit_entry,
    edit_entry,
    edit_entry,
    unseal_entry,
    delete_entry,
    swap_entries,
    insert_entry,
    edit_batch,
    delete_batch,
    cut_off_the_tail,
    chain_everything_again,
)


def test_three_hundred_tamperings_are_all_found_and_the_first_bad_entry_is_named(
    journal: None,
) -> None:
    chance = random.Random(20261124)
    missed = []
    for _ in range(TAMPERINGS):
        way = chance.choice(WAYS)
        undo = transaction.savepoint()
        named, reasons = way(chance)
        verdict = queries.verification()
        if verdict.first_bad_entry not in named or verdict.reason not in reasons:
            missed.append((way.__name__, verdict, named, reasons))
        transaction.savepoint_rollback(undo)

    assert missed == []
    assert queries.verification().sound


def test_a_seals_file_that_is_gone_is_noticed(journal: None, seals_file: Path) -> None:
    seals_file.unlink()

    verdict = queries.verification()

    assert (verdict.reason, verdict.first_bad_entry) == ("seal_not_published", ids()[0])


def test_a_seal_that_was_not_published_before_a_crash_is_published_later(
    journal: None, seals_file: Path
) -> None:
    whole = seals_file.read_bytes()
    seals_file.write_bytes(whole[:-30])

    operations.publish_seals()

    assert seals_file.read_bytes() == whole
    assert queries.verification().sound


def test_an_entry_smuggled_in_below_the_last_seal_is_never_sealed(journal: None) -> None:
    gap = ids()[5]
    execute("DELETE FROM journal_entry WHERE id = %s", gap)
    execute(
        "INSERT INTO journal_entry (id, tag, subject, actor, facts, happened_at)"
        " VALUES (%s, 'thing.happened', 'thing:1', 'staff:1', '{}', now())",
        gap,
    )

    assert operations.seal_pending(at=AT) == 0
    assert queries.verification().first_bad_entry == gap


# ---------------------------------------------------------------------------------------
# Many at once
# ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_sealing_beside_many_writers_leaves_no_gap() -> None:
    writers, each = 6, 60
    done = Event()

    def write_slowly(writer: int) -> None:
        chance = random.Random(writer)
        for _ in range(each):
            with transaction.atomic():
                operations.record(tag="thing.happened", subject="thing:1", actor="staff:1", at=AT)
                connection.cursor().execute("SELECT pg_sleep(%s)", [chance.random() / 100])
                if chance.random() < 0.1:
                    transaction.set_rollback(True)
        connections.close_all()

    def seal() -> int:
        sealed = 0
        while not done.wait(0.005):
            sealed += operations.seal_pending(at=AT)
        connections.close_all()
        return sealed

    with ThreadPoolExecutor(writers + 2) as pool:
        sealers = [pool.submit(seal) for _ in range(2)]
        list(pool.map(write_slowly, range(writers)))
        done.set()
        sealed = sum(sealer.result() for sealer in sealers)
    sealed += operations.seal_pending(at=AT)

    written = Entry.objects.count()
    assert written > writers * each * 0.8
    assert sealed == written
    assert Batch.objects.count() > 3
    assert not Entry.objects.filter(seal=None).exists()
    verdict = queries.verification()
    assert verdict.sound, verdict


@pytest.mark.django_db(transaction=True)
def test_a_slow_writer_puts_sealing_off_instead_of_stopping_everybody() -> None:
    recorded, release = Event(), Event()

    def write_and_wait() -> None:
        with transaction.atomic():
            operations.record(tag="thing.happened", subject="thing:1", actor="staff:1", at=AT)
            recorded.set()
            release.wait(10)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write_and_wait)
        recorded.wait(10)
        while_busy = operations.seal_pending(at=AT)
        release.set()
        writer.result()

    assert while_busy == 0
    assert operations.seal_pending(at=AT) == 1


@pytest.mark.performance
def test_verification_reads_many_entries_a_second(db: None, record_property) -> None:
    import time

    write(20_000)
    started = time.perf_counter()
    operations.seal_pending(at=AT)
    sealed_in = time.perf_counter() - started
    operations.publish_seals()

    started = time.perf_counter()
    verdict = queries.verification()
    seconds = time.perf_counter() - started

    record_property("sealed_per_s", round(20_000 / sealed_in))
    record_property("verified_per_s", round(verdict.entries / seconds))
    assert verdict.sound
    assert verdict.entries / seconds > 10_000
