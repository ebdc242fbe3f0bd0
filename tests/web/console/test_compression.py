"""Pages travel compressed, and nothing else does."""

from __future__ import annotations

import gzip


TAKES = {"accept-encoding": "gzip, deflate, br"}


def test_a_page_travels_compressed(world):
    page = world.as_("agent").get("/console/standard/", headers=TAKES)

    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    plain = gzip.decompress(page.content)
    assert b"<html" in plain
    assert len(page.content) * 4 < len(plain)


def test_whoever_does_not_take_it_gets_it_plain(world):
    page = world.as_("agent").get("/console/standard/")

    assert "Content-Encoding" not in page.headers
    assert b"<html" in page.content


def test_what_is_no_page_stays_as_it_is(world):
    answer = world.as_("agent").get("/api/v1/openapi.json", headers=TAKES)

    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
