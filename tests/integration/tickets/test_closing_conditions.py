"""Of whatever kind, each condition of closing can be met by somebody on a resolved ticket."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.factories import people
from tests.factories.intake import AT, build_town, report

from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.standard.domain import words
from changtong.tickets import queries
from changtong.tickets.domain import closing as rules
from changtong.tickets.operations import closing, opening, working


BY = {"actor": "staff:1"}
CATEGORIES = {
    "service_request": "request.change.plan",
    "fault": "fault.broadband.no_link",
    "complaint": "complaint.service.attitude",
    "enquiry": "enquiry.how_to",
}


def after(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


@pytest.fixture
def town(db):
    return build_town()


def in_progress(town, kind):
    edition = standard.read(town.edition.pk)
    known = {one.code for one in edition.leaves(kind=kind)}
    category = CATEGORIES[kind] if CATEGORIES[kind] in known else min(known)
    ticket = opening.open_ticket(
        report=report(kind=kind, category=category),
        region=town.region,
        customer=town.customer,
        line=town.line,
        by_agent=True,
        actor="staff:1",
        at=AT,
    )
    agent = people.staff(f"agent-{kind}", "agent")
    working.assign(
        number=ticket.number,
        team_id=None,
        assignee_id=agent.pk,
        clause="6.1",
        at=after(1),
        **BY,
    )
    working.start(number=ticket.number, at=after(2), **BY)
    return queries.locked(ticket.number)


def resolve(ticket, minutes=10, **changes):
    edition = standard.read(ticket.edition_id)
    causes, fixes = edition.causes(kind=ticket.kind), edition.fixes(kind=ticket.kind)
    given = {
        "cause": causes[0].code if causes else "",
        "fix": fixes[0].code if fixes else "",
        "result": "好了",
        "advice": "",
        "retest_passed": False,
        **changes,
    }
    closing.resolve(number=ticket.number, at=after(minutes), **given, **BY)
    return queries.locked(ticket.number)


def unmet(ticket):
    conditions = standard.read(ticket.edition_id).closing_conditions(kind=ticket.kind)
    ticket = queries.locked(ticket.number)
    found = rules.unmet(conditions=conditions, situation=queries.situation(ticket))
    return {one.code for one in found}


def log(ticket, type_, minutes, **details):
    working.log(
        number=ticket.number, type_=type_, text="x", details=details, at=after(minutes), **BY
    )


@pytest.mark.parametrize("kind", words.KINDS)
def test_every_condition_can_be_met_after_resolving(town, kind):
    ticket = resolve(in_progress(town, kind))
    number = {"number": ticket.number}
    remedies = {
        "retest_passed": lambda: log(ticket, "retest", 11, passed=True),
        "answer_delivered": lambda: log(ticket, "answer", 12),
        "applicant_told": lambda: closing.tell(**number, at=after(13), **BY),
        "applicant_confirmed_or_silent": lambda: closing.confirm(**number, at=after(14), **BY),
        "evaluation_requested": lambda: closing.request_evaluation(**number, at=after(15), **BY),
    }
    while lacking := sorted(unmet(ticket)):
        before = set(lacking)
        remedies[lacking[0]]()
        assert unmet(ticket) < before
    assert closing.close(**number, at=after(20), **BY).state == "closed"


@pytest.mark.parametrize("kind", ["service_request", "fault", "complaint"])
def test_a_result_that_could_never_be_closed_is_refused_and_names_the_conditions(town, kind):
    ticket = in_progress(town, kind)
    asked = {
        one.code for one in standard.read(ticket.edition_id).closing_conditions(kind=kind)
    } & {"cause_coded", "fix_coded"}
    with pytest.raises(Refused) as refused:
        resolve(ticket, cause="", fix="")
    assert refused.value.code == "resolution.incomplete"
    assert set(refused.value.facts["conditions"]) == asked
    assert refused.value.clause in {"10.2", "10.3"}
    assert queries.locked(ticket.number).state == "in_progress"


def test_the_last_retest_decides(town):
    ticket = resolve(in_progress(town, "fault"))
    log(ticket, "retest", 11, passed=True)
    log(ticket, "retest", 12, passed=False)
    assert "retest_passed" in unmet(ticket)
    log(ticket, "retest", 13, passed=True)
    assert "retest_passed" not in unmet(ticket)


def test_a_retest_made_before_resolving_counts_and_one_before_refusing_does_not(town):
    ticket = in_progress(town, "fault")
    log(ticket, "retest", 5, passed=True)
    ticket = resolve(ticket)
    assert "retest_passed" not in unmet(ticket)
    closing.refuse(number=ticket.number, reason="又断了", at=after(20), actor="phone:1")
    working.start(number=ticket.number, at=after(21), **BY)
    ticket = resolve(ticket, minutes=30)
    assert "retest_passed" in unmet(ticket)


def test_whoever_accepts_a_result_knows_it(town):
    ticket = resolve(in_progress(town, "fault"))
    closing.confirm(number=ticket.number, at=after(11), actor="phone:1")
    assert queries.locked(ticket.number).told_at == after(11)


def test_nobody_is_told_a_result_that_is_not_there(town):
    ticket = in_progress(town, "enquiry")
    with pytest.raises(Refused, match=r"ticket\.not_resolved"):
        closing.tell(number=ticket.number, at=after(11), **BY)
