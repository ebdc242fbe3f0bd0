"""Statements compiled once give what the ORM gives, for every value and in every form."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from tests.factories.intake import AT, build_town, report

from changtong.catalog.models import Region
from changtong.infra import hot
from changtong.infra.db import attempt
from changtong.infra.hot import Compiled, Slot
from changtong.parties.models import Line
from changtong.tickets import queries
from changtong.tickets.models import LogEntry, Ticket
from changtong.tickets.operations import opening


pytestmark = pytest.mark.django_db

LOCKED = Compiled(lambda: Region.objects.select_for_update().filter(code=Slot("code")))
LINES = Compiled(lambda: Line.objects.filter(number=Slot("number")).select_related("customer"))
CODES = Compiled(lambda: Region.objects.filter(code=Slot("code")).values_list("code", "name"))


def test_a_compiled_query_returns_rows_with_what_is_joined():
    town = build_town()

    found = LINES.first(number="KD0001")

    assert found == town.line
    with CaptureQueriesContext(connection) as asked:
        assert found.customer.name == "王芳"
    assert len(asked) == 0


def test_the_same_compiled_query_answers_for_other_values():
    build_town()

    assert [LINES.first(number=number) is None for number in ("KD0001", "KD0002", "KD0001")] == [
        False,
        True,
        False,
    ]


def test_values_come_as_tuples():
    build_town()

    assert CODES(code="410105") == [("410105", "金水区")]


def test_a_value_is_a_value_and_never_part_of_the_statement():
    build_town()

    assert LINES(number="KD0001' OR '1'='1") == []


def test_statements_are_counted_and_shown_like_any_other():
    with CaptureQueriesContext(connection) as asked:
        CODES(code="410105")

    assert len(asked) == 1
    assert asked[0]["sql"].startswith("SELECT")


def ticket(town, **changes):
    return opening.open_ticket(
        report=report(**changes), region=town.region, line=town.line, actor="phone:1", at=AT
    )


def test_an_inserted_row_is_what_saving_it_would_have_written():
    town = build_town()
    quotes = 'He said "no\\yes"\n\t第二行 \u2028 {"a": [1]} \x7f'

    new = ticket(town, description=quotes)

    stored = Ticket.objects.get(pk=new.pk)
    # JSON knows no tuples.
    new.decisions = json.loads(json.dumps(new.decisions))
    for field in Ticket._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(new, field.attname), field.name
    assert stored.description == quotes
    assert not new._state.adding


def test_rows_inserted_together_get_their_own_keys():
    new = ticket(build_town())
    rows = [
        LogEntry(ticket=new, type="note", text=text, actor="staff:1", happened_at=AT)
        for text in ("one", "two", "three")
    ]

    hot.insert(rows)

    stored = dict(LogEntry.objects.values_list("pk", "text"))
    assert {row.pk: row.text for row in rows} == stored
    assert len(stored) == 3


def test_a_constraint_refuses_an_inserted_row_as_it_would_any_other():
    new = ticket(build_town())
    row = LogEntry(ticket=new, type="note", text="", actor="staff:1", happened_at=AT)

    with pytest.raises(IntegrityError, match="log_entry_says_something"), transaction.atomic():
        hot.insert([row])


def test_saved_fields_are_written_and_the_others_are_left_alone():
    new = ticket(build_town())
    new.title, new.address = "改 'quoted' \\", "not to be written"
    new.resolved_at, new.decisions = AT, [{"about": "category", "why": {"chosen": True}}]

    with CaptureQueriesContext(connection) as asked:
        new.save(update_fields=["title", "resolved_at", "decisions", "customer"])

    assert len(asked) == 1
    stored = Ticket.objects.get(pk=new.pk)
    for name in ("title", "resolved_at", "decisions", "customer_id"):
        assert getattr(stored, name) == getattr(new, name), name
    assert stored.address != new.address


def test_rows_updated_together_get_their_own_values():
    new = ticket(build_town())
    rows = [
        LogEntry(ticket=new, type="note", text=text, actor="staff:1", happened_at=AT)
        for text in ("one", "two")
    ]
    hot.insert(rows)
    for row in rows:
        row.text += "!"

    hot.update(rows, ["text"])

    assert set(LogEntry.objects.values_list("text", flat=True)) == {"one!", "two!"}


def test_what_does_not_exist_or_is_no_value_cannot_be_updated():
    new = ticket(build_town())

    new.reopened_count = F("reopened_count") + 1
    with pytest.raises(TypeError, match="not JSON serializable"):
        new.save(update_fields=["reopened_count"])

    new.reopened_count, new.pk = 1, 0
    with pytest.raises(DatabaseError, match="0 of 1 rows"):
        new.save(update_fields=["reopened_count"])


@pytest.mark.django_db(transaction=True)
def test_a_compiled_lock_wants_a_transaction_every_time():
    with transaction.atomic():
        LOCKED(code="none")

    with pytest.raises(TransactionManagementError):
        LOCKED(code="none")


def test_what_is_kept_is_read_once_and_written_once():
    number = ticket(build_town()).number

    with CaptureQueriesContext(connection) as asked, hot.kept():
        for title in ("one", "two"):
            found = queries.locked(number)
            found.title = title
            found.save(update_fields=["title"])
        found.address = "新址"
        found.save(update_fields=["address"])
        assert Ticket.objects.get(number=number).title != "two"

    assert len(asked) == 3
    stored = Ticket.objects.get(number=number)
    assert (stored.title, stored.address) == ("two", "新址")


def test_a_part_that_is_undone_takes_nothing_else_with_it():
    number = ticket(build_town()).number

    def rename(title):
        found = queries.locked(number)
        found.title = title
        found.save(update_fields=["title"])

    with hot.kept():
        rename("before")
        with suppress(ValueError), hot.kept(), attempt():
            rename("undone")
            raise ValueError
        assert queries.locked(number).title == "before"
        with hot.kept(), attempt():
            rename("done")
        assert queries.locked(number).title == "done"

    assert Ticket.objects.get(number=number).title == "done"
