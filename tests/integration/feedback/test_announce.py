"""What is written to whom when something happens."""

from __future__ import annotations

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories.feedback import AT, after, assigned, entry, opened, resolved, tags
from tests.factories.intake import build_town

from changtong.feedback import queries
from changtong.feedback.domain import choosing
from changtong.feedback.models import Notification
from changtong.feedback.operations import telling
from changtong.intake import operations as intake
from changtong.intake import queries as codes
from changtong.journal import operations as recording
from changtong.journal import queries as journal
from changtong.journal import subscriptions
from changtong.journal.models import Entry
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.operations import asking, closing, opening, pausing


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


def told(ticket, tag):
    return {one.channel: one for one in queries.notifications_of(ticket).filter(tag=tag)}


def test_the_acknowledgement_has_the_number_and_the_promised_time(town):
    ticket = opened(town)

    pending = telling.announce(entry=entry(ticket, "ticket.opened"))

    assert [one.channel for one in pending] == ["email", "sms"]
    messages = told(ticket, "ticket.opened")
    assert set(messages) == {"portal", "email", "sms"}
    assert messages["email"].address == "wang@example.cn"
    assert messages["sms"].address == "13800001111"
    assert messages["portal"].state == "sent"
    due = queries.promised_at(ticket.number)
    for one in messages.values():
        assert "承诺" in one.body or "办结" in one.body
        assert queries._moment(due, "zh-hans") in one.body
    assert ticket.number in messages["email"].subject
    assert "/t/" in messages["sms"].body


def test_an_entry_delivered_twice_is_told_once(town):
    ticket = opened(town)
    first = telling.announce(entry=entry(ticket, "ticket.opened"))

    again = telling.announce(entry=entry(ticket, "ticket.opened"))

    assert [one.pk for one in again] == [one.pk for one in first]
    assert queries.notifications_of(ticket).count() == 3


def test_the_reaction_defers_one_job_for_each_message_once(town):
    ticket = opened(town)
    for _ in range(2):
        subscriptions.deliver(name="feedback.announce", entry=entry(ticket, "ticket.opened").pk)

    jobs = ProcrastinateJob.objects.filter(task_name="feedback.send")
    assert jobs.count() == 2


def test_acceptance_at_once_is_not_told_twice(town):
    ticket = opened(town)
    assert telling.announce(entry=entry(ticket, "ticket.accepted")) == []
    assert told(ticket, "ticket.accepted") == {}


def test_acceptance_later_is_told(town):
    ticket = opened(town, title="有问题", description="请处理", category=None)
    assert ticket.state == "acknowledged"
    opening.accept(
        number=ticket.number,
        category="fault.broadband.no_link",
        actor="staff:7",
        at=after(hours=1),
    )
    telling.announce(entry=entry(ticket, "ticket.accepted"))
    assert set(told(ticket, "ticket.accepted")) == {"portal", "email"}


def test_assignment_tells_who_comes(town):
    ticket, worker = assigned(town)
    telling.announce(entry=entry(ticket, "ticket.assigned"))
    for one in told(ticket, "ticket.assigned").values():
        assert worker.name in one.body


def planned(ticket, *, mode, at):
    with transaction.atomic():
        recording.record(
            tag="visit.planned",
            subject=ticket.number,
            actor="system:dispatch",
            at=at,
            mode=mode,
            starts_at=after(days=1).isoformat(),
        )
    return entry(ticket, "visit.planned")


def test_a_visit_that_moves_is_told_and_the_first_is_part_of_the_assignment(town):
    ticket, _ = assigned(town)
    assert telling.announce(entry=planned(ticket, mode="field", at=ticket.assigned_at)) == []
    moved = telling.announce(entry=planned(ticket, mode="field", at=after(hours=2)))
    assert {one.channel for one in moved} == {"email", "sms"}
    assert all("11月25日10:00" in one.body for one in moved)
    assert telling.announce(entry=planned(ticket, mode="desk", at=after(hours=3))) == []


def test_a_question_is_told_and_repeated_later(town):
    ticket = opened(town)
    asking.ask(
        number=ticket.number, question="光猫是什么型号？", actor="staff:7", at=after(hours=1)
    )
    rule = standard.read(ticket.edition_id).supplement(kind="fault")

    pending = telling.announce(entry=entry(ticket, "ticket.supplement_asked"))

    assert {one.tag for one in pending} == {"ticket.supplement_asked"}
    reminders = told(ticket, "supplement.reminded")
    assert {one.due_at for one in reminders.values()} == {after(hours=1) + rule.remind_after}
    assert {one.state for one in reminders.values()} == {"pending"}
    assert "光猫是什么型号？" in reminders["email"].body


