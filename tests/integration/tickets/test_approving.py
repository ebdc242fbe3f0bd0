"""A pause that a second person must approve: what the clocks do until then, and after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import people
from tests.factories.intake import AT, build_town, report

from changtong.clocks import operations as clockwork
from changtong.clocks import queries as clocks
from changtong.feedback.models import Notice
from changtong.feedback.operations import noticing
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused
from changtong.tickets import queries
from changtong.tickets.models import PauseRequest, Remedy
from changtong.tickets.operations import (
    approving,
    asking,
    opening,
    pausing,
    remedying,
    working,
)


pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LEADER = "staff:99999"


@pytest.fixture
def town():
    return build_town()


@pytest.fixture
def leader(town):
    return people.staff("leader", "leader")


@pytest.fixture
def agent(town):
    return people.staff("agent", "agent")


@pytest.fixture
def number(town, leader, agent):
    """Return the number of a P2 fault: restored within 8 h, and 48 h by law."""
    ticket = opening.open_ticket(
        report=report(category="fault.broadband.no_link", impact="group", urgency="high"),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="staff:1",
        at=AT,
    )
    if ticket.state == "acknowledged":
        opening.accept(number=ticket.number, category=ticket.category, actor="staff:1", at=AT)
    working.assign(
        number=ticket.number,
        team_id=people.team("desk", leader, agent).pk,
        assignee_id=agent.pk,
        clause="6.1",
        actor="system:dispatch",
        at=AT,
    )
    return ticket.number


@pytest.fixture
def ask(number, agent):
    def asked(hours, **changes):
        given = {"reason": "force_majeure", "note": "暴雨，道路中断", "actor": agent.actor}
        return approving.request(number=number, at=AT + hours * HOUR, **{**given, **changes})

    return asked


def approve(number, hours, actor=LEADER):
    return approving.approve(number=number, actor=actor, at=AT + hours * HOUR)


def restoration(number, basis="promise"):
    return next(
        clock
        for clock in clocks.of(number)
        if (clock.metric, clock.basis) == ("restoration", basis) and clock.state != "void"
    )


def tags(number):
    return [entry.tag for entry in journal.timeline(number)]


def test_without_approval_nothing_is_paused(number, agent):
    with pytest.raises(Refused, match=r"pause\.needs_approval") as refused:
        pausing.pause(
            number=number, reason="force_majeure", note="", actor=agent.actor, at=AT + HOUR
        )
    assert refused.value.clause == "7.4"
    assert queries.locked(number).state == "assigned"


def test_the_clock_runs_until_approved_then_the_pause_counts_from_the_request(number, ask):
    ask(1)
    assert restoration(number).state == "running"
    assert restoration(number).due_at == AT + 8 * HOUR
    ticket = approve(number, 4)
    assert ticket.state == "held"
    paused = restoration(number)
    assert paused.state == "paused"
    (pause,) = paused.pauses.all()
    assert (pause.started_at, pause.ends_latest_at) == (AT + HOUR, AT + 73 * HOUR)
    pausing.resume(number=number, actor=LEADER, at=AT + 11 * HOUR)
    assert restoration(number).due_at == AT + 18 * HOUR
    assert restoration(number, "legal").due_at == AT + 48 * HOUR


def test_what_broke_after_the_request_was_not_broken(number, ask):
    ask(6)
    clockwork.declare_breaches(at=AT + 9 * HOUR)
    remedying.propose(number=number, actor="system:tickets", at=AT + 9 * HOUR)
    assert restoration(number).breached_at == AT + 8 * HOUR
    approve(number, 9)
    assert restoration(number).breached_at is None
    assert "clock.breach_withdrawn" in tags(number)
    explained = clocks.explanation(restoration(number), at=AT + 10 * HOUR)
    told = [(step.what, (step.at - AT) / HOUR) for step in explained.steps]
    assert ("paused", 6) in told
    assert ("unbroken", 9) in told
    remedying.propose(number=number, actor="system:tickets", at=AT + 9 * HOUR)
    assert not Remedy.objects.filter(state="proposed", clause="13.4").exists()


def test_what_had_broken_before_stays_broken(number, ask):
    ask(9)
    approve(number, 10)
    assert restoration(number).breached_at == AT + 8 * HOUR


def test_too_late_is_no_approval(number, ask):
    ask(1)
    with pytest.raises(Refused, match=r"pause_request\.lapsed") as refused:
        approve(number, 5.01)
    assert refused.value.clause == "7.4"
    assert approving.lapse_requests(at=AT + 5 * HOUR) == 0
    assert approving.lapse_requests(at=AT + 9 * HOUR) == 1
    assert approving.lapse_requests(at=AT + 10 * HOUR) == 0
    asked = PauseRequest.objects.get()
    assert (asked.state, asked.decided_at) == ("lapsed", AT + 5 * HOUR)
    assert tags(number)[-1] == "pause.lapsed"
    assert restoration(number).state == "running"


def test_the_last_instant_is_in_time(number, ask):
    ask(1)
    assert approve(number, 5).state == "held"


def test_a_new_request_takes_the_place_of_one_that_nobody_decided(number, ask):
    ask(1)
    with pytest.raises(Refused, match=r"pause_request\.open_already"):
        ask(2)
    ask(6)
    assert [one.state for one in PauseRequest.objects.order_by("id")] == ["lapsed", "open"]


def test_nobody_approves_or_rejects_their_own(number, ask, agent):
    ask(1)
    with pytest.raises(Refused, match=r"pause_request\.own"):
        approve(number, 2, actor=agent.actor)
    with pytest.raises(Refused, match=r"pause_request\.own"):
        approving.reject(number=number, answer="不", actor=agent.actor, at=AT + 2 * HOUR)
    assert queries.locked(number).state == "assigned"


def test_a_rejected_request_pauses_nothing_and_says_why(number, ask):
    ask(1)
    with pytest.raises(Refused, match=r"pause_request\.unreasoned"):
        approving.reject(number=number, answer=" ", actor=LEADER, at=AT + 2 * HOUR)
    approving.reject(number=number, answer="道路已通", actor=LEADER, at=AT + 2 * HOUR)
    assert restoration(number).due_at == AT + 8 * HOUR
    with pytest.raises(Refused, match=r"pause_request\.none"):
        approve(number, 3)


def test_a_request_says_why_and_is_not_made_where_none_is_needed(number, ask):
    with pytest.raises(Refused, match=r"pause_request\.unreasoned"):
        ask(1, note="")
    with pytest.raises(Refused, match=r"pause_request\.not_needed"):
        ask(1, reason="spare_part")
    assert not PauseRequest.objects.exists()


def test_what_waits_for_the_applicant_is_not_set_aside_by_an_approval(number, ask, agent):
    working.start(number=number, actor=agent.actor, at=AT)
    ask(1)
    asking.ask(number=number, question="何时在家？", actor=agent.actor, at=AT + 2 * HOUR)
    with pytest.raises(Refused, match=r"ticket\.cannot_move"):
        approve(number, 3)
    assert PauseRequest.objects.get().state == "open"


def test_the_leader_of_the_team_is_told_and_then_the_holder(number, ask, agent, leader):
    ask(1)
    noticing.note(entry=journal.timeline(number).filter(tag="pause.requested").get())
    assert [one.staff_id for one in Notice.objects.filter(tag="pause.requested")] == [leader.pk]
    approving.reject(number=number, answer="道路已通", actor=leader.actor, at=AT + 2 * HOUR)
    noticing.note(entry=journal.timeline(number).filter(tag="pause.rejected").get())
    assert [one.staff_id for one in Notice.objects.filter(tag="pause.rejected")] == [agent.pk]
