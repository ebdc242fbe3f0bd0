from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from changtong.journal import operations as journal
from changtong.journal import subscriptions
from changtong.journal.models import Batch, Delivery, Entry
from changtong.kernel.errors import Refused


pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def heard(monkeypatch):
    """Let reactions to `thing.happened` be registered for one test only."""
    monkeypatch.setattr(subscriptions, "_by_tag", subscriptions.defaultdict(list))
    monkeypatch.setattr(subscriptions, "_by_name", {})
    received = []

    @subscriptions.reacts_to("thing.happened")
    def hear(entry: Entry) -> None:
        received.append(entry.pk)

    return received


def tell(subject: str = "thing:1", **facts: object) -> None:
    with transaction.atomic():
        journal.record(tag="thing.happened", subject=subject, actor="system:test", at=AT, **facts)


def record(**facts: object) -> Entry:
    tell(**facts)
    return Entry.objects.latest("pk")


def jobs() -> list[tuple[str, dict]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args::text FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def test_an_entry_says_what_happened_and_defers_its_reactions(heard) -> None:
    entry = record(colour="蓝")

    stored = Entry.objects.get(pk=entry.pk)
    assert (stored.tag, stored.subject, stored.actor) == (
        "thing.happened",
        "thing:1",
        "system:test",
    )
    assert (stored.facts, stored.happened_at, stored.seal) == ({"colour": "蓝"}, AT, None)
    assert [name.rsplit(".", 1)[1] for name, _ in jobs()] == ["hear"]


def test_a_change_that_is_rolled_back_leaves_no_entry_and_no_job(heard) -> None:
    with transaction.atomic():
        record()
        transaction.set_rollback(True)

    assert (Entry.objects.count(), jobs()) == (0, [])


def test_replayed_history_defers_nothing(heard) -> None:
    with journal.without_reactions():
        record()

    assert (Entry.objects.count(), jobs()) == (1, [])


def test_a_reaction_delivered_twice_has_its_effect_once(heard) -> None:
    entry = record()
    (name,) = subscriptions.names_for("thing.happened")

    subscriptions.deliver(name=name, entry=entry.pk)
    subscriptions.deliver(name=name, entry=entry.pk)

    assert heard == [entry.pk]
    assert Delivery.objects.get().refusal == ""


def test_a_refused_reaction_is_undone_kept_and_not_tried_again(heard) -> None:
    attempts = []

    @subscriptions.reacts_to("thing.happened")
    def refuse(entry: Entry) -> None:
        attempts.append(entry.pk)
        journal.record(tag="thing.undone", subject="thing:1", actor="system:test", at=AT)
        raise Refused("thing.impossible")

    entry = record()
    name = subscriptions.names_for("thing.happened")[1]

    subscriptions.deliver(name=name, entry=entry.pk)
    subscriptions.deliver(name=name, entry=entry.pk)

    assert attempts == [entry.pk]
    assert Delivery.objects.get().refusal == "thing.impossible"
    assert not Entry.objects.filter(tag="thing.undone").exists()


def test_a_reaction_that_fails_is_not_taken_for_delivered(heard) -> None:
    @subscriptions.reacts_to("thing.happened")
    def fail(entry: Entry) -> None:
        raise OSError("the network is gone")

    entry = record()
    name = subscriptions.names_for("thing.happened")[1]

    with pytest.raises(OSError, match="gone"):
        subscriptions.deliver(name=name, entry=entry.pk)

    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET actor = 'staff:9'",
        "UPDATE journal_entry SET facts = '{}'",
        "UPDATE journal_entry SET happened_at = now()",
        "UPDATE journal_entry SET recorded_at = now() + interval '1 s'",
        "UPDATE journal_entry SET id = 0",
        "UPDATE journal_entry SET seal = NULL",
        f"UPDATE journal_entry SET seal = '{'0' * 64}'",
        "DELETE FROM journal_entry",
        "UPDATE journal_batch SET sealed_at = now()",
        "DELETE FROM journal_batch",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(statement: str) -> None:
    record(colour="蓝")
    journal.seal_pending(at=AT)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize("table", ["journal_entry", "journal_batch"])
def test_the_database_refuses_to_empty_the_journal(table: str) -> None:
    connection.cursor().execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_emptied")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_an_unsealed_entry_may_only_be_given_its_seal() -> None:
    entry = record()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(tag="thing.else")

    assert Entry.objects.filter(pk=entry.pk).update(seal="0" * 64) == 1
    assert Batch.objects.count() == 0


def test_what_is_gathered_is_written_at_the_end_in_its_order(heard) -> None:
    with transaction.atomic(), journal.gathered():
        tell("thing:1")
        with journal.gathered():
            tell("thing:2")
        tell("thing:3")
        assert not Entry.objects.exists()

    written = list(Entry.objects.order_by("pk").values_list("subject", flat=True))
    assert written == ["thing:1", "thing:2", "thing:3"]
    assert len(jobs()) == 3


@transaction.atomic
def gather_and_refuse(subject: str) -> None:
    with journal.gathered():
        tell(subject)
        raise Refused("thing.refused")


def test_what_is_undone_inside_is_not_told(heard) -> None:
    with transaction.atomic(), journal.gathered():
        tell("thing:1")
        with pytest.raises(Refused):
            gather_and_refuse("thing:2")
    with pytest.raises(Refused):
        gather_and_refuse("thing:3")

    assert list(Entry.objects.values_list("subject", flat=True)) == ["thing:1"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_gathered_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError), journal.gathered():
        tell()