def test_a_pause_is_told_with_its_reason_in_words(town):
    ticket = opened(town)
    pausing.pause(
        number=ticket.number,
        reason="property_access",
        note="物业王经理不接电话",
        actor="staff:7",
        at=after(hours=1),
    )
    telling.announce(entry=entry(ticket, "ticket.paused"))
    message = told(ticket, "ticket.paused")["email"]
    assert "待物业或第三方许可" in message.body
    assert "王经理" not in message.body

    pausing.resume(number=ticket.number, actor="staff:7", at=after(hours=2))
    telling.announce(entry=entry(ticket, "ticket.resumed"))
    assert "已继续处理" in told(ticket, "ticket.resumed")["email"].body


def test_a_rejection_tells_the_reason_and_the_right_to_complain(town):
    ticket = opened(town, title="有问题", description="请处理", category=None)
    opening.reject(
        number=ticket.number, reason="not_our_customer", actor="staff:7", at=after(hours=1)
    )
    telling.announce(entry=entry(ticket, "ticket.rejected"))
    body = told(ticket, "ticket.rejected")["email"].body
    assert "非本企业用户或号码" in body
    assert "投诉" in body
    assert "15日" in body


def test_the_result_is_told_with_advice_and_a_way_to_answer(town):
    ticket, _ = resolved(town)
    telling.announce(entry=entry(ticket, "ticket.resolved"))
    message = told(ticket, "ticket.resolved")["email"]
    for words in ("更换尾纤，光功率恢复。\n网速测试正常。", "请勿弯折尾纤。", "/t/", "打分"):
        assert words in message.body
    assert tickets.locked(ticket.number).told_at is None, "a message that waits has told nobody"


def test_whoever_cannot_be_written_to_is_told_by_their_page(town):
    ticket, _ = resolved(town, contact_phone="037112345678", customer=None)
    telling.announce(entry=entry(ticket, "ticket.resolved"))
    assert set(told(ticket, "ticket.resolved")) == {"portal"}
    assert tickets.locked(ticket.number).told_at == entry(ticket, "ticket.resolved").happened_at
    assert "ticket.told" in tags(ticket)


def test_english_speakers_are_told_in_english(town):
    ticket, _ = resolved(town, language="en")
    telling.announce(entry=entry(ticket, "ticket.resolved"))
    message = told(ticket, "ticket.resolved")["email"]
    assert message.language == "en"
    assert message.body.startswith("Dear 王芳,")


def test_everything_else_that_happens_can_be_told(town):
    ticket, _ = resolved(town)
    closing.refuse(
        number=ticket.number, reason="还是断网", actor="phone:13800001111", at=after(hours=2)
    )
    telling.announce(entry=entry(ticket, "ticket.reopened"))
    assert "抱歉" in told(ticket, "ticket.reopened")["email"].body
    opening.cancel(
        number=ticket.number, reason="自己好了", actor="phone:13800001111", at=after(hours=3)
    )
    telling.announce(entry=entry(ticket, "ticket.cancelled"))
    assert "撤销" in told(ticket, "ticket.cancelled")["email"].body


def test_a_code_goes_to_the_number_and_lies_in_no_table(town):
    row = intake.request_code(phone="13800001111", at=AT)
    what = journal.timeline(f"code:{row.pk}").get(tag="code.requested")
    (message,) = telling.announce(entry=what)

    assert (message.channel, message.address) == ("sms", "13800001111")
    assert message.expires_at == row.expires_at
    assert codes.one_time_code(row.pk).code not in message.body
    assert message.ticket is None


def test_the_portal_shows_an_applicant_their_own_messages_only(town):
    ticket, _ = resolved(town)
    telling.announce(entry=entry(ticket, "ticket.resolved"))
    mine = queries.portal_messages(parties.viewer_of_phone("13800001111"))
    assert [one.tag for one in mine] == ["ticket.resolved"]
    assert not queries.portal_messages(parties.viewer_of_phone("13900009999")).exists()


def test_every_tag_that_is_told_has_its_reaction():
    for tag in choosing.TOLD:
        assert "feedback.announce" in subscriptions.names_for(tag)


def test_nobody_is_told_about_a_ticket_that_is_not_there(town):
    ghost = Entry(pk=10**9, tag="ticket.opened", subject="GD-0", happened_at=AT, facts={})
    with pytest.raises(Refused, match=r"ticket\.unknown"):
        telling.announce(entry=ghost)
    assert not Notification.objects.exists()
