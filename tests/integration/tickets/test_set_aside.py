"""A ticket that waits is taken up where it stood, and by what it waits for alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.factories.intake import AT, build_town, report

from changtong.clocks import queries as clocks
from changtong.kernel.errors import Refused
from changtong.tickets import queries
from changtong.tickets.operations import asking, opening, pausing, working


pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    town = build_town()
    return opening.open_ticket(
        report=report(title="有个问题", description=""),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="phone:13800001111",
        at=AT,
    )


def after(hours: float) -> datetime:
    return AT + timedelta(hours=hours)


def ask(ticket):
    return asking.ask(number=ticket.number, question="哪里？", actor="staff:7", at=after(0.1))


def unchanged(ticket):
    found = queries.locked(ticket.number)
    running = {clock.metric for clock in clocks.of(ticket.number) if clock.state == "paused"}
    return found.state, found.supplements.filter(answered_at=None).count(), sorted(running)


@pytest.mark.parametrize(
    "do",
    [
        lambda of: opening.accept(
            number=of.number, category="fault.broadband.no_link", actor="staff:7", at=after(1)
        ),
        lambda of: pausing.resume(number=of.number, actor="staff:7", at=after(1)),
        lambda of: working.start(number=of.number, actor="staff:7", at=after(1)),
    ],
    ids=["accept", "resume", "start"],
)
def test_an_open_question_is_not_passed_over(ticket, do):
    ask(ticket)
    before = unchanged(ticket)

    with pytest.raises(Refused) as refused:
        do(ticket)

    assert refused.value.code == "ticket.cannot_move"
    assert before[:2] == ("pending", 1)
    assert unchanged(ticket) == before


def test_the_answer_takes_it_up_and_then_it_can_be_accepted(ticket):
    ask(ticket)

    asking.answer(number=ticket.number, text="家里", actor="phone:13800001111", at=after(1))
    accepted = opening.accept(
        number=ticket.number, category="fault.broadband.no_link", actor="staff:7", at=after(1.5)
    )

    assert accepted.state == "accepted"
    assert unchanged(ticket) == ("accepted", 0, [])


def test_without_an_answer_in_time_it_may_be_rejected_and_not_before(ticket):
    asked = ask(ticket)
    reject = {"number": ticket.number, "reason": "not_supplied", "actor": "staff:7"}

    with pytest.raises(Refused) as refused:
        opening.reject(**reject, at=asked.due_at - timedelta(seconds=1))
    assert (refused.value.code, refused.value.clause) == ("rejection.too_early", asked.clause)

    rejected = opening.reject(**reject, at=asked.due_at)

    assert (rejected.state, rejected.finished_because) == ("rejected", "not_supplied")
    assert {clock.state for clock in clocks.of(ticket.number)} == {"void"}


def test_what_was_never_asked_is_not_rejected_for_lacking_it(ticket):
    with pytest.raises(Refused) as refused:
        opening.reject(number=ticket.number, reason="not_supplied", actor="staff:7", at=after(100))

    assert refused.value.code == "rejection.too_early"


def test_an_accepted_ticket_that_waits_is_not_rejected(ticket):
    opening.accept(
        number=ticket.number, category="fault.broadband.no_link", actor="staff:7", at=AT
    )
    ask(ticket)

    with pytest.raises(Refused) as refused:
        opening.reject(number=ticket.number, reason="duplicate", actor="staff:7", at=after(1))

    assert refused.value.code == "ticket.cannot_move"
    assert queries.locked(ticket.number).state == "pending"
