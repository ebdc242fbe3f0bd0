"""Every static check has an edition that fails it."""

from copy import deepcopy
from datetime import date, timedelta

import pytest
from tests.factories import standard as shipped

from changtong.standard.domain import checking, checking_limits, law, reading


def test_the_shipped_edition_has_no_mistakes():
    assert shipped.found(shipped.body()) == {}


def spoil_cited_clause(body):
    body["tables/portal.toml"]["clause"] = "99.1"


def spoil_enforced_by_nothing(body):
    shipped.clause(body, "8.1")["enforced"] = True


def spoil_enforced_silently(body):
    shipped.clause(body, "13.2")["enforced"] = False


def spoil_skill(body):
    body["tables/categories/enquiry.toml"]["skill"] = "telepathy"


def spoil_instrument(body):
    body["tables/categories/fault-broadband.toml"]["instruments"] = ["dowsing_rod"]


def spoil_parent(body):
    body["tables/categories/enquiry.toml"]["category"][1]["parent"] = "nothing"


def spoil_parent_kind(body):
    body["tables/categories/enquiry.toml"]["category"][1]["parent"] = "fault"


def spoil_ancestor(body):
    body["tables/categories/enquiry.toml"]["category"][0]["parent"] = "enquiry.bill"


def spoil_calendar(body):
    shipped.legal(body, "law.repair")["calendar"] = "lunar"


def spoil_hours_of_visits(body):
    body["tables/visits.toml"]["rule"][0]["row"][0]["calendar"] = "lunar"


def spoil_visits_of_a_kind(body):
    body["tables/visits.toml"]["rule"][1]["kinds"] = ["complaint"]


def spoil_visits_without_a_row_for_the_rest(body):
    del body["tables/visits.toml"]["rule"][0]["row"][0]


def spoil_category_of_a_limit(body):
    shipped.legal(body, "law.resume")["row"][0]["when"] = {"category": "request.dance"}


def spoil_source_of_a_figure(body):
    shipped.figure(body, "repair.mobile")["source"] = "hearsay"


def spoil_legal_basis(body):
    shipped.clause(body, "13.2")["legal_basis"] = ["hearsay 3"]


def spoil_figure_without_source(body):
    shipped.figure(body, "repair.mobile")["source"] = ""


def spoil_confidence(body):
    shipped.figure(body, "repair.mobile")["confidence"] = "V3"


def spoil_draft_in_use(body):
    shipped.figure(body, "evaluation.window")["status"] = "draft"


def spoil_recalled_figure(body):
    shipped.figure(body, "resume.fixed")["status"] = "enabled"


def spoil_invented_figure(body):
    shipped.figure(body, "pi.breach.contain")["value"] = "1h"


def spoil_empty_figure(body):
    del shipped.figure(body, "answer.human")["value"]


def spoil_figure_of_tomorrow(body):
    shipped.figure(body, "repair.mobile")["effective_from"] = "2030-01-01"


def spoil_source_of_tomorrow(body):
    sources = body["law/cn-law/sources.toml"]["source"]
    (found,) = (one for one in sources if one["code"] == "3g-specification")
    found["effective_from"] = "2030-01-01"


def spoil_figure_of_yesterday(body):
    shipped.figure(body, "repair.mobile")["effective_to"] = "2020-01-01"


def spoil_mean_as_a_limit(body):
    shipped.legal(body, "law.repair")["row"][2]["figure"] = "repair.mobile.mean"


def spoil_article_of_a_figure(body):
    shipped.figure(body, "repair.mobile")["article"] = "2.99"


def spoil_article_of_a_basis(body):
    shipped.clause(body, "13.2")["legal_basis"] = ["telecom-regulations 99"]


def spoil_adopted_article(body):
    shipped.clause(body, "13.2")["adopts"] = ["L1.99"]


def spoil_article_of_a_limit(body):
    shipped.legal(body, "law.repair")["clause"] = "L1.34"


def spoil_law_of_our_own(body):
    limit = shipped.limit(body, "handling", "promise.restoration", "fault")
    limit["basis"] = "legal"


