"""What is owed besides the result: news while it lasts, the permanent repair, a call back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import people
from tests.factories.intake import AT, build_town, report

from changtong.clocks import queries as clocks
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.operations import aftercare, closing, opening, pausing, working


pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def town():
    return build_town()


@pytest.fixture
def agent():
    return people.staff("agent", "agent")


@pytest.fixture
def urgent(town, agent):
    """Return the number of a P2 fault that is being worked on since `AT`."""
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
        team_id=people.team("desk", agent).pk,
        assignee_id=agent.pk,
        clause="6.1",
        actor="system:dispatch",
        at=AT,
    )
    working.start(number=ticket.number, actor=agent.actor, at=AT)
    return ticket.number


def resolve(number, agent, at, **more):
    edition = standard.read(queries.locked(number).edition_id)
    return closing.resolve(
        number=number,
        cause=edition.causes(kind="fault")[0].code,
        fix=edition.fixes(kind="fault")[0].code,
        result="已恢复",
        advice="",
        retest_passed=True,
        actor=agent.actor,
        at=at,
        **more,
    )


def close(number, at):
    closing.confirm(number=number, actor="phone:13800001111", at=at)
    closing.request_evaluation(number=number, actor="system:feedback", at=at)
    closing.close(number=number, actor="system:feedback", at=at)


def call(number, agent, at):
    working.log(number=number, type_="call", text="已告知进展", actor=agent.actor, at=at)


def of(number, metric):
    return [clock for clock in clocks.of(number).order_by("started_at") if clock.metric == metric]


def tags(number):
    return [entry.tag for entry in journal.timeline(number)]


class TestProgress:
    def test_the_clock_starts_again_with_each_word_to_the_applicant(self, urgent, agent):
        call(urgent, agent, AT + HOUR)
        call(urgent, agent, AT + 3 * HOUR)
        first, second, third = of(urgent, "progress")
        assert [first.state, second.state, third.state] == ["stopped", "stopped", "running"]
        assert first.is_met
        assert second.is_met
        assert third.started_at == AT + 3 * HOUR
        assert third.due_at == AT + 7 * HOUR
        assert queries.locked(urgent).due_at <= third.due_at

    def test_a_note_to_ourselves_is_no_news(self, urgent, agent):
        working.log(number=urgent, type_="note", text="查线路", actor=agent.actor, at=AT + HOUR)
        assert len(of(urgent, "progress")) == 1

    def test_whoever_says_nothing_breaks_it_once(self, urgent, agent):
        call(urgent, agent, AT + 5 * HOUR)
        first, second = of(urgent, "progress")
        assert first.breached_at == AT + 4 * HOUR
        assert second.due_at == AT + 9 * HOUR

    def test_it_ends_with_the_result_and_goes_on_if_that_is_refused(self, urgent, agent):
        call(urgent, agent, AT + HOUR)
        resolve(urgent, agent, AT + 2 * HOUR)
        assert [clock.state for clock in of(urgent, "progress")] == ["stopped", "stopped"]
        closing.refuse(number=urgent, reason="还是断", actor="phone:1", at=AT + 4 * HOUR)
        _first, second = of(urgent, "progress")
        # Two of its four hours passed while the applicant looked at the result.
        assert (second.state, second.due_at) == ("running", AT + 7 * HOUR)

    def test_news_while_on_hold_leaves_it_on_hold(self, urgent, agent):
        pausing.pause(number=urgent, reason="spare_part", note="", actor=agent.actor, at=AT + HOUR)
        call(urgent, agent, AT + 2 * HOUR)
        _first, second = of(urgent, "progress")
        assert second.state == "paused"
        pausing.resume(number=urgent, actor=agent.actor, at=AT + 5 * HOUR)
        _first, second = of(urgent, "progress")
        assert (second.state, second.due_at) == ("running", AT + 9 * HOUR)

    def test_each_clock_says_what_started_and_stopped_it(self, urgent, agent):
        call(urgent, agent, AT + HOUR)
        resolve(urgent, agent, AT + 2 * HOUR)
        first, second = of(urgent, "progress")
        told = [
            [(step.what, step.reason) for step in clocks.explanation(clock, at=AT + HOUR).steps]
            for clock in (first, second)
        ]
        assert told == [
            [("started", "ticket.accepted"), ("stopped", "progress.told")],
            [("started", "progress.told"), ("stopped", "ticket.resolved")],
        ]


class TestPermanentRepair:
    def test_a_provisional_result_starts_it_and_closing_does_not_stop_it(self, urgent, agent):
        at = AT + 2 * HOUR
        resolve(urgent, agent, at, provisional=True, provisional_because="临时跳纤，待更换光缆")
        close(urgent, at + HOUR)
        (clock,) = of(urgent, "permanent_repair")
        assert (clock.state, clock.clause, clock.within) == ("running", "16.3", "7d")
        ticket = queries.locked(urgent)
        assert (ticket.state, ticket.due_at) == ("closed", None)

        aftercare.complete_repair(
            number=urgent, text="已更换光缆", actor=agent.actor, at=at + 50 * HOUR
        )
        (clock,) = of(urgent, "permanent_repair")
        assert clock.is_met
        assert queries.locked(urgent).due_at is None
        assert tags(urgent)[-1] == "repair.completed"
        assert [entry.details for entry in ticket.log.order_by("id")] == [
            {"repair": "provisional"},
            {"repair": "permanent"},
        ]

    def test_it_must_say_why(self, urgent, agent):
        with pytest.raises(Refused, match=r"repair\.unreasoned") as refused:
            resolve(urgent, agent, AT, provisional=True, provisional_because=" ")
        assert refused.value.clause == "16.3"
        assert queries.locked(urgent).state == "in_progress"

    def test_a_result_for_good_owes_none(self, urgent, agent):
        resolve(urgent, agent, AT + HOUR)
        assert of(urgent, "permanent_repair") == []
        with pytest.raises(Refused, match=r"repair\.not_owed"):
            aftercare.complete_repair(
                number=urgent, text="无", actor=agent.actor, at=AT + 2 * HOUR
            )

    def test_a_second_result_for_good_completes_it(self, urgent, agent):
        resolve(urgent, agent, AT, provisional=True, provisional_because="临时跳纤")
        closing.refuse(number=urgent, reason="又断了", actor="phone:1", at=AT + HOUR)
        working.start(number=urgent, actor=agent.actor, at=AT + HOUR)
        assert of(urgent, "permanent_repair")[0].state == "running"
        resolve(urgent, agent, AT + 5 * HOUR)
        (clock,) = of(urgent, "permanent_repair")
        assert (clock.state, clock.stopped_at) == ("stopped", AT + 5 * HOUR)

    def test_provisional_once_more_does_not_give_more_time(self, urgent, agent):
        resolve(urgent, agent, AT, provisional=True, provisional_because="临时跳纤")
        closing.refuse(number=urgent, reason="又断了", actor="phone:1", at=AT + HOUR)
        working.start(number=urgent, actor=agent.actor, at=AT + HOUR)
        resolve(urgent, agent, AT + 5 * HOUR, provisional=True, provisional_because="再次跳纤")
        (clock,) = of(urgent, "permanent_repair")
        assert (clock.state, clock.started_at) == ("running", AT)


class TestCallback:
    def test_it_runs_on_after_closing_until_the_applicant_is_reached(self, urgent, agent):
        resolve(urgent, agent, AT + HOUR)
        close(urgent, AT + 2 * HOUR)
        self.made(urgent, agent, 3, reached=False)
        self.made(urgent, agent, 20, reached=True)
        (clock,) = of(urgent, "callback")
        assert (clock.stopped_at, clock.clause) == (AT + 20 * HOUR, "11.5")
        assert clock.is_met
        assert tags(urgent)[-2:] == ["callback.attempted", "callback.made"]

    def test_after_the_set_number_of_attempts_the_duty_ends(self, urgent, agent):
        resolve(urgent, agent, AT + HOUR)
        for hour in (2, 3, 4):
            self.made(urgent, agent, hour, reached=False)
        (clock,) = of(urgent, "callback")
        assert clock.stopped_at == AT + 4 * HOUR
        last = journal.timeline(urgent).order_by("-id").first()
        assert (last.facts["reached"], last.facts["attempt"]) == (False, 3)

    def test_nobody_is_called_back_before_there_is_a_result(self, urgent, agent):
        with pytest.raises(Refused, match=r"callback\.not_owed"):
            self.made(urgent, agent, 1, reached=True)

    def test_what_was_said_is_written_down(self, urgent, agent):
        resolve(urgent, agent, AT)
        with pytest.raises(Refused, match=r"callback\.empty") as refused:
            aftercare.call_back(
                number=urgent, reached=True, text="", actor=agent.actor, at=AT + HOUR
            )
        assert refused.value.clause == "11.5"

    def test_a_refused_result_owes_a_new_one(self, urgent, agent):
        resolve(urgent, agent, AT)
        closing.refuse(number=urgent, reason="又断了", actor="phone:1", at=AT + HOUR)
        assert [clock.state for clock in of(urgent, "callback")] == ["void"]

    @staticmethod
    def made(number, agent, hours, *, reached):
        aftercare.call_back(
            number=number,
            reached=reached,
            text="客户满意" if reached else "无人接听",
            actor=agent.actor,
            at=AT + hours * HOUR,
        )
