"""A fault of the customer's own terminal is owed no repair by the law (电信条例 §32)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.intake import AT, build_town
from tests.integration.tickets.test_remedies import resolved

from changtong.clocks import queries as clocks
from changtong.tickets.operations import remedying


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


def repair(ticket, basis):
    return next(
        c for c in clocks.of(ticket.number) if (c.metric, c.basis) == ("restoration", basis)
    )


def test_its_legal_clock_is_void_with_the_result_as_evidence(town):
    ticket = resolved(town, after=timedelta(days=4), cause="terminal_customer")

    law = repair(ticket, "legal")

    assert (law.state, law.void_reason, law.void_evidence) == ("void", "cause", "已修复")
    assert repair(ticket, "promise").state == "stopped"
    assert remedying.propose(number=ticket.number, actor="system:tickets", at=AT) == []


def test_another_cause_leaves_it(town):
    ticket = resolved(town, after=timedelta(hours=1))
    assert repair(ticket, "legal").state == "stopped"