def spoil_promise_in_law(body):
    shipped.legal(body, "law.repair")["basis"] = "promise"


def spoil_no_law(body):
    body["edition.toml"]["law"] = []
    for name in [name for name in body if law.is_law(name)]:
        del body[name]
    calendars = shipped.body()
    for name in ("24x7", "workday"):
        found = calendars[f"law/cn-law/calendars/{name}.toml"]
        body[f"calendars/{name}.toml"] = found


def spoil_evidence(body):
    shipped.clause(body, "13.2")["evidence"] = []


def spoil_year_without_a_day(body):
    calendar = body["law/cn-law/calendars/workday.toml"]
    days = (date(2031, 1, 1) + timedelta(days=count) for count in range(365))
    calendar["year"].append({"year": 2031, "holidays": [day.isoformat() for day in days]})


def spoil_category_of_another_kind(body):
    row = shipped.limit(body, "handling", "promise.resolution", "service_request")["row"][-1]
    row["when"]["category"] = ["enquiry.bill"]


def spoil_category_with_narrower_ones(body):
    row = shipped.limit(body, "handling", "promise.resolution", "service_request")["row"][-1]
    row["when"]["category"] = ["request.install"]


def spoil_same_clause(body):
    limit = shipped.limit(body, "handling", "promise.restoration", "fault")
    file = body["tables/targets/handling.toml"]
    file["limit"].append({**deepcopy(limit), "code": "promise.restoration.again"})


def spoil_later_start(body):
    limit = shipped.limit(body, "handling", "promise.answer", "complaint")
    limit["starts_on"] = "ticket.accepted"


def spoil_earlier_stop(body):
    limit = shipped.limit(body, "handling", "promise.answer", "complaint")
    limit["stops_on"] = "ticket.responded"


def spoil_region_of_a_promise(body):
    limit = shipped.limit(body, "handling", "promise.answer", "complaint")
    row = {"when": {"region": "4101"}, "within": "8d", "calendar": "24x7"}
    limit["row"].append(row)


def spoil_priorities_of_one_region_only(body):
    for row in body["tables/priority.toml"]["row"]:
        row["when"]["region"] = "41"


def spoil_tie_of_regions(body):
    rows = shipped.limit(body, "handling", "promise.answer", "complaint")["row"]
    rows.append({"when": {"region": "4101"}, "within": "2wd"})
    rows.append({"when": {"region": ["/41/4101/", "4103"]}, "within": "3wd"})


def spoil_legal_without_figure(body):
    row = shipped.legal(body, "law.repair")["row"][0]
    del row["figure"]
    row["within"] = "48h"


def spoil_legal_pauses(body):
    shipped.legal(body, "law.repair")["pausable"] = True


def spoil_tie(body):
    rows = body["tables/priority.toml"]["row"]
    rows.append({"when": {"impact": "area", "tier": "gold"}, "priority": "P1", "clause": "5.4"})


def spoil_unreachable(body):
    row = {"when": {"impact": ["single", "group", "area", "network"]}, "priority": "P4"}
    body["tables/priority.toml"]["row"].append({**row, "clause": "5.3"})


def spoil_priority(body):
    del body["tables/priority.toml"]["row"][0]


def spoil_missing_limit(body):
    limit = shipped.limit(body, "handling", "promise.restoration", "fault")
    limit["kinds"] = ["enquiry"]
    legal = shipped.legal(body, "law.repair")
    legal["row"] = legal["row"][:1]


def spoil_missing_rule(body):
    body["tables/reopening.toml"]["rule"][0]["kinds"] = ["fault"]


def spoil_looser_than_law(body):
    limit = shipped.limit(body, "handling", "promise.restoration", "fault")
    limit["row"][3]["within"] = "50h"


def spoil_example(body):
    body["examples/priority.toml"]["example"][0]["expect"]["priority"] = {"priority": "P1"}


def spoil_question(body):
    body["examples/priority.toml"]["example"][0]["expect"] = {"weather": "fine"}


def spoil_given(body):
    del body["examples/priority.toml"]["example"][0]["given"]["tier"]


