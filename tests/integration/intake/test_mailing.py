"""E-mail: answers find their ticket, new matters open one, and nothing else has any effect."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as configured
from tests.factories.intake import AT, Town
from tests.integration.feedback.conftest import free_port

from changtong.cli import inbox
from changtong.intake import queries
from changtong.intake.domain import replies
from changtong.intake.models import Mail
from changtong.intake.operations import mailing
from changtong.journal.models import Entry
from changtong.tickets.models import LogEntry, Ticket
from changtong.tickets.operations import asking


WANG = "wang@example.cn"
REPLY_TO = "reply@desk.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture(autouse=True)
def configuration(settings, town: Town):
    settings.MAIL_REPLY_ADDRESS = REPLY_TO
    settings.MAIL_AUTH_SERVER = "mx.desk.example"
    settings.MAIL_REGION = town.region.code
    return settings


def letter(text: str = "家里宽带断网，光猫红灯亮。", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    fields = {"From": f"王芳 <{WANG}>", "To": REPLY_TO, "Subject": "宽带断网"}
    for name, value in {**fields, **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
        mail[name] = value
    mail.set_content(text)
    return mail


def take(mail: EmailMessage | bytes, at=AT) -> Mail:
    return mailing.receive(raw=mail if isinstance(mail, bytes) else bytes(mail), at=at)


def reply_to(ticket: Ticket, recipient: str = WANG) -> str:
    return replies.address_for(
        number=ticket.number, recipient=recipient, reply_to=REPLY_TO, key=configured.SECRET_KEY
    )


def test_a_letter_opens_one_ticket_however_often_it_comes(town: Town) -> None:
    mail = letter(Message_ID="<1@x.example>")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="灯.png")
    mail.add_attachment(b"<svg onload=1>", maintype="image", subtype="svg+xml", filename="a.svg")
    again = b"Received: by another.example\r\n" + bytes(mail)

    first, second, third = take(mail), take(mail), take(again)

    assert (first.outcome, first.pk, first.pk) == ("opened", second.pk, third.pk)
    ticket = Ticket.objects.get()
    assert (ticket.kind, ticket.channel, ticket.region) == ("fault", "email", town.region)
    assert (ticket.contact_email, ticket.title) == (WANG, "宽带断网")
    assert [one.name for one in ticket.attachments.all()] == ["灯.png"]
    assert first.left_out == ["a.svg"]
    entry = Entry.objects.get(tag="mail.received")
    assert entry.subject == ticket.number
    assert WANG not in str(entry.facts)


@pytest.mark.parametrize(
    ("verdict", "reason", "customers"),
    [("pass", "", 1), ("none", "", 0), ("fail", "mail.forged", 0)],
)
def test_only_what_our_own_server_confirmed_makes_a_letter_the_customers(
    town: Town, verdict: str, reason: str, customers: int
) -> None:
    theirs = "evil.example; dmarc=pass"
    raw = bytes(letter(Authentication_Results=theirs))
    own = f"Authentication-Results: mx.desk.example; spf=none; dmarc={verdict}\r\n".encode()

    assert take(own + raw).reason == reason
    assert Ticket.objects.filter(customer=town.customer).count() == customers
    stranger = take(letter("另一件事", Authentication_Results=theirs))
    assert stranger.ticket.customer is None


def test_an_answer_joins_its_ticket_only_from_whom_it_was_given_to(town: Town) -> None:
    ticket = take(letter()).ticket
    asking.ask(number=ticket.number, question="灯的颜色？", actor="staff:1", at=AT)
    quoted = "红色。\n\n2026年11月24日，客服写道：\n> 灯的颜色？"
    by_another = letter("我是王芳", From="thief@x.example", To=reply_to(ticket))

    assert take(letter(quoted, To=reply_to(ticket).upper())).outcome == "joined"
    assert take(by_another).reason == "mail.reply_foreign"
    assert take(letter("还是不行", To=reply_to(ticket), In_Reply_To="<x@y>")).outcome == "joined"
    forged = reply_to(ticket).replace("." + reply_to(ticket).partition(".")[2][:4], ".0000")
    assert take(letter("伪造", To=forged)).reason == "mail.reply_foreign"

    assert ticket.supplements.get().answer == "红色。"
    said = LogEntry.objects.filter(ticket=ticket, type="message", actor="system:mail")
    assert [(one.text, one.public) for one in said] == [("还是不行", True)]
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List-Id": "<news.x>"},
        {"Return-Path": "<>"},
        {"From": "MAILER-DAEMON@x.example"},
        {"From": f"a <{REPLY_TO}>"},
        {"From": "service@changtong.example"},
    ],
    ids="-".join,
)
def test_no_machine_opens_a_ticket_or_is_answered(headers: dict[str, str]) -> None:
    mail = letter(**headers)

    assert take(mail).reason == "mail.automatic"
    assert not Ticket.objects.exists()


def test_a_flood_from_one_sender_is_set_aside_and_others_go_on(configuration) -> None:
    configuration.MAIL_PER_HOUR = 3
    taken = [take(letter(f"第 {at} 件 {at * 7}", Subject=str(at))) for at in range(5)]

    assert [one.reason for one in taken[3:]] == ["mail.too_many"] * 2
    assert take(letter("别人", From="li@example.cn")).outcome == "opened"
    assert take(letter("次日"), at=AT + timedelta(hours=2)).outcome == "opened"
    assert queries.mails_set_aside().count() == 2


@pytest.mark.parametrize("charset", ["gb18030", "gbk", "big5", "iso-2022-jp", "x-nobody-knows"])
def test_words_arrive_in_whatever_they_were_written(charset: str) -> None:
    text, real = (
        "宽带不能上网",
        {"x-nobody-knows": "gb18030", "big5": "big5"}.get(charset, charset),
    )
    text = {"big5": "寬帶不能上網", "iso-2022-jp": "回線故障"}.get(charset, text)
    raw = (
        f"From: a@example.cn\r\nTo: b@x\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset={charset}\r\n\r\n"
    ).encode()

    ticket = take(b"Subject: " + text.encode("gb18030") + b"\r\n" + raw + text.encode(real)).ticket

    assert ticket.description == text
    assert ticket.title == text


MALFORMED = [
    b"",
    b"\x00\xff" * 500,
    b"From: a@x.cn, b@x.cn\r\nSubject: two\r\n\r\nx",
    b"From: \r\n\r\nnobody",
    b"From: a@x.cn\r\nFrom: b@x.cn\r\n\r\ntwice",
    b"From: a@x.cn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 300,
    b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (at, at)
        for at in range(3000)
    ),
    b"From: a@x.cn\r\nSubject: =?x?b?!!!?=\r\nContent-Transfer-Encoding: base64\r\n\r\n*",
    b"From: a@x.cn\r\nMessage-ID: <" + b"x" * 90_000 + b">\r\n\r\n",
    b'From: "a\r\n b" <a@x.cn>\r\nSubject: a\r\n Bcc: everybody@x.cn\r\n\r\nhi',
]


def test_no_message_is_too_broken_for_the_next_one() -> None:
    taken = [take(raw) for raw in MALFORMED]

    assert all(one.outcome == "opened" or one.reason for one in taken)
    assert take(letter()).outcome == "opened"
    assert not any("\n" in one.title for one in Ticket.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_delivers_by_lmtp_and_keeps_what_is_not_taken(
    configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Box(Controller):
        def factory(self):
            return inbox.postbox()

    port = free_port()
    monkeypatch.setattr(inbox, "now", lambda: AT)
    box = Box(None, hostname="127.0.0.1", port=port)
    box.start()
    try:
        with smtplib.LMTP("127.0.0.1", port) as client:
            client.send_message(letter(), WANG, [REPLY_TO])
            client.send_message(letter("退信", Subject="失败"), "", [REPLY_TO])
            monkeypatch.setattr(mailing, "receive", lambda **_: 1 / 0)
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.send_message(letter(), WANG, [REPLY_TO])
    finally:
        box.stop()

    assert refused.value.smtp_code == 451
    outcomes = Mail.objects.order_by("pk").values_list("outcome", "reason")
    assert list(outcomes) == [("opened", ""), ("set_aside", "mail.automatic")]
