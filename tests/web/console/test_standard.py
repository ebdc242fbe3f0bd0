"""The standard as staff read it."""

from __future__ import annotations


def test_every_clause_is_listed_with_whether_the_system_enforces_it(world):
    page = world.as_("agent").get("/console/standard/")

    assert page.context["total"] == sum(len(found) for _chapter, found in page.context["chapters"])
    assert 0 < page.context["enforced"] < page.context["total"]


def test_words_and_numbers_find_clauses(world):
    agent = world.as_("agent")

    by_number = agent.get("/console/standard/", {"q": "10.4"})
    assert "10.4" in [one.number for _c, found in by_number.context["chapters"] for one in found]
    assert agent.get("/console/standard/", {"q": "没有这样的话"}).context["chapters"] == []


def test_a_chip_gets_a_fragment_and_a_browser_a_page(world):
    edition = world.town.edition.pk
    address = f"/console/standard/clauses/4.1?edition={edition}"
    agent = world.as_("agent")

    assert b"<html" in agent.get(address).content
    part = agent.get(address, headers={"HX-Request": "true"}).content
    assert b"<html" not in part
    assert b"<p" not in part


def test_an_unknown_clause_or_edition_is_missing(world):
    agent = world.as_("agent")

    assert agent.get("/console/standard/clauses/99.99").status_code == 404
    assert agent.get("/console/standard/?edition=nine").status_code == 404


def test_the_tree_shows_every_category(world):
    page = world.as_("agent").get("/console/standard/categories")

    assert len(page.context["branches"]) == len(page.context["edition"].categories)


def test_categories_name_their_skill(world):
    page = world.as_("agent").get("/console/standard/categories").content.decode()

    assert "投诉处理专员" in page
    assert "complaint_handling" not in page


def test_the_handbook_comes_as_a_file_in_each_format(world):
    agent = world.as_("agent")
    address = f"/console/standard/editions/{world.town.edition.pk}/handbook"

    assert b'name="format"' in agent.get(address).content
    for form, begins in (("pdf", b"%PDF-"), ("docx", b"PK"), ("html", b"<!doctype html>")):
        answer = agent.get(address, {"format": form, "lang": "both"})
        assert answer.content.startswith(begins)
    assert agent.get(address, {"format": "odt"}).status_code == 409


def test_the_page_of_a_clause_shows_how_it_is_kept(world):
    agent = world.as_("supervisor")

    page = agent.get("/console/standard/clauses/4.2")
    below = agent.get("/console/standard/clauses/4.2?show=kept")

    assert b"show=kept" in page.content
    assert [days for days, _share, _total in below.context["kept"].periods] == [30, 90, 365]