def spoil_refused_example(body):
    body["examples/categories.toml"]["example"][0]["given"]["category"] = "nothing"


def ladder(body):
    return body["tables/ladders.toml"]["row"][0]


def spoil_ladder_that_leads_down(body):
    ladder(body)["step"][3]["level"] = "holder"


def spoil_ladder_out_of_order(body):
    ladder(body)["step"][1]["share"] = 0.5


def spoil_ladder_before_after_the_end(body):
    del ladder(body)["step"][3]["after"]
    ladder(body)["step"][3]["before"] = "1h"


def spoil_ladder_without_steps(body):
    ladder(body)["step"] = []


def spoil_quiet_hours(body):
    ladder(body)["told_in"] = "lunar"


def spoil_hours_of_contact(body):
    body["tables/contact_hours.toml"]["rule"][0]["told_in"] = "lunar"


def spoil_clause_of_a_step(body):
    ladder(body)["step"][3]["clause"] = "99.1"


def spoil_ladders_that_tie(body):
    body["tables/ladders.toml"]["row"][1]["when"] = {"metric": "answer"}


def spoil_step_without_a_time(body):
    del ladder(body)["step"][0]["share"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_cited_clause, "clause.unknown"),
        (spoil_enforced_by_nothing, "clause.enforced_by_nothing"),
        (spoil_enforced_silently, "clause.enforced_silently"),
        (spoil_skill, "reference.unknown"),
        (spoil_instrument, "reference.unknown"),
        (spoil_parent, "reference.unknown"),
        (spoil_parent_kind, "category.kind_differs"),
        (spoil_ancestor, "category.own_ancestor"),
        (spoil_calendar, "reference.unknown"),
        (spoil_hours_of_visits, "reference.unknown"),
        (spoil_visits_of_a_kind, "rule.missing"),
        (spoil_visits_without_a_row_for_the_rest, "rule.missing"),
        (spoil_category_of_a_limit, "reference.unknown"),
        (spoil_source_of_a_figure, "reference.unknown"),
        (spoil_legal_basis, "reference.unknown"),
        (spoil_figure_without_source, "figure.without_source"),
        (spoil_confidence, "figure.not_verified"),
        (spoil_draft_in_use, "figure.not_enabled"),
        (spoil_recalled_figure, "figure.not_verified"),
        (spoil_invented_figure, "figure.invented"),
        (spoil_empty_figure, "figure.says_nothing"),
        (spoil_figure_of_tomorrow, "figure.not_in_force"),
        (spoil_figure_of_yesterday, "figure.not_in_force"),
        (spoil_source_of_tomorrow, "figure.not_in_force"),
        (spoil_mean_as_a_limit, "figure.not_per_case"),
        (spoil_article_of_a_figure, "article.unknown"),
        (spoil_article_of_a_basis, "article.unknown"),
        (spoil_adopted_article, "reference.unknown"),
        (spoil_article_of_a_limit, "limit.another_article"),
        (spoil_law_of_our_own, "limit.law_outside_pack"),
        (spoil_promise_in_law, "limit.promise_in_law"),
        (spoil_no_law, "law.not_rested_on"),
        (spoil_evidence, "clause.without_evidence"),
        (spoil_year_without_a_day, "calendar.closed_all_year"),
        (spoil_category_of_another_kind, "row.impossible"),
        (spoil_category_with_narrower_ones, "row.impossible"),
        (spoil_same_clause, "limit.same_clause"),
        (spoil_later_start, "limit.measures_less"),
        (spoil_earlier_stop, "limit.measures_less"),
        (spoil_region_of_a_promise, "limit.looser_than_law"),
        (spoil_tie_of_regions, "table.tied"),
        (spoil_priorities_of_one_region_only, "priority.undefined"),
        (spoil_legal_without_figure, "limit.legal_without_figure"),
        (spoil_legal_pauses, "limit.legal_pauses"),
        (spoil_tie, "table.tied"),
        (spoil_unreachable, "table.unreachable"),
        (spoil_priority, "priority.undefined"),
        (spoil_missing_limit, "limit.missing"),
        (spoil_missing_rule, "rule.missing"),
        (spoil_looser_than_law, "limit.looser_than_law"),
        (spoil_example, "example.differs"),
        (spoil_question, "example.question_unknown"),
        (spoil_given, "example.given_incomplete"),
        (spoil_refused_example, "example.refused"),
        (spoil_ladder_that_leads_down, "ladder.leads_down"),
        (spoil_ladder_out_of_order, "ladder.steps_unordered"),
        (spoil_ladder_before_after_the_end, "ladder.steps_unordered"),
        (spoil_ladder_without_steps, "ladder.without_steps"),
        (spoil_quiet_hours, "reference.unknown"),
        (spoil_hours_of_contact, "reference.unknown"),
        (spoil_clause_of_a_step, "clause.unknown"),
        (spoil_ladders_that_tie, "table.tied"),
        (spoil_step_without_a_time, "step.not_one_time"),
    ],
)
def test_each_check_finds_its_mistake(spoil, code):
    body = shipped.body()
    spoil(body)

    assert code in shipped.found(body)


