"""A mistake in a file is reported by file and key, all mistakes at once."""

import pytest
from tests.factories import standard as shipped

from changtong.standard.domain import parsing, reading
from changtong.standard.domain.parsing import Section, Unreadable


def problems(body):
    with pytest.raises(Unreadable) as unreadable:
        reading.edition(body)
    return [(p.code, p.file, p.key) for p in unreadable.value.problems]


def test_the_shipped_edition_can_be_read():
    edition = shipped.edition()

    assert (edition.code, edition.version) == ("cn-telecom", "1.0.0")
    assert edition.digest == parsing.digest(shipped.body())


def test_text_that_is_not_toml_is_reported_with_its_file():
    with pytest.raises(Unreadable) as unreadable:
        parsing.parse({"edition.toml": "code = ", "terms.toml": "[["})

    assert [(p.code, p.file) for p in unreadable.value.problems] == [
        ("file.not_toml", "edition.toml"),
        ("file.not_toml", "terms.toml"),
    ]


def test_dates_become_text_so_that_files_and_database_agree():
    assert parsing.parse({"a.toml": "day = 2026-01-02"}) == {"a.toml": {"day": "2026-01-02"}}


def test_the_digest_does_not_depend_on_the_order_of_keys():
    one = {"a.toml": {"x": 1, "y": "宽带"}, "b.toml": {}}
    other = {"b.toml": {}, "a.toml": {"y": "宽带", "x": 1}}

    assert parsing.digest(one) == parsing.digest(other)
    assert parsing.digest(one) != parsing.digest({**one, "b.toml": {"z": 1}})


def test_all_mistakes_are_reported_at_once():
    body = shipped.body()
    del body["edition.toml"]["title"]
    body["tables/portal.toml"]["code_digits"] = "six"
    body["tables/duplicates.toml"]["rule"][0]["within"] = "two days"

    assert problems(body) == [
        ("key.missing", "edition.toml", "title"),
        ("value.not_a_limit", "tables/duplicates.toml", "rule[1].within"),
        ("value.wrong_type", "tables/portal.toml", "code_digits"),
    ]


def spoil_missing_file(body):
    del body["tables/portal.toml"]


def spoil_unknown_file(body):
    body["tables/portals.toml"] = {}


def spoil_unused_key(body):
    body["tables/portal.toml"]["colour"] = "red"


def spoil_schema(body):
    body["edition.toml"]["schema"] = 2


def spoil_date(body):
    body["edition.toml"]["effective_from"] = "soon"


def spoil_empty(body):
    body["edition.toml"]["title"] = ""


def spoil_calendar(body):
    body["calendars/field.toml"]["weekly"] = {}


def spoil_holiday(body):
    body["law/cn-law/calendars/workday.toml"]["year"][0]["holidays"].append("2014-02-30")


def spoil_hours(body):
    body["calendars/field.toml"]["weekly"]["monday"] = ["8-20"]


def spoil_attribute(body):
    body["tables/priority.toml"]["row"][0]["when"]["mood"] = "bad"


def spoil_attribute_of_another_table(body):
    row = shipped.legal(body, "law.repair")["row"][0]
    row["when"]["impact"] = "area"


def spoil_region(body):
    row = shipped.legal(body, "law.repair")["row"][0]
    row["when"]["region"] = "河 南"


def spoil_kind_of_edition(body):
    body["edition.toml"]["kind"] = "law"


def spoil_named_law(body):
    body["edition.toml"]["law"].append("us-law/2026.1")


def spoil_version_of_law(body):
    body["law/cn-law/edition.toml"]["version"] = "2031.1"


def spoil_value_of_attribute(body):
    body["tables/priority.toml"]["row"][0]["when"]["impact"] = "universe"


def spoil_empty_attribute(body):
    body["tables/priority.toml"]["row"][0]["when"]["impact"] = []


def spoil_figure(body):
    shipped.legal(body, "law.repair")["row"][0]["figure"] = "none"


def spoil_figure_that_is_no_time(body):
    shipped.legal(body, "law.repair")["row"][0]["figure"] = "arrears.penalty"


def spoil_share(body):
    shipped.legal(body, "law.repair")["warn_at"] = [75]


def spoil_span(body):
    body["tables/archiving.toml"]["sealed_within"] = "2wd"


def spoil_small(body):
    body["tables/attachments.toml"]["at_most_count"] = 0


def spoil_repeated_code(body):
    body["sources.toml"]["source"].append(body["sources.toml"]["source"][0])


def spoil_repeated_choice(body):
    body["tables/venues.toml"]["choice"].append(body["tables/venues.toml"]["choice"][0])


def spoil_repeated_category(body):
    file = body["tables/categories/enquiry.toml"]
    file["category"].append(file["category"][1])


def spoil_repeated_limit(body):
    file = body["law/cn-law/tables/targets/repair.toml"]
    file["limit"].append(file["limit"][0])


def spoil_repeated_clause(body):
    file = body["clauses/13.toml"]
    file["clause"].append(file["clause"][0])


