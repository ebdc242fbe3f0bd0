"""Every static check has an edition that fails it."""

from datetime import date

import pytest
from tests.factories import standard as shipped

from changtong.standard.domain import checking, reading
from changtong.standard.domain.calendars import Calendar, Within, round_the_clock


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
    shipped.limit(body, "legal", "law.repair", "fault")["calendar"] = "lunar"


def spoil_hours_of_visits(body):
    body["tables/visits.toml"]["rule"][0]["row"][0]["calendar"] = "lunar"


def spoil_visits_of_a_kind(body):
    body["tables/visits.toml"]["rule"][1]["kinds"] = ["complaint"]


def spoil_visits_without_a_row_for_the_rest(body):
    del body["tables/visits.toml"]["rule"][0]["row"][0]


def spoil_category_of_a_limit(body):
    shipped.limit(body, "legal", "law.resume", "service_request")["row"][0]["when"] = {
        "category": "request.dance"
    }


def spoil_source_of_a_figure(body):
    shipped.figure(body, "service", "repair.mobile")["source"] = "hearsay"


def spoil_legal_basis(body):
    shipped.clause(body, "13.2")["legal_basis"] = ["hearsay 3"]


def spoil_figure_without_source(body):
    shipped.figure(body, "service", "repair.mobile")["source"] = ""


def spoil_confidence(body):
    shipped.figure(body, "service", "repair.mobile")["confidence"] = "V3"


def spoil_draft_in_use(body):
    shipped.figure(body, "service", "repair.mobile")["status"] = "draft"


def spoil_legal_without_figure(body):
    row = shipped.limit(body, "legal", "law.repair", "fault")["row"][0]
    del row["figure"]
    row["within"] = "48h"


def spoil_legal_pauses(body):
    shipped.limit(body, "legal", "law.repair", "fault")["pausable"] = True


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
    legal = shipped.limit(body, "legal", "law.repair", "fault")
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
    ],
)
def test_each_check_finds_its_mistake(spoil, code):
    body = shipped.body()
    spoil(body)

    assert code in shipped.found(body)


def test_a_promise_looser_than_the_law_names_both_clauses():
    body = shipped.body()
    spoil_looser_than_law(body)

    pairs = {
        (problem.facts["promise_clause"], problem.facts["law_clause"])
        for problem in checking.limits_respect_law(reading.edition(body))
    }

    assert pairs == {("13.4", "13.2"), ("13.4", "13.3")}


def test_a_promise_as_long_as_the_law_is_not_looser():
    body = shipped.body()
    shipped.limit(body, "handling", "promise.restoration", "fault")["row"][3]["within"] = "48h"

    assert "limit.looser_than_law" not in shipped.found(body)


def test_fifteen_working_days_are_looser_than_fifteen_days():
    body = shipped.body()
    shipped.limit(body, "handling", "promise.answer", "complaint")["row"][0]["within"] = "15wd"

    assert "limit.looser_than_law" in shipped.found(body)


WORKDAY = Calendar(
    code="workday",
    timezone="Asia/Shanghai",
    weekly=(((510, 720), (810, 1050)),) * 5 + ((),) * 2,
    holidays=frozenset({date(2026, 1, 1)}),
    years=frozenset({2026}),
)


@pytest.mark.parametrize(
    ("within", "calendar", "hours"),
    [
        ("90min", round_the_clock(), 1.5),
        ("48h", round_the_clock(), 48),
        ("15d", WORKDAY, 360),
        ("5wd", WORKDAY, 168),
        ("5wd", round_the_clock(), 120),
        ("1mo", WORKDAY, 744),
        # Seven and a half hours open on five days stand for a whole week.
        ("75h", WORKDAY, 336),
    ],
)
def test_limits_are_compared_by_the_clock_on_the_wall(within, calendar, hours):
    assert checking.ordinary_minutes(Within.parse(within), calendar) == pytest.approx(hours * 60)
