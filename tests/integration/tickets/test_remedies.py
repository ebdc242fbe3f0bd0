"""What a broken limit owes is proposed with its sum, and a person decides."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.factories import people
from tests.factories.intake import AT, build_town, report

from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.tickets import queries
from changtong.tickets.models import Ticket
from changtong.tickets.operations import closing, opening, remedying, working


pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def town():
    town = build_town()
    town.line.monthly_rent = Decimal("129.00")
    town.line.save(update_fields=["monthly_rent"])
    return town


def resolved(town, *, after: timedelta, cause="optical_cable") -> Ticket:
    ticket = opening.open_ticket(
        report=report(category="fault.broadband.no_link"),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="phone:13800001111",
        at=AT,
    )
    if ticket.state == "acknowledged":
        opening.accept(number=ticket.number, category=ticket.category, actor="staff:1", at=AT)
    agent = people.staff("agent", "agent")
    team = people.team("desk", agent)
    working.assign(
        number=ticket.number,
        team_id=team.pk,
        assignee_id=agent.pk,
        clause="6.1",
        actor="system:dispatch",
        at=AT,
    )
    working.start(number=ticket.number, actor="staff:1", at=AT)
    closing.resolve(
        number=ticket.number,
        cause=cause,
        fix="spliced",
        result="已修复",
        advice="",
        actor="staff:1",
        at=AT + after,
    )
    return Ticket.objects.get(pk=ticket.pk)


def proposed(ticket, *, after: timedelta):
    found = remedying.propose(number=ticket.number, actor="system:tickets", at=AT + after)
    return {one.code: one for one in found}


def test_a_late_repair_proposes_rent_and_payment_with_their_arithmetic(town):
    ticket = resolved(town, after=4 * DAY)

    found = proposed(ticket, after=4 * DAY)

    assert found["rent_waived"].amount == Decimal("17.20")
    assert found["rent_waived"].terms == [
        {
            "of": "monthly_rent",
            "each": "4.3000",
            "per": "fault_day",
            "days": "4",
            "amount": "17.20",
        }
    ]
    assert found["rent_waived"].clause == "13.6"
    assert found["repair_late"].amount == 30
    assert {one.state for one in found.values()} == {"proposed"}


def test_a_repair_in_time_owes_nothing(town):
    ticket = resolved(town, after=timedelta(hours=1))
    assert proposed(ticket, after=timedelta(hours=1)) == {}


def test_looking_again_changes_and_tells_nothing(town):
    ticket = resolved(town, after=4 * DAY)
    proposed(ticket, after=4 * DAY)
    before = journal.timeline(ticket.number).count()
    proposed(ticket, after=9 * DAY)
    assert journal.timeline(ticket.number).count() == before


def test_the_customers_own_terminal_owes_nothing_and_withdraws_what_was_proposed(town):
    ticket = resolved(town, after=4 * DAY)
    proposed(ticket, after=4 * DAY)
    ticket.resolutions.update(cause="terminal_customer")

    found = proposed(ticket, after=4 * DAY)

    assert {one.state for one in found.values()} == {"withdrawn"}


def test_a_person_accepts_and_the_journal_keeps_the_sum(town):
    ticket = resolved(town, after=4 * DAY)
    proposed(ticket, after=4 * DAY)

    remedy = remedying.accept(
        number=ticket.number, code="rent_waived", actor="staff:7", at=AT + 5 * DAY
    )

    assert (remedy.state, remedy.settled_by) == ("accepted", "staff:7")
    entry = journal.timeline(ticket.number).last()
    assert (entry.tag, entry.facts["amount"]) == ("remedy.accepted", "17.20")
    assert proposed(ticket, after=9 * DAY)["rent_waived"].state == "accepted"
    assert queries.contents_of(ticket).remedies


def test_what_was_decided_is_not_decided_again(town):
    ticket = resolved(town, after=4 * DAY)
    proposed(ticket, after=4 * DAY)
    remedying.decline(
        number=ticket.number, code="repair_late", reason="已另行减免", actor="staff:7", at=AT
    )
    with pytest.raises(Refused, match=r"remedy\.settled"):
        remedying.accept(number=ticket.number, code="repair_late", actor="staff:7", at=AT)


def test_turning_it_down_needs_a_reason(town):
    ticket = resolved(town, after=4 * DAY)
    proposed(ticket, after=4 * DAY)
    with pytest.raises(Refused, match=r"remedy\.unreasoned"):
        remedying.decline(
            number=ticket.number, code="repair_late", reason=" ", actor="staff:7", at=AT
        )


def test_a_rent_that_nobody_knows_is_asked_for(town):
    town.line.monthly_rent = None
    town.line.save(update_fields=["monthly_rent"])
    ticket = resolved(town, after=4 * DAY)
    assert proposed(ticket, after=4 * DAY)["rent_waived"].amount is None
    decide = {"number": ticket.number, "code": "rent_waived", "actor": "staff:7", "at": AT}

    with pytest.raises(Refused, match=r"remedy\.without_base"):
        remedying.accept(**decide)

    assert remedying.accept(**decide, base=Decimal(60)).amount == Decimal("8.00")


def test_nothing_is_granted_while_the_fault_lasts(town):
    ticket = resolved(town, after=4 * DAY)
    proposed(ticket, after=4 * DAY)
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=None, state="in_progress")
    with pytest.raises(Refused, match=r"remedy\.not_final"):
        remedying.accept(number=ticket.number, code="rent_waived", actor="staff:7", at=AT)


def test_a_remedy_that_is_not_there_is_missing(town):
    ticket = resolved(town, after=timedelta(hours=1))
    with pytest.raises(Missing, match=r"remedy\.unknown"):
        remedying.accept(number=ticket.number, code="rent_waived", actor="staff:7", at=AT)
