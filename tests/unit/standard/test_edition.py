"""What the first edition answers, each answer with its clause."""

from datetime import timedelta

import pytest
from tests.factories import standard as shipped

from changtong.kernel.errors import Missing, Refused
from changtong.standard.domain import checking, reading, words


@pytest.fixture(scope="module")
def edition():
    return shipped.edition()


def targets(edition, **case):
    defaults = {
        "kind": "fault",
        "priority": "P3",
        "region": "/32/3201/320102/",
        "region_type": "urban",
        "family": "broadband",
        "tier": "standard",
    }
    return edition.targets(**{**defaults, **case})


def test_law_and_promise_stand_side_by_side(edition):
    found = {
        target.basis: (str(target.within), target.clause, target.pausable)
        for target in targets(edition)
        if target.metric == "restoration"
    }

    assert found == {"legal": ("48h", "L1.32", False), "promise": ("24h", "13.4", True)}


def test_one_row_makes_a_limit_stricter_in_one_region():
    body = shipped.body()
    limit = shipped.limit(body, "handling", "promise.restoration", "fault")
    limit["row"].append({"when": {"region": "4101", "priority": ["P3", "P4"]}, "within": "12h"})
    edition = reading.edition(body)

    def promised(**case):
        found = targets(edition, **case)
        return [str(t.within) for t in found if (t.metric, t.basis) == ("restoration", "promise")]

    assert promised(region="/41/4101/410105/") == ["12h"]
    assert promised(region="/41/4101/410122/", region_type="rural", priority="P4") == ["12h"]
    assert promised(region="/41/4101/410105/", priority="P1") == ["4h"]
    assert promised(region="/41/4103/410311/") == ["24h"]
    assert promised(region="") == ["24h"]
    assert checking.problems(body) == ()


def test_places_that_no_rule_names_share_one_answer():
    edition = reading.edition(shipped.body())

    assert targets(edition, region="/32/3201/") is targets(edition, region="/33/3301/")


def test_visits_lie_in_the_hours_of_visits_unless_a_row_lets_them_go_round_the_clock(edition):
    def hours(kind="fault", priority="P3", family="broadband", tier="standard"):
        found = edition.visit_hours(
            kind=kind,
            priority=priority,
            region="/41/4101/410105/",
            region_type="urban",
            family=family,
            tier=tier,
            category="",
        )
        return found.calendar, found.clause

    assert hours() == ("field", "7.9")
    assert hours(priority="P2") == ("24x7", "7.3")
    assert hours(family="private_line", tier="gold") == ("24x7", "13.5")
    assert hours(kind="service_request", priority="P1") == ("field", "7.9")


def test_one_place_may_be_visited_at_hours_of_its_own():
    body = shipped.body()
    row = {"when": {"region": "4101"}, "calendar": "24x7", "clause": "7.3"}
    body["tables/visits.toml"]["rule"][0]["row"].append(row)
    edition = reading.edition(body)
    case = {"kind": "fault", "priority": "P4", "region_type": "urban", "category": ""}
    case |= {"family": "broadband", "tier": "standard"}

    assert edition.visit_hours(**case, region="/41/4101/410105/").calendar == "24x7"
    assert edition.visit_hours(**case, region="/41/4102/").calendar == "field"
    assert not checking.problems(body)


def test_a_short_pause_on_site_keeps_the_visit_and_another_time_does_not(edition):
    keeps = {one.code: one.keeps_visit_for for one in edition.pause_reasons(kind="fault")}
    assert keeps["customer_power"] == timedelta(minutes=60)
    assert keeps["customer_reschedule"] == timedelta(0)


def test_no_legal_target_ever_pauses(edition):
    for kind in words.KINDS:
        for target in targets(edition, kind=kind):
            assert not (target.basis == "legal" and target.pausable)


def test_a_figure_without_a_limit_of_its_own_is_found_by_its_code(edition):
    figure = edition.figure("outage.exceptional.written")

    assert (str(figure.within), figure.confidence, figure.status) == ("4h", "V2", "enabled")
    with pytest.raises(Missing) as missing:
        edition.figure("outage.imagined")
    assert missing.value.code == "figure.unknown"


def test_what_the_law_only_calls_prompt_has_no_limit_but_a_target_of_our_own(edition):
    figure = edition.figure("pi.breach.contain")

    assert (figure.value, figure.wording, figure.internal_target) == ("", "立即", "1h")
    with pytest.raises(Refused):
        figure.within  # noqa: B018
    with pytest.raises(Refused):
        figure.is_reached_by(1)


def test_law_of_a_province_stands_beside_that_of_the_nation(edition):
    def answers(region):
        return {
            target.clause: str(target.within)
            for target in targets(edition, kind="complaint", region=region)
            if (target.metric, target.basis) == ("answer", "legal")
        }

    assert answers("/41/4101/410105/") == {"L2.10": "15d", "P41.38": "5wd"}
    assert answers("/50/5001/") == {"L2.10": "15d", "P50.20": "15wd"}
    assert answers("/32/3201/") == {"L2.10": "15d"}


