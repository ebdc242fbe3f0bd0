"""A place may promise the same day until a cut-off, and have hours of its own."""

from __future__ import annotations

from datetime import date

from tests.factories import standard as shipped

from changtong.standard.domain import checking, reading


CODE = "campaign.repair.35"
PLACE = {
    "region": "35",
    "region_type": "urban",
    "priority": ["P3", "P4"],
    "family": ["fixed", "broadband"],
    "tier": "standard",
}
IN_FUZHOU = {
    "kind": "fault",
    "priority": "P3",
    "region": "/35/3501/",
    "region_type": "urban",
    "family": "broadband",
    "tier": "standard",
}


def adopted():
    body = shipped.body()
    for figure in body["figures/campaigns.toml"]["figure"]:
        if figure["code"] == CODE:
            figure["status"] = "enabled"
    limit = shipped.limit(body, "handling", "promise.restoration", "fault")
    limit["row"].append({"when": PLACE, "figure": CODE})
    return body


def restoration(edition, **changes):
    targets = edition.targets(**{**IN_FUZHOU, **changes})
    [found] = [one for one in targets if (one.metric, one.basis) == ("restoration", "promise")]
    return found


def test_a_local_promise_with_a_cut_off_applies_where_it_was_made():
    edition = reading.edition(adopted())
    assert str(restoration(edition).within) == "today before 16:00 else 24h"
    assert restoration(edition).figure == CODE
    assert str(restoration(edition, region="/41/4101/").within) == "24h"
    assert str(restoration(edition, region_type="rural").within) == "36h"
    assert str(restoration(edition, priority="P1").within) == "4h"
    assert str(restoration(edition, tier="gold").within) == "24h"


def test_an_edition_that_adopts_it_is_sound():
    assert checking.problems(adopted()) == ()


def test_until_it_is_adopted_a_local_promise_is_a_draft_that_sets_nothing():
    figures = shipped.edition().figures
    drafts = [code for code in figures if code.startswith("campaign.")]
    assert len(drafts) == 4
    assert {(figures[code].status, figures[code].confidence) for code in drafts} == {
        ("draft", "V2")
    }
    body = adopted()
    body["figures/campaigns.toml"]["figure"][0]["status"] = "draft"
    assert "figure.not_enabled" in shipped.found(body)


def test_the_longer_side_of_a_cut_off_is_compared_with_the_law():
    body = adopted()
    limit = shipped.limit(body, "handling", "promise.restoration", "fault")
    limit["row"][-1] = {"when": PLACE, "within": "today before 16:00 else 49h"}
    assert "limit.looser_than_law" in shipped.found(body)


def test_the_local_hours_of_a_region_rest_on_the_calendar_of_the_country():
    edition = shipped.edition()
    here, country = edition.calendar("workday-65"), edition.calendar("workday")
    assert (here.holidays, here.workdays, here.years) == (
        country.holidays,
        country.workdays,
        country.years,
    )
    assert here.timezone == "Asia/Shanghai"
    assert here.hours_of(date(2026, 3, 2)) == ((600, 840), (930, 1170))
    assert here.hours_of(date(2026, 6, 1)) == ((570, 810), (960, 1200))
    assert here.hours_of(date(2026, 5, 4)) == ()
