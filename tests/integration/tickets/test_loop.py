"""The life of a ticket, one operation after the other, and every way it may not go."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.factories import people
from tests.factories.intake import AT, build_town, report

from changtong.clocks import queries as clocks
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.tickets.models import Ticket
from changtong.tickets.operations import asking, closing, holding, opening, pausing, working


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


def opened(town, **changes):
    return opening.open_ticket(
        report=report(**changes),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="phone:13800001111",
        at=AT,
    )


def after(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


def tags(ticket) -> list[str]:
    return [entry.tag for entry in journal.timeline(ticket.number)]


def assigned(town):
    ticket = opened(town, category="fault.broadband.no_link")
    if ticket.state == "acknowledged":
        ticket = opening.accept(
            number=ticket.number, category=ticket.category, actor="staff:1", at=after(1)
        )
    agent = people.staff("agent", "agent")
    team = people.team("desk", agent)
    working.assign(
        number=ticket.number,
        team_id=team.pk,
        assignee_id=agent.pk,
        clause="6.1",
        actor="system:dispatch",
        at=after(2),
    )
    return queries.locked(ticket.number), agent


def resolved(town):
    ticket, agent = assigned(town)
    working.start(number=ticket.number, actor=agent.actor, at=after(3))
    edition = standard.read(ticket.edition_id)
    closing.resolve(
        number=ticket.number,
        cause=edition.causes(kind="fault")[0].code,
        fix=edition.fixes(kind="fault")[0].code,
        result="更换尾纤，光功率恢复",
        advice="请勿弯折尾纤",
        retest_passed=True,
        actor=agent.actor,
        at=after(60),
    )
    return queries.locked(ticket.number), agent


def test_opening_classifies_grades_and_starts_clocks_by_clause(town):
    ticket = opened(town)

    assert ticket.number.startswith("GD20261124-")
    assert ticket.category.startswith("fault.broadband.")
    assert ticket.edition_id == town.edition.pk
    about = {decision["about"]: decision for decision in ticket.decisions}
    assert about["category"]["why"]["reasons"]
    assert all(decision["clause"] for decision in ticket.decisions)
    running = list(clocks.of(ticket.number))
    legal = [clock for clock in running if clock.basis == "legal"]
    assert [clock.due_at for clock in legal] == [AT + timedelta(hours=48)]
    assert ticket.due_at == min(clock.due_at for clock in running if clock.is_open)
    assert tags(ticket)[0] == "ticket.opened"


def test_a_report_without_any_way_to_answer_is_refused_and_leaves_nothing(town):
    with pytest.raises(Refused) as refusal:
        opened(town, contact_phone="", contact_email="")

    assert refusal.value.code == "report.unreachable"
    assert not journal.latest().filter(tag="ticket.opened").exists()


def test_an_agent_confirms_another_category_and_the_decision_says_so(town):
    ticket = opened(town, title="有问题", description="请处理")
    assert ticket.state == "acknowledged"

    accepted = opening.accept(
        number=ticket.number,
        category="fault.broadband.no_link",
        actor="staff:7",
        at=after(5),
    )

    assert (accepted.state, accepted.category) == ("accepted", "fault.broadband.no_link")
    assert accepted.accepted_at == after(5)
    assert tags(ticket) == ["ticket.opened", "clock.regraded", "ticket.accepted"]


def test_a_category_of_another_kind_is_refused(town):
    ticket = opened(town, title="有问题", description="请处理")

    with pytest.raises(Refused) as refusal:
        opening.accept(
            number=ticket.number, category="complaint.billing.refund", actor="staff:7", at=after(5)
        )

    assert refusal.value.code == "category.kind_differs"
    assert queries.locked(ticket.number).state == "acknowledged"


def test_what_was_taken_for_another_kind_is_put_right_with_its_clocks(town):
    ticket = opened(town, kind="enquiry", category="enquiry.other")
    promised = {clock.metric for clock in clocks.of(ticket.number).exclude(state="void")}

    changed = opening.reclassify(
        number=ticket.number,
        category="fault.broadband.no_link",
        impact="single",
        urgency="high",
        reason="不是咨询，是断网",
        actor="staff:7",
        at=after(5),
    )

    entry = journal.latest().filter(tag="ticket.reclassified").get()
    kinds = [one for one in changed.decisions if one["about"] == "kind"]
    running = clocks.of(ticket.number).filter(state="running")
    assert (changed.kind, changed.category) == ("fault", "fault.broadband.no_link")
    assert entry.facts["kind"] == ["enquiry", "fault"]
    assert entry.facts["clause"]
    assert [one["why"]["before"] for one in kinds] == ["enquiry"]
    assert "restoration" not in promised
    assert "restoration" in {clock.metric for clock in running}
    assert {clock.started_at for clock in running} == {ticket.opened_at}


def test_a_category_left_as_proposed_keeps_the_reasons_and_says_who_agreed(town):
    ticket = opened(town, kind="fault", title="宽带断网", description="光猫红灯")
    proposed = [one for one in ticket.decisions if one["about"] == "category"]
    Ticket.objects.filter(pk=ticket.pk).update(state="acknowledged")

    accepted = opening.accept(
        number=ticket.number, category=ticket.category, actor="staff:7", at=after(5)
    )

    entry = journal.latest().filter(tag="ticket.accepted").first()
    confirmed = [one for one in accepted.decisions if one["about"] == "category"][-1]
    reasons = list(proposed[-1]["why"]["reasons"])
    assert confirmed["why"]["reasons"] == reasons
    assert confirmed["why"]["confirmed_by"] == "staff:7"
    assert (entry.facts["confirmed"], entry.facts["reasons"]) == (True, reasons)


def test_rejection_needs_a_reason_of_the_standard(town):
    ticket = opened(town, title="有问题", description="请处理")

    with pytest.raises(Refused, match=r"rejection\.not_allowed"):
        opening.reject(number=ticket.number, reason="no_mood", actor="staff:7", at=after(5))


def test_asking_the_applicant_pauses_promises_and_lets_the_law_run(town):
    ticket, agent = assigned(town)
    legal_due = clocks.of(ticket.number).get(basis="legal").due_at

    asking.ask(number=ticket.number, question="光猫亮几个灯？", actor=agent.actor, at=after(10))
    waiting = queries.locked(ticket.number)
    states = {clock.basis: clock.state for clock in clocks.of(ticket.number) if clock.is_open}
    asking.answer(number=ticket.number, text="四个", actor="phone:13800001111", at=after(10 + 30))

    assert waiting.state == "pending"
    assert states == {"legal": "running", "promise": "paused"}
    assert queries.locked(ticket.number).state == "assigned"
    assert clocks.of(ticket.number).get(basis="legal").due_at == legal_due


def test_pausing_for_a_reason_the_standard_does_not_know_is_refused(town):
    ticket, agent = assigned(town)

    with pytest.raises(Missing, match=r"pause\.not_allowed"):
        pausing.pause(
            number=ticket.number, reason="lunch", note="", actor=agent.actor, at=after(10)
        )

    assert queries.locked(ticket.number).state == "assigned"


def test_the_person_complained_of_cannot_get_the_complaint(town):
    accused = people.staff("accused", "agent")
    ticket = opening.open_ticket(
        report=report(
            kind="complaint",
            title="客服态度恶劣",
            category="complaint.service.attitude",
            complained_of_id=accused.pk,
        ),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="phone:13800001111",
        at=AT,
        by_agent=True,
    )

    with pytest.raises(Refused, match=r"assignment\.complained_of"):
        working.assign(
            number=ticket.number,
            team_id=None,
            assignee_id=accused.pk,
            clause="12.1",
            actor="system:dispatch",
            at=after(1),
        )

    assert not queries.visible_to(people.viewer(accused)).exists()


def test_closing_names_the_conditions_that_are_unmet(town):
    ticket, agent = resolved(town)

    with pytest.raises(Refused) as refusal:
        closing.close(number=ticket.number, actor=agent.actor, at=after(61))

    assert refusal.value.code == "closing.unmet"
    assert "applicant_told" in refusal.value.facts["conditions"]
    assert "applicant_confirmed_or_silent" in refusal.value.facts["conditions"]
    assert refusal.value.clause
    assert queries.locked(ticket.number).state == "resolved"


def test_a_told_and_confirmed_ticket_closes_and_all_clocks_stop(town):
    ticket, agent = resolved(town)
    closing.tell(number=ticket.number, actor="system:feedback", at=after(61))
    closing.request_evaluation(number=ticket.number, actor="system:feedback", at=after(61))
    closing.confirm(number=ticket.number, actor="phone:13800001111", at=after(90))

    closed = closing.close(number=ticket.number, actor=agent.actor, at=after(91))

    assert (closed.state, closed.due_at, closed.closed_at) == ("closed", None, after(91))
    assert not [clock for clock in clocks.of(ticket.number) if clock.is_open]
    assert tags(ticket)[-1] == "ticket.closed"


def test_a_hold_keeps_the_ticket_open_until_it_is_lifted(town):
    ticket, agent = resolved(town)
    closing.tell(number=ticket.number, actor="system:feedback", at=after(61))
    closing.request_evaluation(number=ticket.number, actor="system:feedback", at=after(61))
    closing.confirm(number=ticket.number, actor="phone:13800001111", at=after(90))
    holding.hold(
        number=ticket.number,
        reason="open_work_order",
        source="work_order:PD1",
        actor="system:dispatch",
        at=after(90),
    )

    with pytest.raises(Refused) as refusal:
        closing.close(number=ticket.number, actor=agent.actor, at=after(91))
    holding.lift(
        number=ticket.number, source="work_order:PD1", actor="system:dispatch", at=after(92)
    )

    assert "no_open_work_order" in refusal.value.facts["conditions"]
    assert closing.close(number=ticket.number, actor=agent.actor, at=after(93)).state == "closed"


def test_a_refused_result_opens_the_ticket_again_and_the_clocks_run_on(town):
    ticket, _ = resolved(town)

    reopened = closing.refuse(
        number=ticket.number, reason="还是断网", actor="phone:13800001111", at=after(120)
    )

    assert (reopened.state, reopened.reopened_count) == ("assigned", 1)
    assert reopened.resolutions.get().refused_because == "还是断网"
    assert clocks.of(ticket.number).get(basis="legal").state == "running"


def test_a_closed_ticket_takes_nothing_more(town):
    ticket, agent = resolved(town)
    closing.tell(number=ticket.number, actor="system:feedback", at=after(61))
    closing.request_evaluation(number=ticket.number, actor="system:feedback", at=after(61))
    closing.confirm(number=ticket.number, actor="phone:13800001111", at=after(90))
    closing.close(number=ticket.number, actor=agent.actor, at=after(91))

    with pytest.raises(Refused, match=r"ticket\.finished"):
        working.log(number=ticket.number, type_="note", text="x", actor=agent.actor, at=after(92))


def test_an_attachment_is_what_its_content_says(town):
    ticket, agent = assigned(town)
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)

    kept = working.attach(
        number=ticket.number, name="../../x.exe", chunks=[png], actor=agent.actor, at=after(5)
    )
    with pytest.raises(Refused) as refusal:
        working.attach(
            number=ticket.number,
            name="photo.png",
            chunks=[b"<svg onload=alert(1)>"],
            actor=agent.actor,
            at=after(6),
        )

    assert (kept.name, kept.media_type) == ("x.exe", "image/png")
    assert refusal.value.code == "file.type_not_allowed"
    assert ticket.attachments.count() == 1


def test_asking_again_is_allowed_when_the_time_for_waiting_is_used_up_but_the_promise_runs(town):
    ticket, agent = assigned(town)
    asking.ask(number=ticket.number, question="光猫亮几个灯？", actor=agent.actor, at=after(10))
    customer = "phone:13800001111"
    asking.answer(number=ticket.number, text="四个", actor=customer, at=after(10 + 72 * 60))

    again = asking.ask(
        number=ticket.number, question="哪四个？", actor=agent.actor, at=after(20 + 72 * 60)
    )

    assert again.ticket.state == "pending"
    assert {clock.state for clock in clocks.of(ticket.number) if clock.is_open} == {"running"}


def test_telling_the_result_is_the_first_response_if_nobody_spoke_before(town):
    ticket, _ = resolved(town)

    told = closing.tell(number=ticket.number, actor="system:feedback", at=after(61))

    assert told.responded_at == after(61)
    response = clocks.of(ticket.number).get(metric="first_response")
    assert (response.state, response.stopped_at) == ("stopped", after(61))


def test_a_result_can_be_refused_only_so_often_and_so_long(town):
    ticket, _ = resolved(town)

    with pytest.raises(Refused) as late:
        closing.refuse(
            number=ticket.number,
            reason="还是断网",
            actor="phone:13800001111",
            at=after(60) + timedelta(days=7, minutes=1),
        )

    assert (late.value.code, late.value.clause) == ("reopening.too_late", "10.8")
    assert queries.locked(ticket.number).state == "resolved"
