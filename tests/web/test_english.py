"""Whoever has chosen English reads Chinese only where people or the standard wrote it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import serializers
from tests.factories import worlds
from tests.web.test_accessibility import CONSOLE, customer, district, filled, portal_pages

from changtong.workspace.domain import phrases
from changtong.workspace.operations import settings as workspace


__all__ = ["district"]

pytestmark = pytest.mark.django_db(transaction=True)

HAN = re.compile(r"[\u3400-\u9fff]+")
# They are read by people, so they need to be English, too.
READ_OUT = ("alt", "aria-label", "placeholder", "title")
UNSEEN = ("script", "style")


class Read(HTMLParser):
    """What a page says, to the eye and to a screen reader, outside what is marked as Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in UNSEEN or (given.get("lang") or "").startswith("zh"):
            self._within.append(tag)
        elif not self._within:
            self.said += [given[name] or "" for name in READ_OUT if name in given]

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.said.append(data)


def written_by_people() -> str:
    """Return all that stands in the database: names, reports, the words of the standard."""
    written = [
        serializers.serialize("json", model.objects.all())
        for model in apps.get_models()
        if model.__module__.startswith("changtong.")
    ]
    # A language goes by its own name, and a phrase's words in braces give way to data.
    return "\n".join([*written, *dict(settings.LANGUAGES).values(), *phrases.VARIABLES])


def untranslated(answer: Any, data: str) -> list[str]:
    assert answer.status_code == 200, answer
    page = Read()
    page.feed(answer.content.decode())
    return [one.strip() for one in page.said if any(run not in data for run in HAN.findall(one))]


def test_english_is_complete(client: Any, district: worlds.District) -> None:
    data = written_by_people()
    client.cookies["django_language"] = "en"
    wrong = []
    for path in [*portal_pages(district), "/portal/check", "/portal/mine"]:
        wrong += [
            f"{path}: {one}" for one in untranslated(customer(client, district).get(path), data)
        ]
    for role, template in CONSOLE:
        person = district.staff[role]
        client.logout()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        workspace.choose(staff_id=person.pk, language="en")
        client.cookies["django_language"] = "en"
        answer = client.get(filled(template, district))
        wrong += [f"{template}: {one}" for one in untranslated(answer, data)]
    assert not wrong, "\n".join(sorted(set(wrong)))