def spoil_repeated_kind(body):
    file = body["tables/duplicates.toml"]
    file["rule"].append(file["rule"][0])


def spoil_clause_elsewhere(body):
    shipped.clause(body, "13.9")["number"] = "14.99"


def spoil_condition(body):
    body["tables/closing.toml"]["condition"][0]["code"] = "moon_is_full"


def spoil_rule_in_code(body):
    shipped.clause(body, "1.5")["rules"] = ["wishful.thinking"]


def spoil_list(body):
    body["clauses/13.toml"]["areas"] = ["G4.1", 4]


def spoil_tables(body):
    body["terms.toml"]["term"] = ["ticket"]


def spoil_flag(body):
    shipped.clause(body, "1.5")["enforced"] = 1


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (spoil_missing_file, ("file.missing", "tables/portal.toml", "")),
        (spoil_unknown_file, ("file.unknown", "tables/portals.toml", "")),
        (spoil_unused_key, ("key.unused", "tables/portal.toml", "colour")),
        (spoil_schema, ("schema.unknown", "edition.toml", "schema")),
        (spoil_date, ("value.not_a_date", "edition.toml", "effective_from")),
        (spoil_empty, ("value.empty", "edition.toml", "title")),
        (spoil_calendar, ("calendar.unsound", "calendars/field.toml", "")),
        (
            spoil_holiday,
            ("value.not_a_date", "law/cn-law/calendars/workday.toml", "year[1].holidays"),
        ),
        (spoil_hours, ("calendar.hours_unreadable", "calendars/field.toml", "weekly.monday")),
        (spoil_attribute, ("attribute.unknown", "tables/priority.toml", "row[1].when.mood")),
        (spoil_kind_of_edition, ("edition.of_another_kind", "edition.toml", "kind")),
        (spoil_named_law, ("law.missing", "edition.toml", "law")),
        (spoil_version_of_law, ("law.not_named", "edition.toml", "law")),
        (
            spoil_attribute_of_another_table,
            (
                "attribute.unknown",
                "law/cn-law/tables/targets/repair.toml",
                "limit[1].row[1].when.impact",
            ),
        ),
        (
            spoil_region,
            (
                "region.unreadable",
                "law/cn-law/tables/targets/repair.toml",
                "limit[1].row[1].when.region",
            ),
        ),
        (
            spoil_value_of_attribute,
            ("value.not_allowed", "tables/priority.toml", "row[1].when.impact"),
        ),
        (
            spoil_empty_attribute,
            ("value.wrong_type", "tables/priority.toml", "row[1].when.impact"),
        ),
        (
            spoil_figure,
            ("figure.unknown", "law/cn-law/tables/targets/repair.toml", "limit[1].row[1].figure"),
        ),
        (
            spoil_figure_that_is_no_time,
            (
                "value.not_a_limit",
                "law/cn-law/tables/targets/repair.toml",
                "limit[1].row[1].figure",
            ),
        ),
        (
            spoil_share,
            ("value.not_a_share", "law/cn-law/tables/targets/repair.toml", "limit[1].warn_at"),
        ),
        (spoil_span, ("value.not_a_span", "tables/archiving.toml", "sealed_within")),
        (spoil_small, ("value.too_small", "tables/attachments.toml", "at_most_count")),
        (spoil_repeated_code, ("code.repeated", "sources.toml", "source[5].code")),
        (spoil_repeated_choice, ("code.repeated", "tables/venues.toml", "choice[4].code")),
        (
            spoil_repeated_category,
            ("code.repeated", "tables/categories/enquiry.toml", "category[12].code"),
        ),
        (
            spoil_repeated_limit,
            ("code.repeated", "law/cn-law/tables/targets/repair.toml", "limit[2].code"),
        ),
        (spoil_repeated_clause, ("code.repeated", "clauses/13.toml", "clause[11].number")),
        (spoil_repeated_kind, ("kind.repeated", "tables/duplicates.toml", "rule[5].kinds")),
        (spoil_clause_elsewhere, ("clause.elsewhere", "clauses/13.toml", "clause[9].number")),
        (spoil_condition, ("value.not_allowed", "tables/closing.toml", "condition[1].code")),
        (spoil_rule_in_code, ("value.not_allowed", "clauses/01.toml", "clause[5].rules")),
        (spoil_list, ("value.wrong_type", "clauses/13.toml", "areas")),
        (spoil_tables, ("value.wrong_type", "terms.toml", "term")),
        (spoil_flag, ("value.wrong_type", "clauses/01.toml", "clause[5].enforced")),
    ],
)
def test_each_mistake_is_named_by_file_and_key(spoil, problem):
    body = shipped.body()
    spoil(body)

    assert problem in problems(body)


def test_a_section_returns_harmless_values_for_mistakes():
    noted = []
    section = Section("x.toml", {"a": True, "b": "x"}, noted)

    assert section.whole("a", at_least=1) == 1
    assert section.share("b") == 0.0
    assert section.tables("missing") == []
    assert [problem.code for problem in noted] == [
        "value.wrong_type",
        "value.wrong_type",
        "key.missing",
    ]
