"""Why a limit does not run: the row that came nearest, and what differed."""

from __future__ import annotations

from tests.factories import standard as shipped

from changtong.standard.domain import reading


CASE = {
    "priority": "P3",
    "region": "/32/3201/320102/",
    "region_type": "urban",
    "family": "broadband",
    "tier": "standard",
    "category": "fault.broadband.down",
}


def judged(kind="fault", edition=None, **case):
    edition = edition or shipped.edition()
    return edition.considered(kind=kind, case={**CASE, **case})


def test_what_applies_is_exactly_what_the_edition_grants():
    for kind in ("fault", "service_request", "complaint", "enquiry"):
        applying = [one.target for one in judged(kind) if one.applies]
        assert tuple(applying) == shipped.edition().targets(kind=kind, **CASE)


def test_the_nearest_row_says_what_differed():
    (law,) = (one for one in judged("service_request") if one.limit == "law.resume")
    assert law.why == "differs"
    (difference,) = law.differences
    assert difference.attribute == "category"
    assert difference.wanted == ("request.resume",)
    assert difference.given == CASE["category"]


def test_of_several_rows_the_one_that_differs_least_is_told():
    (law,) = (one for one in judged(region_type="") if one.limit == "law.repair")
    assert [one.attribute for one in law.differences] == ["region_type"]


def test_a_row_of_law_whose_figure_is_not_verified_is_told_as_waiting():
    found = judged("service_request", family="fixed", category="request.install.fixed")
    waiting = [one for one in found if one.why == "awaits"]
    assert [one.limit for one in waiting] == ["law.install"]
    assert waiting[0].target.figure == "install.fixed.urban"


def test_a_limit_of_another_place_names_the_place():
    body = shipped.body()
    limit = shipped.limit(body, "handling", "promise.resolution", "enquiry")
    limit["row"] = [{"when": {"region": "4101"}, "within": "1h"}]
    (one,) = (
        one
        for one in judged("enquiry", edition=reading.edition(body))
        if one.limit == "promise.resolution"
    )
    assert (one.why, one.differences[0].attribute) == ("differs", "region")
    assert one.differences[0].given == CASE["region"]
