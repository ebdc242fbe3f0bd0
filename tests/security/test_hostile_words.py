"""
Whatever a person may write is shown as words on every page, and never becomes part of the page.

Every column that holds somebody's words is filled with a tag, an attribute and the end of a
script; then every address that can be read is read by somebody who may.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection, transaction
from tests.security.conftest import read, readable, readers, reading

from changtong.feedback.operations import telling
from changtong.infra.clock import now
from changtong.journal import queries
from changtong.tickets.models import Ticket
from changtong.tickets.operations import asking


pytestmark = pytest.mark.django_db

HOSTILE = "</script>\"'><hostile onhostile=1>"
# Where people write: customers, staff, programs by the API, whoever names a file or a team.
WRITTEN = {
    "tickets_ticket": ("title", "description", "contact_name", "special_needs", "address"),
    "tickets_logentry": ("text",),
    "tickets_attachment": ("name",),
    "tickets_resolution": ("result", "advice", "refused_because"),
    "tickets_supplement": ("question", "answer"),
    "tickets_hold": ("reason",),
    "feedback_evaluation": ("comment",),
    "feedback_notification": ("subject", "body", "address", "last_error"),
    "dispatch_resource": ("name",),
    "dispatch_workorder": ("ended_because",),
    "parties_customer": ("name", "email"),
    "parties_line": ("address", "access_resource"),
    "parties_staff": ("name", "email"),
    "parties_team": ("name",),
    "parties_token": ("name",),
    "catalog_region": ("name",),
    "standard_draft": ("title",),
    "standard_draftcomment": ("text",),
}
# Pages that show none of it are no proof; so many at least must show some.
SHOWN_ON_AT_LEAST = 25


class Page(HTMLParser):
    """Notes what of our words became a part of the page, and whether they are shown at all."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.broken: list[str] = []
        self.shows = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "hostile" or any(name.startswith("onhostile") for name, _ in attrs):
            self.broken.append(self.get_starttag_text() or tag)
        self.shows = self.shows or any("<hostile" in (value or "") for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.shows = self.shows or "<hostile" in data


def poison() -> None:
    """Write hostile words into every column that takes somebody's."""
    with connection.cursor() as cursor:
        for table, columns in WRITTEN.items():
            words = ", ".join(f"{column} = %s" for column in columns)
            cursor.execute(f"UPDATE {table} SET {words}", [HOSTILE] * len(columns))


def test_words_never_become_a_part_of_any_page(world: Any) -> None:
    wrong: list[str] = []
    shown: set[str] = set()
    asked = [
        (route, person)
        for route in readable()
        if route.face != "api"
        for person in readers(world, route)
    ]
    for route, person in asked:
        with transaction.atomic():
            path, fields = reading(world, route)
            poison()
            response = read(person, path, fields)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                page = Page(response.content.decode())
                wrong += [f"{route.path} for {person.name}: {one}" for one in page.broken]
                shown |= {route.path} if page.shows else set()
            transaction.set_rollback(True)

    assert not wrong
    assert len(shown) >= SHOWN_ON_AT_LEAST, sorted(shown)


def test_words_in_a_message_are_words_and_no_template(world: Any) -> None:
    ticket = world.own.tickets["in_progress"]
    words = "{{ 7|add:7 }}{% now 'Y' %}\r\nBcc: everybody@example.org"

    with transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(title=words, contact_name=words)
        asking.ask(number=ticket.number, question=words, actor="system:test", at=now())
        entry = queries.timeline(ticket.number).filter(tag="ticket.supplement_asked").get()
        told = telling.announce(entry=entry)
        transaction.set_rollback(True)

    assert any("{{ 7|add:7 }}{% now 'Y' %}" in one.body for one in told)
    assert not any("\n" in one.subject or "\r" in one.subject for one in told)