def test_a_mistake_is_named_by_its_file_row_and_clause():
    body = shipped.body()
    spoil_looser_than_law(body)

    found = shipped.found(body)["limit.looser_than_law"]

    assert (found.file, found.key) == ("tables/targets/handling.toml", "limit[1].row[4].within")
    assert found.facts["promise_clause"] == "13.4"


def test_a_promise_looser_than_the_law_names_both_clauses():
    body = shipped.body()
    spoil_looser_than_law(body)

    pairs = {
        (problem.facts["promise_clause"], problem.facts["law_clause"])
        for problem in checking_limits.limits_respect_law(reading.edition(body))
    }

    assert pairs == {("13.4", "L1.32"), ("13.4", "L4.2.5")}


def test_a_promise_looser_in_one_region_only_names_the_law_of_that_region():
    body = shipped.body()
    spoil_region_of_a_promise(body)

    (problem,) = checking_limits.limits_respect_law(reading.edition(body))

    assert problem.facts["law_clause"] == "P41.38"
    assert problem.facts["case"]["region"] == "/41/4101/"


def test_six_working_days_are_too_many_in_henan_only():
    body = shipped.body()
    shipped.limit(body, "handling", "promise.answer", "complaint")["row"][0]["within"] = "6wd"

    found = list(checking_limits.limits_respect_law(reading.edition(body)))

    # Over a long holiday six working days even outlast the fifteen days of the nation.
    assert {problem.facts["law_clause"] for problem in found} == {"L2.10", "P41.38"}


def test_a_promise_as_long_as_the_law_is_not_looser():
    body = shipped.body()
    shipped.limit(body, "handling", "promise.restoration", "fault")["row"][3]["within"] = "48h"

    assert "limit.looser_than_law" not in shipped.found(body)


def test_a_pack_whose_recalled_row_is_enabled_fails():
    pack = shipped.read(shipped.STANDARDS / "cn-law" / "2026.1")
    for figure in pack["figures/provision.toml"]["figure"]:
        if figure["confidence"] in ("V3", "R"):
            figure["status"] = "enabled"

    found = [one for one in checking.problems(pack) if one.code == "figure.not_verified"]

    assert {one.file for one in found} == {"figures/provision.toml"}
    assert len(found) == 23


def test_the_law_of_a_province_holds_there_only():
    path = shipped.STANDARDS / "cn-law-41" / "2026.1"
    pack = law.complete(shipped.read(path), lambda name: shipped.read(shipped.STANDARDS / name))
    rows = pack["tables/targets/henan.toml"]["limit"][1]["row"]
    rows[0]["when"] = {"region": "4201"}

    (problem,) = checking.problems(pack)

    assert (problem.code, problem.key) == (
        "limit.outside_region",
        "limit[2].row[1].when.region",
    )


def test_a_row_of_law_whose_figure_is_a_draft_sets_no_limit():
    edition = shipped.edition()

    assert edition.figure("install.fixed.urban").status == "draft"
    assert "law.install" not in {limit.code for limit in edition.limits}
