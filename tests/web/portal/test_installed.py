"""The portal as an installed application keeps its shell and nothing of anybody."""

from __future__ import annotations

import json
import re

import pytest
from tests.factories.intake import PHONE, build_town
from tests.web.portal.test_portal import prove


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "畅通客服"), ("en", "Changtong")])
def test_the_manifest_speaks_the_language(client, language, name):
    answer = client.get("/manifest.webmanifest", headers={"accept-language": language})

    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert json.loads(answer.content)["name"].startswith(name)


def test_the_worker_keeps_static_files_and_one_page_that_knows_nobody(client):
    build_town()
    prove(client, PHONE)
    answer = client.get("/sw.js")
    kept = json.loads(re.search(r"self\.kept = (\{.*\});", answer.content.decode())[1])
    pages = [url for url in kept["shell"] if not url.startswith("/static/")]

    offline = client.get(kept["offline"])

    assert answer.headers["Cache-Control"] == "no-cache"
    assert pages == ["/portal/offline"]
    assert not offline.cookies
    for private in ("csrf", PHONE, "data-owner", "王芳"):
        assert private not in offline.content.decode()


def test_a_page_says_whose_reports_the_device_may_send_without_the_number(client):
    build_town()
    prove(client, PHONE)

    page = client.get("/").content.decode()

    owner = re.search(r'data-owner="(\w+)"', page)[1]
    assert len(owner) == 16
    assert PHONE not in page
