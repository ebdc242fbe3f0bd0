"""Who asks is made sure of where the standard requires it, and what they agree to is kept."""

from __future__ import annotations

import pytest
from tests.factories import intake as factory

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.intake.operations.assuring import NOBODY_ASKED, Assured
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused


pytestmark = pytest.mark.django_db


@pytest.fixture
def ask():
    """Return a function that takes a change of owner in."""
    town = factory.build_town()

    def received(channel="phone", assured=NOBODY_ASKED):
        report = factory.report(
            kind="service_request", category="request.change.owner", channel=channel
        )
        found = intake.receive(
            report=report,
            line_number=town.line.number,
            actor="staff:1",
            at=now(),
            anyway=True,
            by_agent=True,
            assured=assured,
        )
        return found.ticket

    return received


def told(ticket):
    entries = journal.timeline(ticket.number)
    return [
        (one.tag, one.facts["choice"], one.facts["clause"])
        for one in entries
        if one.tag in {"identity.checked", "consent.noted"}
    ]


@pytest.mark.parametrize("method", ["", "calling_number"])
def test_without_the_check_that_the_standard_asks_for_nothing_is_opened(ask, method):
    with pytest.raises(Refused) as refused:
        ask(assured=Assured(method))

    assert (refused.value.code, refused.value.clause) == ("identity.unverified", "4.1")
    assert refused.value.facts["names"] == ["查验有效证件原件"]


def test_what_was_checked_and_agreed_to_is_in_the_journal_of_the_case(ask):
    ticket = ask("counter", Assured("document", ["callback", "recording"]))

    assert told(ticket) == [
        ("identity.checked", "document", "4.1"),
        ("consent.noted", "recording", "23.6"),
        ("consent.noted", "callback", "23.6"),
    ]


def test_where_nobody_can_ask_or_the_standard_does_not_nothing_is_required(ask):
    assert told(ask()) == []
    assert told(ask("email", Assured(""))) == []


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (Assured("face"), "identity.method_unknown"),
        (Assured("document", ["all"]), "consent.unknown"),
    ],
)
def test_what_the_standard_does_not_know_is_refused(ask, how, code):
    with pytest.raises(Refused) as refused:
        ask(assured=how)

    assert refused.value.code == code
