"""What is expected is answered on the way of what is asked before it, and never too early."""

from __future__ import annotations

import pytest
from django.db import transaction
from tests.factories.intake import AT, build_town, report

from changtong.catalog.models import Region
from changtong.infra import hot
from changtong.infra.db import one_transaction
from changtong.infra.hot import Compiled, Slot
from changtong.infra.models import OperationKey
from changtong.infra.postgres.channel import Channel
from changtong.intake import operations
from changtong.standard import queries as standard
from changtong.tickets.models import Ticket


pytestmark = pytest.mark.django_db

NAME = Compiled(lambda: Region.objects.filter(code=Slot("code")).values_list("name"))
KEYS = Compiled(lambda: OperationKey.objects.filter(actor=Slot("actor")).values_list("key"))


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many statements went in each round trip."""
    made: list[int] = []
    ask = Channel.ask

    def counted(self: Channel, asked):
        made.append(len(asked))
        return ask(self, asked)

    monkeypatch.setattr(Channel, "ask", counted)
    return made


def key(name: str) -> OperationKey:
    return OperationKey(actor="staff:1", key=name, fingerprint="f", status=200, body=b"")


def test_two_questions_travel_together(trips):
    build_town()
    trips.clear()

    NAME.expect(code="410105")

    assert hot.rows("SELECT 1") == [(1,)]
    assert NAME(code="410105") == [("金水区",)]
    assert trips == [2]


def test_another_value_is_another_question(trips):
    build_town()
    trips.clear()

    NAME.expect(code="410105")
    hot.rows("SELECT 1")

    assert NAME(code="41") == []
    assert trips == [2, 1]


def test_an_answer_is_given_once_and_not_after_another_statement(trips):
    build_town()
    trips.clear()
    NAME.expect(code="410105")
    hot.rows("SELECT 1")
    Region.objects.filter(code="410105").update(name="新区")

    assert NAME(code="410105") == [("新区",)]


def test_an_answer_is_not_older_than_what_was_written_since(trips):
    KEYS.expect(actor="staff:1")
    hot.rows("SELECT 1")
    hot.write([key("one")])

    assert KEYS(actor="staff:1") == [("one",)]


def test_what_is_asked_itself_is_not_asked_twice(trips):
    build_town()
    trips.clear()

    NAME.expect(code="410105")

    assert NAME(code="410105") == [("金水区",)]
    assert trips == [1]


@pytest.mark.django_db(transaction=True)
def test_an_expectation_ends_with_its_transaction(trips):
    with transaction.atomic():
        NAME.expect(code="410105")
    with transaction.atomic():
        NAME.expect(code="410105")
        transaction.set_rollback(True)

    assert hot.rows("SELECT 1") == [(1,)]
    assert trips[-1] == 1


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_expected(trips):
    NAME.expect(code="410105")

    assert hot.rows("SELECT 1") == [(1,)]
    assert trips == [1]


def test_a_report_about_a_line_takes_three_trips_until_it_is_written(trips):
    standard.read(build_town().edition.pk)
    trips.clear()

    with one_transaction():
        received = operations.receive(
            report=report(), line_number="KD0001", actor="staff:1", at=AT
        )
        # Edition and line; what is unfinished there; number and history.
        assert trips == [2, 1, 2]

    assert Ticket.objects.get().number == received.ticket.number
