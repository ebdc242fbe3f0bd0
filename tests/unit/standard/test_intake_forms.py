"""What is asked at registration, and the mistakes that an author can make about it."""

import pytest
from tests.factories import standard as shipped

from changtong.kernel.errors import Refused
from changtong.standard.domain import reading


FILE = "tables/intake_forms.toml"


def broadband(body):
    return next(form for form in body[FILE]["form"] if form["code"] == "broadband_fault")


def spoil_category(body):
    broadband(body)["category"] = "fault.telegraph"


def spoil_clause(body):
    broadband(body)["field"][0]["clause"] = "99.1"


def spoil_two_of_one_category(body):
    broadband(body)["category"] = "complaint"


def spoil_field_twice(body):
    broadband(body)["field"][1]["code"] = "lights"


def spoil_choice_twice(body):
    broadband(body)["field"][0]["choice"][1]["code"] = "red"


def spoil_choices(body):
    broadband(body)["field"][0]["choice"] = []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_category, "reference.unknown"),
        (spoil_clause, "clause.unknown"),
        (spoil_two_of_one_category, "code.repeated"),
        (spoil_field_twice, "code.repeated"),
        (spoil_choice_twice, "code.repeated"),
        (spoil_choices, "intake_form.without_choices"),
    ],
)
def test_a_mistake_in_a_form_is_found(spoil, code):
    body = shipped.body()
    spoil(body)
    assert code in shipped.found(body)


def test_an_edition_without_the_table_asks_nothing():
    body = shipped.body()
    del body[FILE]
    edition = reading.edition(body)
    assert edition.intake_form(kind="fault", category="fault.broadband.slow") is None


@pytest.mark.parametrize(
    ("kind", "category", "form"),
    [
        ("fault", "fault.broadband.slow", "broadband_fault"),
        ("fault", "fault.mobile.sms", "fault"),
        ("fault", "", "fault"),
        ("complaint", "complaint.billing.refund", "billing_complaint"),
        ("service_request", "request.change.move", "move"),
    ],
)
def test_the_nearest_wider_category_asks(kind, category, form):
    assert shipped.edition().intake_form(kind=kind, category=category).code == form


def test_nobody_asks_about_what_has_no_form():
    assert shipped.edition().intake_form(kind="enquiry", category="enquiry.bill") is None


@pytest.mark.parametrize(
    ("form", "answers", "code", "field"),
    [
        ("request.change.move", {"wanted_on": "2026-12-01"}, "answer.required", "new_address"),
        (
            "request.change.move",
            {"new_address": "人民路 1 号", "wanted_on": "明天"},
            "answer.invalid",
            "wanted_on",
        ),
        ("fault.broadband", {"lights": "purple"}, "answer.invalid", "lights"),
        ("fault.mobile.no_signal", {"indoors": "perhaps"}, "answer.invalid", "indoors"),
        ("complaint.billing", {"amount": "很多"}, "answer.invalid", "amount"),
        ("complaint.billing", {"wanted": "退" * 201}, "answer.invalid", "wanted"),
        ("complaint.billing", {"mood": "bad"}, "answer.unknown", "mood"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_field_and_clause(form, answers, code, field):
    asked = next(one for one in shipped.edition().intake_forms if one.category == form)
    with pytest.raises(Refused) as refused:
        asked.checked(answers)
    assert (refused.value.code, refused.value.facts["field"]) == (code, field)
    assert refused.value.clause == asked.clause


def test_empty_answers_are_not_kept_and_customers_are_asked_public_fields_only():
    asked = next(one for one in shipped.edition().intake_forms if one.code == "private_line_fault")
    kept = asked.checked({"since": " 今早  八点 ", "backup": "", "power": "no"})
    assert [(one["field"], one["answer"], one["says"]) for one in kept] == [
        ("since", "今早 八点", "今早 八点"),
        ("power", "no", "否"),
    ]
    with pytest.raises(Refused) as refused:
        asked.checked({"on_site": "张工"}, public=True)
    assert refused.value.code == "answer.unknown"
