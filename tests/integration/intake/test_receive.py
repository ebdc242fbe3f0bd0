from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from tests.factories import people
from tests.factories.intake import AT, PHONE, Town, build_town, report

from changtong.intake import operations, queries
from changtong.intake.models import Contact
from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused
from changtong.parties import operations as parties
from changtong.parties.queries import viewer_of_phone
from changtong.tickets.models import LogEntry, Ticket


AGENT = "staff:1"


def receive(**changes):
    fields = {"report": report(), "actor": AGENT, "at": AT, "line_number": "KD0001"}
    return operations.receive(**fields | changes)


def test_a_report_about_a_known_line_becomes_a_ticket_with_one_contact(town: Town) -> None:
    received = receive()

    ticket = received.ticket
    assert (received.joined, received.known) == (False, False)
    assert (ticket.line, ticket.customer, ticket.region) == (town.line, town.customer, town.region)
    contact = queries.contacts_of(ticket).get()
    assert (contact.channel, contact.matched, contact.joined) == ("phone", True, False)
    assert (contact.phone, contact.actor, contact.received_at) == (PHONE, AGENT, AT)


def test_the_callers_number_leads_to_the_customer_and_their_only_line(town: Town) -> None:
    ticket = receive(line_number="").ticket

    assert (ticket.customer, ticket.line) == (town.customer, town.line)


def test_an_only_line_of_another_family_is_not_the_one_meant(town: Town) -> None:
    ticket = receive(line_number="", report=report(family="mobile")).ticket

    assert (ticket.customer, ticket.line) == (town.customer, None)


def test_a_stranger_is_placed_by_the_region_they_name(town: Town) -> None:
    stranger = report(contact_phone="13999990000")

    ticket = receive(report=stranger, line_number="", region_code="４１０１０５").ticket

    assert (ticket.customer, ticket.region) == (None, town.region)
    assert queries.contacts_of(ticket).get().matched is False


def test_without_any_place_the_report_is_refused_and_nothing_is_kept(town: Town) -> None:
    stranger = report(contact_phone="13999990000")

    with pytest.raises(Refused, match=r"intake\.region_unknown"):
        receive(report=stranger, line_number="", region_code="999999")

    assert (Ticket.objects.count(), Contact.objects.count()) == (0, 0)


def test_an_unknown_line_is_missing(town: Town) -> None:
    with pytest.raises(Missing, match=r"line\.unknown"):
        receive(line_number="KD9999")


def test_a_phone_finds_a_foreign_line_as_little_as_one_that_does_not_exist(town: Town) -> None:
    stranger = report(contact_phone="13999990000")

    with pytest.raises(Missing) as foreign:
        receive(report=stranger, actor="phone:13999990000")
    with pytest.raises(Missing) as absent:
        receive(report=stranger, actor="phone:13999990000", line_number="KD9999")

    assert foreign.value.code == absent.value.code == "line.unknown"


def test_the_same_matter_is_offered_and_not_silently_doubled(town: Town) -> None:
    first = receive().ticket

    with pytest.raises(Refused) as refused:
        receive(at=AT + timedelta(hours=1))

    assert refused.value.code == "intake.same_matter"
    assert refused.value.clause == "3.2"
    assert refused.value.facts == {"numbers": [first.number], "hidden": 0}
    assert (Ticket.objects.count(), Contact.objects.count()) == (1, 1)
    assert queries.same_matter_offer(viewer_of_phone(PHONE), [first.number]) == [first]
    assert queries.same_matter_offer(viewer_of_phone("13999990000"), [first.number]) == []


def test_a_foreign_tickets_number_is_told_to_nobody_who_cannot_see_it(town: Town) -> None:
    people.district("410311", "洛龙区")
    there = {"line_number": "", "region_code": "410311"}
    near = people.viewer(people.staff("near", "agent", region="410105"))
    far = people.viewer(people.staff("far", "agent", region="410311"))
    first = receive(report=report(contact_phone="13912345678"), **there).ticket
    again = {"report": report(contact_phone="13912345678"), **there}

    with pytest.raises(Refused) as in_sight:
        receive(actor=far.actor, viewer=far, **again)
    with pytest.raises(Refused) as foreign:
        receive(actor=near.actor, viewer=near, **again)
    with pytest.raises(Refused) as joining:
        receive(actor=near.actor, viewer=near, same_as=first.number, **again)
    proved = receive(actor="phone:13912345678", same_as=first.number, **again)

    assert in_sight.value.facts == {"numbers": [first.number], "hidden": 0}
    assert (foreign.value.code, foreign.value.facts) == (
        "intake.same_matter_hidden",
        {"hidden": 1},
    )
    assert joining.value.code == "intake.not_offered"
    assert proved.joined
    assert receive(actor=near.actor, viewer=near, anyway=True, **again).ticket != first


