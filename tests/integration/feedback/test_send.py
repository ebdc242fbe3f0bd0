"""Real servers that are down, slow to believe, or hit twice."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.factories.feedback import AT, after, entry, opened, resolved, tags
from tests.factories.intake import build_town

from changtong.feedback import queries
from changtong.feedback.adapters.email import Mail
from changtong.feedback.adapters.memory import Memory
from changtong.feedback.adapters.sms import Gateway
from changtong.feedback.domain import contacting, delivery
from changtong.feedback.domain.delivery import Message, Undelivered
from changtong.feedback.models import Notification
from changtong.feedback.operations import sending, telling
from changtong.intake import operations as intake
from changtong.intake import queries as codes
from changtong.intake.domain import replies
from changtong.journal import queries as journal
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.models import Ticket
from changtong.tickets.operations import asking, closing


MINUTE = timedelta(minutes=1)


@pytest.fixture
def town(db):
    return build_town()


def announced(ticket, tag):
    return {one.channel: one for one in telling.announce(entry=entry(ticket, tag))}


def again(notification):
    return Notification.objects.get(pk=notification.pk)


def test_mail_arrives_with_subject_text_and_a_key(town, mail, settings):
    settings.MAIL_REPLY_ADDRESS = "reply@desk.example"
    ticket, _ = resolved(town)
    message = announced(ticket, "ticket.resolved")["email"]

    assert sending.send(notification_id=message.pk, at=after(hours=1))

    (received,) = mail.received
    assert mail.recipients == [["wang@example.cn"]]
    # Folding leaves the blank that a mail program does not show.
    assert received["Subject"].strip() == message.subject
    assert received["Message-ID"].startswith(f"<{message.effect_key.replace(':', '.')}@")
    assert received["Auto-Submitted"] == "auto-generated"
    number = message.ticket.number
    assert number in received["References"]
    assert received["Reply-To"].startswith(f"reply+{number.lower()}.")
    key = {"reply_to": settings.MAIL_REPLY_ADDRESS, "key": settings.SECRET_KEY}
    to = [received["Reply-To"]]
    assert replies.number_from(to, sender="wang@example.cn", **key) == (number, True)
    assert replies.number_from(to, sender="li@example.cn", **key) == (number, False)
    assert "更换尾纤" in received.get_content()
    assert again(message).state == "sent"
    assert again(message).sent_at == after(hours=1)


def test_texts_arrive_with_a_token_and_a_reference(town, sms):
    message = announced(opened(town), "ticket.opened")["sms"]

    assert sending.send(notification_id=message.pk, at=AT)

    (received,) = sms.received
    assert received == {
        "to": "13800001111",
        "text": message.body,
        "reference": message.effect_key,
    }
    assert sms.tokens == ["Bearer secret-token"]


def test_the_result_counts_as_told_when_the_first_message_is_out(town, mail, sms):
    ticket, _ = resolved(town)
    messages = announced(ticket, "ticket.resolved")

    sending.send(notification_id=messages["sms"].pk, at=after(hours=1, minutes=1))
    sending.send(notification_id=messages["email"].pk, at=after(hours=1, minutes=2))

    assert tickets.locked(ticket.number).told_at == after(hours=1, minutes=1)
    assert tags(ticket).count("ticket.told") == 1


@pytest.mark.parametrize("server", ["mail", "sms"])
def test_a_server_that_was_down_gets_the_message_once(town, mail, sms, server):
    one = {"mail": mail, "sms": sms}[server]
    one.stop()
    ticket, _ = resolved(town)
    channel = {"mail": "email", "sms": "sms"}[server]
    message = announced(ticket, "ticket.resolved")[channel]
    Notification.objects.exclude(pk=message.pk).update(state="withdrawn")

    assert not sending.send(notification_id=message.pk, at=after(hours=1))
    waiting = again(message)
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert waiting.due_at == after(hours=1) + delivery.WAIT_FIRST
    assert waiting.last_error
    assert tickets.locked(ticket.number).told_at is None
    assert sending.send_due(at=after(hours=1)) == 0, "not before its time"

    one.start()
    assert sending.send_due(at=after(hours=1) + MINUTE) == 1
    assert sending.send_due(at=after(hours=2)) == 0
    assert not sending.send(notification_id=message.pk, at=after(hours=2))
    assert len(one.received) == 1
    assert tickets.locked(ticket.number).told_at == after(hours=1) + MINUTE


def test_a_gateway_that_errs_is_tried_again_and_one_that_refuses_is_not(town, sms):
    messages = announced(opened(town), "ticket.opened")
    sms.status = 503
    sending.send(notification_id=messages["sms"].pk, at=AT)
    assert (again(messages["sms"]).state, again(messages["sms"]).last_error) == (
        "pending",
        "HTTP 503",
    )
    sms.status = 302
    sending.send(notification_id=messages["sms"].pk, at=AT + MINUTE)
    assert again(messages["sms"]).last_error == "HTTP 302", "the token goes nowhere else"
    sms.status = 422
    sending.send(notification_id=messages["sms"].pk, at=after(hours=1))
    assert again(messages["sms"]).state == "failed"
    assert sms.received == []


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", "failed"), ("451 later", "pending")]
)
def test_what_the_mail_server_says_decides(town, mail, answer, state):
    ticket = opened(town)
    message = announced(ticket, "ticket.opened")["email"]
    mail.answer = answer
    sending.send(notification_id=message.pk, at=AT)
    assert again(message).state == state
    assert again(message).last_error.startswith(answer[:3])
    failed = [
        one.facts for one in journal.timeline(ticket.number) if one.tag == "notification.failed"
    ]
    assert [one["channel"] for one in failed] == (["email"] if state == "failed" else [])


def test_it_is_given_up_after_so_many_attempts_and_said_aloud(town):
    ticket = opened(town)
    message = announced(ticket, "ticket.opened")["email"]
    Notification.objects.exclude(pk=message.pk).update(state="withdrawn")
    carrier = Memory(failures=100)
    at = AT
    while again(message).state == "pending":
        at = again(message).due_at
        sending.send_due(at=at, carriers={"email": carrier})
    assert len(carrier.attempts) == delivery.ATTEMPTS_AT_MOST
    assert again(message).state == "failed"
    assert "notification.failed" in tags(ticket)
    assert queries.delivery(at=at).failed == 1


def test_a_sender_that_dies_after_sending_leads_to_a_recognizable_repetition(town):
    message = announced(opened(town), "ticket.opened")["email"]

    class Dying(Memory):
        def deliver(self, message):
            super().deliver(message)
            if len(self.attempts) == 1:
                raise SystemExit

    carrier = Dying()
    with pytest.raises(SystemExit):
        sending.send(notification_id=message.pk, at=AT, carriers={"email": carrier})
    assert again(message).state == "sending"
    assert sending.send_due(at=AT + MINUTE, carriers={"email": carrier, "sms": Memory()}) == 1, (
        "only the other message: the claim may still be alive"
    )

    late = AT + delivery.LEASE
    assert sending.send_due(at=late, carriers={"email": carrier}) == 1
    assert [one.key for one in carrier.attempts] == [message.effect_key] * 2
    assert len(carrier.delivered) == 1
    assert again(message).state == "sent"


def test_a_slow_sender_cannot_undo_what_another_has_done(town):
    message = announced(opened(town), "ticket.opened")["email"]

    class Slow(Memory):
        def deliver(self, sent):
            super().deliver(sent)
            late = AT + delivery.LEASE
            sending.send_due(at=late, carriers={"email": Memory(), "sms": Memory()})
            raise Undelivered("timed out")

    sending.send(notification_id=message.pk, at=AT, carriers={"email": Slow()})
    assert again(message).state == "sent"


def test_an_answered_question_is_not_repeated(town):
    ticket = opened(town)
    asking.ask(number=ticket.number, question="型号？", actor="staff:7", at=AT)
    announced(ticket, "ticket.supplement_asked")
    carriers = {"email": Memory(), "sms": Memory()}
    sending.send_due(at=AT, carriers=carriers)
    asking.answer(number=ticket.number, text="H3", actor="phone:13800001111", at=after(hours=1))

    sending.send_due(at=after(days=30), carriers=carriers)

    reminders = queries.notifications_of(ticket).filter(tag="supplement.reminded")
    assert {one.state for one in reminders} == {"withdrawn"}


def test_an_unanswered_question_is_repeated(town):
    ticket = opened(town)
    asking.ask(number=ticket.number, question="型号？", actor="staff:7", at=AT)
    announced(ticket, "ticket.supplement_asked")
    sending.send_due(at=after(days=30), carriers={"email": Memory(), "sms": Memory()})
    reminders = queries.notifications_of(ticket).filter(tag="supplement.reminded")
    assert {(one.channel, one.state) for one in reminders} == {
        ("portal", "sent"),
        ("email", "sent"),
        ("sms", "sent"),
    }


def test_a_reminder_by_text_waits_for_the_morning_unless_the_grade_overrides(town):
    ticket = opened(town)
    asking.ask(number=ticket.number, question="型号？", actor="staff:7", at=AT)
    announced(ticket, "ticket.supplement_asked")
    reminders = Notification.objects.filter(tag="supplement.reminded").exclude(channel="portal")
    # AT is ten in the morning; the hours of contact are from eight to nine in the evening.
    last, night, morning = (
        after(hours=11, days=1),
        after(hours=13, days=1),
        after(hours=22, days=1),
    )
    texts, mails = Memory(), Memory()
    carriers = {"email": mails, "sms": texts}
    Notification.objects.exclude(tag="supplement.reminded").delete()
    reminders.update(due_at=last)

    for at in (last, night, morning - MINUTE):
        sending.send_due(at=at, carriers=carriers)
    held = reminders.get(channel="sms")
    assert (len(mails.attempts), len(texts.attempts)) == (1, 0)
    assert (held.state, held.attempts, held.due_at, held.held_by) == (
        "pending",
        0,
        morning,
        "11.8",
    )

    for at in (morning, morning + MINUTE):
        sending.send_due(at=at, carriers=carriers)
    assert (len(mails.attempts), len(texts.attempts)) == (1, 1)

    Ticket.objects.filter(number=ticket.number).update(priority="P1")
    reminders.filter(channel="sms").update(state="pending", sent_at=None, due_at=night)
    sending.send_due(at=night, carriers=carriers)
    assert len(texts.attempts) == 2


def test_news_of_an_outage_waits_by_the_edition_in_force(town):
    night, morning = after(hours=13), after(hours=22)
    news = Notification.objects.create(
        effect_key="outage",
        tag="announcement.ended",
        recipient="customer",
        channel="sms",
        address="13800001111",
        body="通信已恢复。",
        language="zh-hans",
        created_at=night,
        due_at=night,
    )
    sending.send(notification_id=news.pk, at=night, carriers={"sms": Memory()})
    assert (again(news).state, again(news).due_at) == ("pending", morning)

    edition = standard.read(town.edition.pk)
    told = {"kind": "fault", "priority": "", "at": night}
    older = replace(edition, contacts_by_kind={})
    assert contacting.wait(edition=older, channel="sms", **told) is None
    assert contacting.wait(edition=edition, channel="email", **told) is None
    assert contacting.is_unasked(tag="ticket.closed", by_silence=True)
    assert not contacting.is_unasked(tag="ticket.closed", by_silence=False)


def test_a_result_that_was_refused_is_not_announced_any_more(town):
    ticket, _ = resolved(town)
    message = announced(ticket, "ticket.resolved")["email"]
    closing.refuse(
        number=ticket.number, reason="没好", actor="phone:13800001111", at=after(hours=2)
    )
    assert not sending.send(notification_id=message.pk, at=after(hours=3))
    assert again(message).state == "withdrawn"
    assert tickets.locked(ticket.number).told_at is None


def test_a_code_is_filled_in_at_the_last_moment_and_not_after_it_is_useless(town, sms):
    row = intake.request_code(phone="13800001111", at=AT)
    what = journal.timeline(f"code:{row.pk}").get(tag="code.requested")
    (message,) = telling.announce(entry=what)
    code = codes.one_time_code(row.pk).code

    sms.stop()
    sending.send(notification_id=message.pk, at=AT)
    sms.start()
    assert sending.send(notification_id=message.pk, at=AT + MINUTE)

    assert code in sms.received[0]["text"]
    assert code not in again(message).body
    later = intake.request_code(phone="13800001111", at=after(hours=1))
    what = journal.timeline(f"code:{later.pk}").get(tag="code.requested")
    (message,) = telling.announce(entry=what)
    assert not sending.send(notification_id=message.pk, at=later.expires_at)
    assert (again(message).state, again(message).last_error) == ("failed", "expired")


@pytest.mark.parametrize(
    "subject", ["x\nBcc: all@example.cn", "x\r\nBcc: all@example.cn", "x\u2028Bcc: y", "王\x00芳"]
)
def test_no_subject_becomes_a_header(mail, subject):
    Mail().deliver(Message("1:t:email", "wang@example.cn", subject, "body", "zh-hans"))
    (received,) = mail.received
    assert received["Bcc"] is None
    assert mail.recipients == [["wang@example.cn"]]


@pytest.mark.parametrize("address", ["a@b.cn\nBcc: c@d.cn", "a@b.cn,c@d.cn", "", "a@b.cn\r\nDATA"])
def test_no_address_becomes_two(mail, address):
    with pytest.raises(Undelivered) as undelivered:
        Mail().deliver(Message("1:t:email", address, "x", "body", "zh-hans"))
    assert undelivered.value.final
    assert mail.recipients == []


def test_wrong_mail_credentials_are_worth_another_attempt(mail, monkeypatch):
    def refuse(*args, **kwargs):
        raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", refuse)
    with pytest.raises(Undelivered) as undelivered:
        Mail().deliver(Message("1:t:email", "wang@example.cn", "x", "body", "en"))
    assert not undelivered.value.final


def test_the_gateway_takes_http_addresses_only(settings):
    settings.SMS_URL = "file:///etc/passwd"
    with pytest.raises(Undelivered):
        Gateway().deliver(Message("1:t:sms", "13800001111", "", "x", "en"))


@pytest.mark.parametrize("number", ["037112345678", "13800001111\n", ""])
def test_no_text_goes_to_what_is_no_mobile(sms, number):
    with pytest.raises(Undelivered) as undelivered:
        Gateway().deliver(Message("1:t:sms", number, "", "x", "en"))
    assert undelivered.value.final
    assert sms.received == []