def test_a_clause_that_adopts_an_article_is_enforced_by_what_enforces_the_article(edition):
    assert edition.clause("13.2").adopts == ("L1.32",)
    assert edition.clause("13.2").rules == ("targets/law.repair",)
    assert edition.clause("12.2").rules == (
        "targets/law.complaint_answer",
        "targets/law.complaint_answer.41",
        "targets/law.complaint_answer.50",
    )


def test_a_clause_knows_the_terms_that_it_uses(edition):
    assert "appeal" in edition.clause("12.4").terms
    assert "working_day" in edition.clause("12.3").terms


def test_a_legal_target_names_its_figure(edition):
    (legal,) = [target for target in targets(edition) if target.basis == "legal"]

    figure = edition.figures[legal.figure]
    source = edition.sources[figure.source]
    assert (source.name, figure.article) == ("中华人民共和国电信条例", "32")


def test_a_category_can_have_limits_of_its_own(edition):
    (ordinary,) = [
        target.within
        for target in targets(edition, kind="service_request")
        if target.metric == "resolution"
    ]
    found = {
        target.basis: str(target.within)
        for target in targets(edition, kind="service_request", category="request.resume")
        if target.metric == "resolution"
    }

    assert str(ordinary) == "48h"
    assert found == {"legal": "48h", "promise": "4h"}


def test_every_kind_of_case_has_leaves_in_every_family(edition):
    for kind in words.KINDS:
        leaves = edition.leaves(kind=kind)
        for family in words.FAMILIES:
            assert any(family in leaf.families for leaf in leaves), (kind, family)


def test_every_leaf_but_the_last_resort_can_be_found_by_words_in_both_languages(edition):
    for leaf in edition.leaves():
        assert any(not word.isascii() for word in leaf.keywords), leaf.code
        assert any(word.isascii() for word in leaf.keywords), leaf.code


def test_an_answer_carries_an_existing_clause(edition):
    cited = {number for number, _ in edition.citations()}

    assert cited
    assert all(edition.clause(number).enforced for number in cited)


def test_a_clause_knows_what_enforces_it(edition):
    assert edition.clause("13.2").rules == ("targets/law.repair",)
    assert "clock.legal_never_pauses" in edition.clause("2.8").rules
    assert edition.clause("8.1").rules == ()
    assert not edition.clause("8.1").enforced


def test_a_pause_reason_that_the_kind_does_not_allow_is_refused(edition):
    assert edition.pause_reason("spare_part", kind="fault").at_most == timedelta(hours=24)
    with pytest.raises(Missing) as missing:
        edition.pause_reason("spare_part", kind="complaint")
    assert missing.value.code == "pause.not_allowed"


@pytest.mark.parametrize(
    "ask",
    [
        lambda edition: edition.clause("99.9"),
        lambda edition: edition.category("nothing"),
        lambda edition: edition.calendar("nothing"),
        lambda edition: edition.skill("nothing"),
        lambda edition: edition.priority(
            impact="universe", urgency="low", tier="gold", region="", region_type="urban"
        ),
        lambda edition: edition.evaluation(kind="wish"),
    ],
)
def test_what_the_edition_does_not_say_is_missing(edition, ask):
    with pytest.raises(Refused):
        ask(edition)


def test_all_areas_of_the_two_source_documents_are_covered(edition):
    covered = {area for chapter in edition.chapters for area in chapter.areas}
    guide = {f"G{chapter}.{section}" for chapter in range(1, 9) for section in range(1, 6)}
    standard = {
        *(f"S1.{n}" for n in range(1, 5)),
        *(f"S{chapter}.{n}" for chapter in (2, 3, 4, 5, 7) for n in range(1, 5)),
        *(f"S6.{n}" for n in range(1, 5)),
        "S8.1",
        "S8.2",
    }

    assert guide - covered == set()
    assert standard - covered == set()


def test_a_region_may_be_graded_more_strictly_with_all_that_lies_in_it():
    body = shipped.body()
    case = {"impact": "single", "urgency": "normal"}
    stricter = {"when": {**case, "region": "4101"}, "priority": "P2", "clause": "5.5"}
    body["tables/priority.toml"]["row"].append(stricter)
    edition = reading.edition(body)

    def graded(region, **changes):
        asked = {**case, "tier": "standard", "region_type": "urban", **changes}
        found = edition.priority(**asked, region=region)
        return found.priority, found.clause

    assert graded("/41/4101/410105/") == graded("/41/4101/") == ("P2", "5.5")
    assert graded("/41/4103/410302/") == graded("") == ("P4", "5.3")
    assert graded("/41/4101/410105/", urgency="high") == ("P3", "5.3")
