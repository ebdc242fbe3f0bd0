"""What strangers send, mail and files, is shown and handed out so that nothing in it can run."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from tests.architecture.authorization import filling
from tests.security.test_hostile_words import HOSTILE, Page

from changtong.infra import storage
from changtong.infra.clock import now
from changtong.intake.domain import letters
from changtong.intake.models import Mail
from changtong.kernel.errors import Refused
from changtong.tickets.models import Attachment
from changtong.tickets.operations import working
from changtong.web.console import mails


pytestmark = pytest.mark.django_db

PICTURE = (
    "<img src=https://spy.example/10 srcset='https://spy.example/11 1x'><img src='//e.example'>"
)
# Each runs, or calls home, in some browser or behind some cleaner that reads differently.
CORPUS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a><a href=' java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>1</script>'>x</a><a href='vbscript:x'>x</a>",
    "<div style='background:url(https://spy.example/1)'>x</div>",
    "<style>@import 'https://spy.example/2'</style>",
    "<link rel=stylesheet href=https://spy.example/3><base href=https://spy.example/>",
    "<meta http-equiv=refresh content='0;url=https://spy.example/4'>",
    "<form action=https://spy.example/5><input name=password><button>x</button></form>",
    "<iframe srcdoc='<script>1</script>'></iframe><object data=x></object><embed src=x>",
    "<video poster=https://spy.example/6 src=https://spy.example/7></video>",
    "<table background=https://spy.example/8><td background=https://spy.example/9>x</table>",
    PICTURE,
    "<b><b><b>" * 2000 + "<img src=x onerror=alert(1)>",
    "<select><template><img src=x onerror=alert(1)></template></select><plaintext>",
)
ALLOWED = mails.TAGS - {"img"}
RUNNING = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript")


class Shown(Page):
    """Notes what a cleaned message is made of."""

    def __init__(self, text: str) -> None:
        self.tags: set[str] = set()
        self.values: list[str] = []
        super().__init__(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.values += [f"{name}={value}" for name, value in attrs]


def letter_about(world: Any, html: str) -> Mail:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = f'"{HOSTILE[:9]}" <wang@example.cn>', HOSTILE
    mail.set_content(HOSTILE)
    mail.add_alternative(html, subtype="html")
    kept = Mail.objects.get(pk=filling.object_of("mail", world.own, "in_progress"))
    kept.sha256 = storage.put([bytes(mail)], at_most_bytes=1_000_000).sha256
    kept.subject, kept.left_out = HOSTILE, [HOSTILE]
    kept.save()
    return kept


def test_html_of_a_message_is_cleaned_and_can_do_nothing_but_be_read(world: Any) -> None:
    agent = next(one for one in world.people if one.name == "agent")
    number = world.own.tickets["in_progress"].number
    with transaction.atomic():
        kept = letter_about(world, "\n".join((PICTURE, *CORPUS)))
        address = reverse("console:ticket_mail_content", args=[number, kept.pk])
        shown = agent.client.get(address)
        asked = agent.client.get(address, {"pictures": "1"})
        page = agent.client.get(reverse("console:ticket_mail", args=[number, kept.pk]))
        listed = agent.client.get(reverse("console:ticket_files", args=[number]))
        transaction.set_rollback(True)

    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-" not in policy
    assert policy.endswith("img-src 'none'")
    assert asked.headers["Content-Security-Policy"].endswith("img-src https:")
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert b"spy.example/10" in asked.content
    assert b"spy.example/11" not in asked.content
    assert b"spy.example" not in shown.content
    assert b"sandbox referrerpolicy" in page.content
    for one in (page, listed):
        assert not Page(one.content.decode()).broken
        assert Page(one.content.decode()).shows


@pytest.mark.parametrize("at", range(len(CORPUS)))
def test_no_cleaned_message_has_a_part_that_runs_or_calls_home(at: int) -> None:
    shown = Shown(mails.cleaned(CORPUS[at], pictures=False))

    assert shown.tags <= ALLOWED
    words = " ".join(shown.values).lower()
    assert not any(one in words for one in ("script:", "data:", "style=", "spy.example", "on"))


def test_a_text_of_words_only_is_taken_from_a_page() -> None:
    said = letters.words_of("<style>x{}</style><p>断网</p><script>1</script><div>两天<br>了</div>")

    assert said == "断网\n两天\n了"


def test_what_runs_in_a_browser_is_not_taken_and_nothing_is_handed_out_to_be_run(
    world: Any,
) -> None:
    ticket = world.own.tickets["in_progress"]
    by = {"number": ticket.number, "actor": "system:test", "at": now()}
    for content in (b"<svg onload=1>", b"<!DOCTYPE html>", b"\n <html>", b"<?xml ?><x/>", b"MZ\0"):
        with pytest.raises(Refused, match="type_not_allowed"):
            working.attach(name="photo.png", chunks=[content], **by)

    file = ticket.attachments.get()
    for media_type in (*RUNNING, "application/pdf"):
        with transaction.atomic():
            Attachment.objects.filter(pk=file.pk).update(
                media_type=media_type, name='a".html\r\nX: 1', public=True
            )
            given = [
                (one, path)
                for one in world.people
                for path in (
                    f"/console/tickets/{ticket.number}/attachments/{file.pk}",
                    f"/portal/tickets/{ticket.number}/attachments/{file.sha256}",
                    f"/api/v1/tickets/{ticket.number}/attachments/{file.sha256}",
                )
            ]
            answers = [one.client.get(path, headers=one.headers) for one, path in given]
            transaction.set_rollback(True)
        files = [one for one in answers if one.status_code == 200]
        assert len(files) >= 3
        for one in files:
            assert one.headers["Content-Disposition"].startswith("attachment")
            assert one.headers["X-Content-Type-Options"] == "nosniff"
            assert one.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
            assert "X" not in one.headers
