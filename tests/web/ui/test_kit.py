"""The kit page renders in every layout and both languages, and only where people build."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.utils import translation
from pytest_django import Settings

from changtong.web.ui import kit


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("layout", ["console", "portal", "plain"])
def test_the_kit_renders(client: object, settings: Settings, layout: str, language: str) -> None:
    settings.DEMO = True
    with translation.override(language):
        answer = client.get(f"/ui/kit?layout={layout}", headers={"accept-language": language})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'style="' not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count("<script src=") + page.count(
        '<script type="module" src='
    ) + page.count('type="application/json"')


def test_the_kit_is_hidden_from_the_public(settings: Settings) -> None:
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(Http404):
        kit.kit(RequestFactory().get("/ui/kit"))
