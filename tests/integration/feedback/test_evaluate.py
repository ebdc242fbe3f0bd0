"""Asked, reminded, answered or silent; what follows from each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import people
from tests.factories.feedback import after, assigned, entry, resolve, resolved, tags
from tests.factories.intake import build_town

from changtong.feedback import queries
from changtong.feedback.operations import ending, evaluating, following_up, telling
from changtong.kernel.errors import Missing, Refused
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.operations import closing, holding, working


pytestmark = pytest.mark.django_db

CUSTOMER = "phone:13800001111"
ASKED = after(hours=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def town():
    return build_town()


@pytest.fixture
def asked(town):
    ticket, worker = resolved(town)
    closing.tell(number=ticket.number, actor="system:feedback", at=ASKED)
    evaluating.ask_evaluation(number=ticket.number, at=ASKED)
    return tickets.locked(ticket.number), worker


def rule(ticket):
    return standard.read(ticket.edition_id).evaluation(kind=ticket.kind)


def given(ticket, score=5, *, actor=CUSTOMER, at=None, tags=("fast",), comment=""):
    return evaluating.record_evaluation(
        number=ticket.number,
        score=score,
        tags=tags,
        comment=comment,
        actor=actor,
        at=at or after(hours=2),
    )


def state(ticket):
    return tickets.locked(ticket.number).state


def test_the_question_takes_its_times_from_the_edition(asked):
    ticket, _ = asked
    evaluation = queries.evaluation_of(ticket)
    says = rule(ticket)
    assert evaluation.asked_at == ASKED
    assert evaluation.remind_at == ASKED + says.remind_after
    assert evaluation.over_at == ASKED + says.within
    assert evaluation.silent_consent_at == ASKED + says.silent_consent_after
    assert evaluation.clause == says.clause


def test_the_question_is_asked_once(asked):
    ticket, _ = asked
    first = queries.evaluation_of(ticket)
    again = evaluating.ask_evaluation(number=ticket.number, at=after(days=1))
    assert (again.pk, again.asked_at) == (first.pk, ASKED)
    assert tags(ticket).count("evaluation.requested") == 1


def test_nobody_is_asked_before_there_is_a_result(town):
    ticket, _ = assigned(town)
    with pytest.raises(Refused, match=r"ticket\.not_resolved"):
        evaluating.ask_evaluation(number=ticket.number, at=ASKED)


def test_an_answer_before_the_question_is_refused(town):
    ticket, _ = resolved(town)
    with pytest.raises(Refused, match=r"evaluation\.not_asked") as refused:
        given(ticket)
    assert refused.value.clause == rule(ticket).clause


def test_a_reminder_comes_once_at_its_time(asked):
    ticket, _ = asked
    due = ASKED + rule(ticket).remind_after
    assert evaluating.remind(at=due - INSTANT) == 0
    assert evaluating.remind(at=due) == 1
    assert evaluating.remind(at=due + timedelta(hours=1)) == 0
    assert tags(ticket).count("evaluation.reminded") == 1


def test_a_reminder_says_until_when(asked):
    ticket, _ = asked
    evaluating.remind(at=ASKED + rule(ticket).remind_after)
    pending = telling.announce(entry=entry(ticket, "evaluation.reminded"))
    assert {one.channel for one in pending} == {"email", "sms"}
    for one in pending:
        assert "11月27日11:00" in one.body


def test_whoever_has_answered_is_not_reminded(asked):
    ticket, _ = asked
    given(ticket)
    assert evaluating.remind(at=after(days=1)) == 0


def test_confirmed_and_rated_is_closed_at_once(asked):
    ticket, _ = asked
    evaluation = evaluating.confirm_and_evaluate(
        number=ticket.number,
        score=5,
        tags=["friendly", "fast", "fast"],
        comment=" 很好 ",
        actor=CUSTOMER,
        at=after(hours=2),
    )
    assert (evaluation.tags, evaluation.comment) == (["fast", "friendly"], "很好")
    assert evaluation.by == "customer"
    closed = tickets.locked(ticket.number)
    assert (closed.state, closed.finished_because) == ("closed", "confirmed")
    assert closed.closed_at == after(hours=2)


def test_whoever_answers_on_the_page_has_been_told_and_asked_there(town):
    ticket, _ = resolved(town)
    evaluating.confirm_and_evaluate(
        number=ticket.number, score=4, tags=[], comment="", actor=CUSTOMER, at=after(hours=2)
    )
    assert state(ticket) == "closed"
    assert tickets.locked(ticket.number).told_at == after(hours=2)


def test_rated_but_not_confirmed_waits(asked):
    ticket, _ = asked
    given(ticket)
    assert state(ticket) == "resolved"
    closing.confirm(number=ticket.number, actor=CUSTOMER, at=after(hours=3))
    assert ending.close_if_complete(number=ticket.number, at=after(hours=3))


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_off_the_scale_is_refused(asked, score):
    ticket, _ = asked
    with pytest.raises(Refused, match=r"evaluation\.score_invalid"):
        given(ticket, score)
    assert queries.evaluation_of(ticket).score is None


def test_an_answer_is_given_once(asked):
    ticket, _ = asked
    given(ticket)
    with pytest.raises(Refused, match=r"evaluation\.given_already"):
        given(ticket, 1)
    assert queries.evaluation_of(ticket).score == 5


def test_whoever_did_the_work_does_not_rate_it(asked):
    ticket, worker = asked
    with pytest.raises(Refused, match=r"evaluation\.by_staff_for_self"):
        given(ticket, actor=worker.actor)
    agent = people.staff("zhao", "agent")
    assert given(ticket, actor=agent.actor).by == "agent"


def test_a_low_score_opens_a_follow_up(asked):
    ticket, _ = asked
    low = rule(ticket).low_score_at_most
    given(ticket, low, tags=["slow"], comment="来晚了")
    (follow_up,) = queries.follow_ups(_everything())
    assert follow_up.due_at == after(hours=2) + rule(ticket).follow_up_within
    assert follow_up.clause == rule(ticket).clause
    assert "follow_up.opened" in tags(ticket)


def test_a_score_above_the_limit_opens_none(asked):
    ticket, _ = asked
    given(ticket, rule(ticket).low_score_at_most + 1)
    assert not queries.follow_ups(_everything()).exists()


def test_a_follow_up_is_handled_once_with_an_outcome(asked):
    ticket, _ = asked
    given(ticket, 1)
    (follow_up,) = queries.follow_ups(_everything())
    with pytest.raises(Refused, match=r"follow_up\.outcome_empty"):
        following_up.handle_follow_up(
            follow_up_id=follow_up.pk, outcome=" ", actor="staff:9", at=after(hours=3)
        )
    following_up.handle_follow_up(
        follow_up_id=follow_up.pk, outcome="已致歉并补偿", actor="staff:9", at=after(hours=3)
    )
    with pytest.raises(Refused, match=r"follow_up\.handled_already"):
        following_up.handle_follow_up(
            follow_up_id=follow_up.pk, outcome="x", actor="staff:9", at=after(hours=4)
        )
    with pytest.raises(Missing, match=r"follow_up\.unknown"):
        following_up.handle_follow_up(
            follow_up_id=0, outcome="x", actor="staff:9", at=after(hours=4)
        )
    assert not queries.follow_ups(_everything()).exists()


def test_silence_is_consent_at_the_limit_and_closes(asked):
    ticket, _ = asked
    limit = ASKED + rule(ticket).silent_consent_after
    assert ending.take_silence_as_consent(at=limit - INSTANT) == 0
    assert state(ticket) == "resolved"

    assert ending.take_silence_as_consent(at=limit) == 1

    closed = tickets.locked(ticket.number)
    assert (closed.state, closed.finished_because) == ("closed", "silent_consent")
    assert closed.confirmed_at == limit
    assert closed.confirmed_by == "system:silence"
    (decision,) = [one for one in closed.decisions if one["about"] == "confirmation"]
    assert decision["clause"] == rule(ticket).clause
    evaluation = queries.evaluation_of(ticket)
    assert (evaluation.by, evaluation.score) == ("silence", None)
    assert ending.take_silence_as_consent(at=limit) == 0


def test_a_late_sweep_dates_the_silence_when_it_became_true(asked):
    ticket, _ = asked
    limit = ASKED + rule(ticket).silent_consent_after
    ending.take_silence_as_consent(at=limit + timedelta(days=2))
    closed = tickets.locked(ticket.number)
    assert closed.confirmed_at == limit
    assert closed.closed_at == limit + timedelta(days=2)


def test_whoever_was_not_told_does_not_agree_by_silence(town):
    ticket, _ = resolved(town)
    evaluating.ask_evaluation(number=ticket.number, at=ASKED)
    assert ending.take_silence_as_consent(at=after(days=30)) == 0
    assert state(ticket) == "resolved"


def test_confirmed_but_not_rated_closes_when_the_window_is_over(asked):
    ticket, _ = asked
    closing.confirm(number=ticket.number, actor=CUSTOMER, at=after(hours=2))
    over = ASKED + rule(ticket).within
    assert ending.take_silence_as_consent(at=over - INSTANT) == 0
    assert ending.take_silence_as_consent(at=over) == 1
    closed = tickets.locked(ticket.number)
    assert (closed.state, closed.finished_because) == ("closed", "confirmed")
    with pytest.raises(Refused, match=r"evaluation\.over"):
        given(ticket, at=over + timedelta(hours=1))


def test_an_unmet_condition_leaves_it_open_until_it_is_met(asked):
    ticket, _ = asked
    holding.hold(
        number=ticket.number,
        reason="work_order_open",
        source="work_order:1",
        actor="system:dispatch",
        at=after(hours=2),
    )
    evaluating.confirm_and_evaluate(
        number=ticket.number, score=5, tags=[], comment="", actor=CUSTOMER, at=after(hours=3)
    )
    assert state(ticket) == "resolved"
    assert queries.evaluation_of(ticket).score == 5, "the answer is kept"

    holding.lift(
        number=ticket.number, source="work_order:1", actor="system:dispatch", at=after(hours=4)
    )
    ending.take_silence_as_consent(at=after(hours=5))
    assert state(ticket) == "closed"


def test_a_refused_result_is_asked_about_again_in_its_turn(asked):
    ticket, worker = asked
    closing.refuse(number=ticket.number, reason="还是断网", actor=CUSTOMER, at=after(hours=2))
    assert evaluating.withdraw_evaluation(number=ticket.number, at=after(hours=2)) == 1
    assert queries.evaluation_of(ticket) is None
    assert ending.take_silence_as_consent(at=after(days=30)) == 0

    working.start(number=ticket.number, actor=worker.actor, at=after(hours=3))
    resolve(ticket, worker, at=after(hours=4))
    second = evaluating.ask_evaluation(number=ticket.number, at=after(hours=4))
    assert second.round == 1
    assert given(ticket, 4, at=after(hours=5)).pk == second.pk


def test_the_average_counts_what_the_viewer_sees(asked):
    ticket, _ = asked
    given(ticket, 2)
    everything = queries.average(_everything(), since=ASKED)
    assert (everything.average, everything.rated, everything.low) == (2.0, 1, 1)
    nothing = queries.average(parties.viewer_of_phone("13900009999"), since=ASKED)
    assert (nothing.average, nothing.rated) == (None, 0)
    assert queries.average(_everything(), since=after(days=1)).rated == 0


def test_reactions_carry_a_result_to_its_question_and_close(town, run_jobs):
    """The whole way for somebody who can only be told by the portal."""
    ticket, _ = resolved(town, contact_phone="037112345678", customer=None)
    run_jobs()
    assert "evaluation.requested" in tags(ticket)
    assert queries.evaluation_of(ticket).asked_at == ASKED
    given(ticket)
    closing.confirm(number=ticket.number, actor=CUSTOMER, at=after(hours=3))
    run_jobs()
    assert state(ticket) == "closed"
    tags_told = [one.tag for one in queries.notifications_of(ticket)]
    assert tags_told == ["ticket.opened", "ticket.assigned", "ticket.resolved", "ticket.closed"]


def _everything():
    auditor = people.staff(f"auditor{_everything.calls}", "auditor")
    _everything.calls += 1
    return people.viewer(auditor)


_everything.calls = 0
