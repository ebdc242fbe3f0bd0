"""What is only written travels with what is asked next, or with the commit, and not later."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from changtong.infra import hot
from changtong.infra.models import OperationKey


pytestmark = pytest.mark.django_db


def key(name: str) -> OperationKey:
    return OperationKey(actor="staff:1", key=name, fingerprint="f", status=200, body=b"\x00\xff")


@transaction.atomic
def write_and_fail(name: str) -> None:
    hot.write([key(name)])
    raise ZeroDivisionError


def names() -> list[str]:
    return list(OperationKey.objects.order_by("pk").values_list("key", flat=True))


def test_rows_of_one_transaction_are_one_statement_and_stand_before_the_next():
    with CaptureQueriesContext(connection) as asked:
        hot.write([key("one")])
        hot.write([key("two"), key("three")])
        assert len(asked) == 0
        found = names()

    assert found == ["one", "two", "three"]
    assert len(asked) == 2


def test_a_prepared_statement_meets_them_too():
    hot.write([key("one")])

    assert hot.rows("SELECT count(*) FROM infra_operationkey WHERE key = %s", ["one"]) == [(1,)]


def test_bytes_and_what_the_database_adds_are_as_saving_would_have_written_them():
    hot.write([key("one")])

    stored = OperationKey.objects.get()
    assert (bytes(stored.body), stored.headers, stored.status) == (b"\x00\xff", {}, 200)
    assert stored.created_at is not None


def test_what_is_undone_to_a_savepoint_is_not_written_and_what_came_before_is():
    hot.write([key("before")])
    with pytest.raises(ZeroDivisionError):
        write_and_fail("undone")

    assert names() == ["before"]


def test_a_constraint_speaks_at_the_end_of_the_part_that_broke_it():
    hot.write([key("one")])
    with pytest.raises(IntegrityError, match="operation_key_once"), transaction.atomic():
        hot.write([key("one")])

    assert names() == ["one"]


@pytest.mark.django_db(transaction=True)
def test_the_commit_takes_them_along():
    with transaction.atomic():
        hot.write([key("one")])
    with pytest.raises(ZeroDivisionError):
        write_and_fail("undone")
    with pytest.raises(IntegrityError), transaction.atomic():
        hot.write([key("one")])

    assert names() == ["one"]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_waits():
    hot.write([key("one")])

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM infra_operationkey")
        assert cursor.fetchone() == (1,)


def test_after_a_failure_the_connection_answers_again():
    with pytest.raises(IntegrityError), transaction.atomic():
        hot.rows("INSERT INTO infra_operationkey (actor) VALUES (%s) RETURNING id", ["staff:1"])

    assert hot.rows("SELECT %s::int + 1", [1]) == [(2,)]


def test_much_is_sent_and_received_without_either_side_waiting_for_ever():
    text = "畅通" * 2_000_000

    assert hot.rows("SELECT %s::text, %s::text", [text, text]) == [(text, text)]