def test_joining_adds_a_contact_and_a_public_word_to_the_same_ticket(town: Town) -> None:
    first = receive().ticket
    again = report(channel="web", description="现在仍然不通")

    received = receive(
        report=again, same_as=first.number, actor=f"phone:{PHONE}", at=AT + timedelta(hours=1)
    )

    assert (received.ticket, received.joined) == (first, True)
    assert [(c.channel, c.joined) for c in queries.contacts_of(first)] == [
        ("phone", False),
        ("web", True),
    ]
    word = LogEntry.objects.get(ticket=first)
    assert (word.type, word.text, word.public) == ("message", "现在仍然不通", True)
    assert Entry.objects.filter(tag="contact.joined", subject=first.number).count() == 1
    assert Ticket.objects.count() == 1


def test_a_second_call_that_an_agent_writes_down_is_not_our_first_response(town: Town) -> None:
    first = receive().ticket

    receive(same_as=first.number, at=AT + timedelta(hours=1))

    first.refresh_from_db()
    assert first.responded_at is None


def test_another_matter_on_the_same_line_is_opened_anyway(town: Town) -> None:
    first = receive().ticket

    second = receive(anyway=True).ticket

    assert second.number != first.number
    assert Ticket.objects.count() == 2


def test_after_the_window_the_same_words_are_a_new_matter(town: Town) -> None:
    receive()

    assert receive(at=AT + timedelta(hours=48, seconds=1)).joined is False
    assert Ticket.objects.count() == 2


def test_only_an_offered_ticket_can_be_joined(town: Town) -> None:
    receive()

    with pytest.raises(Refused, match=r"intake\.not_offered"):
        receive(same_as="GD20200101-000001")

    assert Contact.objects.count() == 1


def test_the_same_reference_is_received_once(town: Town) -> None:
    referenced = report(source="legacy", source_reference="A-1")
    first = receive(report=referenced)

    second = receive(report=referenced)

    assert (second.ticket, second.known, second.joined) == (first.ticket, True, False)
    assert (Ticket.objects.count(), Contact.objects.count()) == (1, 1)


def test_the_same_reference_of_another_source_is_another_contact(town: Town) -> None:
    receive(report=report(source="legacy", source_reference="A-1"))

    receive(report=report(source="other", source_reference="A-1"), anyway=True)

    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "wish"}, "report.kind_unknown"),
        ({"channel": "pigeon"}, "report.channel_unknown"),
        ({"family": "telegraph"}, "report.family_unknown"),
        ({"contact_phone": "12"}, "report.phone_invalid"),
        ({"contact_email": "nobody"}, "report.email_invalid"),
        ({"address": "路" * 161}, "report.too_long"),
        ({"title": "", "description": "  "}, "report.untitled"),
        ({"contact_phone": ""}, "report.unreachable"),
        ({"category": "no.such"}, "category.unknown"),
    ],
)
def test_a_report_that_cannot_be_kept_is_refused(town: Town, changes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        receive(report=report(**changes))

    assert refused.value.code == code
    assert Ticket.objects.count() == 0


def test_receiving_takes_few_statements(town: Town) -> None:
    receive(at=AT - timedelta(days=30))

    with CaptureQueriesContext(
        connection,
    ) as captured:
        receive()

    statements = [query["sql"] for query in captured.captured_queries]
    own = [
        s
        for s in statements
        if "intake_" in s or "parties_line" in s or "pg_advisory_xact_lock(" in s
    ]
    assert len(own) == 2
    assert len(statements) <= 16, "\n".join(s[:90] for s in statements)


@pytest.mark.django_db(transaction=True)
def test_two_reports_of_one_matter_at_the_same_instant_make_one_ticket() -> None:
    build_town()

    def attempt(_: int) -> str:
        try:
            return receive().ticket.number
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(attempt, range(12)))

    assert answers.count("intake.same_matter") == 11
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_reference_received_by_two_at_the_same_instant_is_one_contact() -> None:
    build_town()
    referenced = report(source="legacy", source_reference="A-1")

    def attempt(_: int) -> str:
        try:
            return receive(report=referenced, anyway=True).ticket.number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        numbers = set(pool.map(attempt, range(12)))

    assert len(numbers) == 1
    assert (Ticket.objects.count(), Contact.objects.count()) == (1, 1)


def test_a_customer_with_two_lines_is_not_guessed_at(town: Town) -> None:
    parties.connect_line(
        number="KD0002",
        customer=town.customer,
        service_code="bb500",
        address="经三路 1 号",
        region_code="410105",
        actor="system:test",
        at=AT,
    )

    ticket = receive(line_number="").ticket

    assert (ticket.customer, ticket.line) == (town.customer, None)
