"""Nothing is lost between a form and its file, whichever entry of whichever edition it shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.forms import CheckboxInput, MultiWidget
from django.http import QueryDict
from tests.factories import drafts
from tests.factories import standard as factory
from tests.web.console.conftest import posted

from changtong.infra.clock import now
from changtong.standard import queries
from changtong.standard.domain import drafting, law, reading
from changtong.web.console.standard import forms, sheets
from changtong.web.console.standard.entries import Entry


EDITIONS = list(queries.drafts(factory.STANDARDS))


def untouched(form: Any) -> dict[str, Any]:
    """Return what a browser sends back when nobody touched the form."""
    found: dict[str, Any] = {}
    for bound in form:
        widget, value = bound.field.widget, bound.value()
        if isinstance(widget, MultiWidget):
            for suffix, one in zip(widget.widgets_names, widget.decompress(value), strict=True):
                found[f"{bound.html_name}{suffix}"] = one or ""
        elif isinstance(widget, CheckboxInput):
            found |= {bound.html_name: "on"} if value else {}
        elif getattr(widget, "allow_multiple_selected", False):
            # A browser sends what was chosen in the order in which it is offered.
            offered = [str(code) for code, _words in bound.field.choices]
            found[bound.html_name] = sorted(map(str, value or ()), key=offered.index)
        else:
            shown = widget.format_value(bound.field.prepare_value(value))
            found[bound.html_name] = (shown[0] if isinstance(shown, list) else shown) or ""
    return found


def sent(form: Any) -> QueryDict:
    """Return an untouched form as a server reads it."""
    found = QueryDict(mutable=True)
    for name, value in untouched(form).items():
        found.setlist(name, value if isinstance(value, list) else [value])
    return found


def entries(body):
    """Yield every entry and every head that a form shows, with its columns."""
    for file, values in sorted(law.own(body).items()):
        sheet = sheets.sheet_of(file)
        if sheet.head:
            yield file, sheet.head, values
        for entry in values.get(sheet.table, ()) if sheet.table else ():
            yield file, sheet.columns, entry


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_entry_that_nobody_touched_comes_back_as_it_was(path):
    body = queries.complete(factory.read(path))
    edition = reading.edition(body)
    places = [("4101", "郑州市"), ("410105", "金水区")]
    count = 0
    for file, columns, current in entries(body):
        same = {"columns": columns, "edition": edition, "current": current, "places": places}
        form = Entry(sent(Entry(**same)), **same)
        assert form.is_valid(), (file, current, form.errors)
        written = form.value()
        assert written == current, file
        assert drafting.seal(written) == drafting.seal(current), file
        count += 1
    assert count > 200


def formed(file, current, shown="columns", **changes):
    """Return what an entry says after a browser changed some fields of its form."""
    same = {"edition": factory.edition(), "places": [], "current": current}
    same["columns"] = getattr(sheets.sheet_of(file), shown)
    given = sent(Entry(**same))
    for name, value in changes.items():
        given.setlist(name, value if isinstance(value, list) else [value])
    form = Entry(given, **same)
    assert form.is_valid(), form.errors
    return form.value()


FIGURE = {
    "code": "repair.own",
    "title": "修复",
    "title_en": "Repair",
    "compare": "<=",
    "statistic": "each",
    "source": "process-standard",
    "article": "2.4",
    "confidence": "V2",
    "status": "draft",
    "wording": "及时",
    "internal_target": "4h",
    "effective_from": "2027-01-01",
    "owner": "质量部",
}


INTAKE = {
    "code": "own",
    "category": "fault.broadband",
    "script": "请问……",
    "script_en": "Please …",
    "clause": "3.3",
    "field": [
        {
            "code": "urgent",
            "name": "急吗",
            "name_en": "Urgent",
            "type": "yes_no",
            "required": False,
        },
        {
            "code": "light",
            "name": "灯",
            "name_en": "Light",
            "type": "choice",
            "required": True,
            "choice": [
                {"code": "red", "name": "红", "name_en": "Red"},
                {"code": "off", "name": "灭", "name_en": "Off"},
            ],
        },
    ],
}


# A calendar that says only what differs: it keeps the weekly hours of its base.
OVERLAY = {
    "code": "workday-50",
    "name": "工作日",
    "name_en": "Working days",
    "base": "workday",
    "season": [
        {"from": "06-01", "to": "08-31", "weekly": {"monday": ["08:00-12:00"]}},
        {"from": "12-01", "to": "02-28", "name": "冬", "weekly": {"monday": ["09:00-17:00"]}},
    ],
}


@pytest.mark.parametrize(
    ("file", "entry", "shown"),
    [
        ("figures/own.toml", FIGURE, "columns"),
        ("calendars/workday-50.toml", OVERLAY, "head"),
        ("tables/intake_forms.toml", INTAKE, "columns"),
    ],
)
def test_what_no_shipped_entry_says_comes_back_too(file, entry, shown):
    assert formed(file, entry, shown) == entry


def test_a_season_is_added_changed_and_taken_away():
    kept = {"season_0_weekly_tuesday": "08:00-12:00", "season_0_to": "09-15"}
    gone = dict.fromkeys(("season_1_from", "season_1_to", "season_1_name"), "")
    added = {
        "season_2_from": "03-01",
        "season_2_to": "03-31",
        "season_2_weekly_friday": "09:00-11:00",
    }

    seasons = formed(
        "calendars/workday-50.toml",
        OVERLAY,
        "head",
        **kept,
        **gone,
        season_1_weekly_monday="",
        **added,
    )["season"]

    assert seasons == [
        {
            "from": "06-01",
            "to": "09-15",
            "weekly": {"monday": ["08:00-12:00"], "tuesday": ["08:00-12:00"]},
        },
        {"from": "03-01", "to": "03-31", "weekly": {"friday": ["09:00-11:00"]}},
    ]


def test_an_answer_is_added_inside_a_question_and_another_taken_away():
    gone = dict.fromkeys(("code", "name", "name_en"), "")
    changes = {f"field_1_choice_0_{name}": value for name, value in gone.items()}
    changes |= {"field_1_choice_2_code": "green", "field_1_choice_2_name": "绿"}
    changes |= {"field_1_choice_2_name_en": "Green", "field_0_type": "date"}

    changed = formed("tables/intake_forms.toml", INTAKE, **changes)

    urgent, light = INTAKE["field"]
    answers = [light["choice"][1], {"code": "green", "name": "绿", "name_en": "Green"}]
    assert changed["field"] == [{**urgent, "type": "date"}, {**light, "choice": answers}]
    assert {**changed, "field": INTAKE["field"]} == INTAKE


def test_an_answer_that_lacks_its_words_is_not_taken(world, draft):
    officer = world.as_("compliance")
    place = {"file": "tables/self_checks.toml", "table": "check", "at": "0"}
    given = shown(officer, draft, **place)
    before = queries.body_of(draft)["tables/self_checks.toml"]["check"][0]["step"][0]
    row = f"step_0_option_{len(before['option'])}"
    given[f"{row}_next"] = "report"

    answer = posted(officer, address(draft, "entry/values"), **given)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {f"{row}_name", f"{row}_name_en"}
    given |= {f"{row}_name": "都不是", f"{row}_name_en": "None"}
    answer = posted(officer, address(draft, "entry/values"), **given)
    assert answer.status_code == 303, errors_of(answer)
    after = queries.body_of(draft)["tables/self_checks.toml"]["check"][0]["step"][0]
    added = {"name": "都不是", "name_en": "None", "next": "report"}
    assert after == {**before, "option": [*before["option"], added]}


def test_a_figure_takes_a_value_in_place_of_a_wording():
    changed = formed("figures/own.toml", FIGURE, wording="", internal_target="", value="8h")

    expected = {**FIGURE, "value": "8h"}
    del expected["wording"], expected["internal_target"]
    assert changed == expected


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_row_of_limits_that_nobody_touched_comes_back_as_it_was(path):
    body = queries.complete(factory.read(path))
    edition = reading.edition(body)
    rows = [
        (limit, row)
        for file, values in law.own(body).items()
        if file.startswith("tables/targets/")
        for limit in values["limit"]
        for row in limit["row"]
    ]
    for limit, row in rows:
        same: Any = {"edition": edition, "regions": [], "basis": limit["basis"]}
        same["initial"] = forms.row_initial(row)
        form = forms.Row(sent(forms.Row(**same)), **same)
        assert form.is_valid(), (row, form.errors)
        assert form.value(row) == row
    assert len(rows) > 50


@pytest.mark.parametrize(
    ("within", "amount", "unit"),
    [
        ("today before 16:00 else 24h", 24, "h"),
        ("today before 09:30 else 2wd", 2, "wd"),
        ("1wd before 15:00 else 2wd", 2, "wd"),
        ("4h before 12:00 else today", None, "today"),
        ("today", None, "today"),
        ("15d", 15, "d"),
    ],
)
def test_a_row_with_a_cut_off_has_fields_of_its_own(within, amount, unit):
    row = {"when": {"priority": "P2"}, "within": within, "clause": "13.4"}
    same: Any = {"edition": factory.edition(), "regions": [], "basis": "promise"}
    same["initial"] = forms.row_initial(row)
    shown = forms.Row(**same)
    assert (shown.initial["amount"], shown.initial["unit"]) == (amount, unit)

    form = forms.Row(sent(shown), **same)

    assert form.is_valid(), form.errors
    assert form.value(row) == row


@pytest.fixture
def draft(world):
    return drafts.begun(
        edition_id=world.town.edition.pk, actor=world.staff["compliance"].actor, at=now()
    )


def address(draft, rest):
    return f"/console/standard/drafts/{draft.pk}/tables/{rest}"


def errors_of(answer):
    return answer.context and answer.context["form"].errors


def shown(client, draft, **place):
    page = client.get(address(draft, "entry"), place)
    assert page.status_code == 200
    given = untouched(page.context["form"])
    return given | dict(place, seen=page.context["seen"])


def test_a_step_of_a_ladder_is_changed_and_one_is_added(world, draft):
    officer = world.as_("compliance")
    place = {"file": "tables/ladders.toml", "table": "row", "at": "0"}
    before = queries.body_of(draft)["tables/ladders.toml"]["row"][0]
    given = shown(officer, draft, **place)
    count = len(before["step"])
    given |= {"step_0_share": "60", f"step_{count}_after_amount": "48"}
    given |= {f"step_{count}_after_unit": "h", f"step_{count}_level": "province"}

    answer = posted(officer, address(draft, "entry/values"), **given)

    assert answer.status_code == 303, errors_of(answer)
    after = queries.body_of(draft)["tables/ladders.toml"]["row"][0]
    assert after["step"][0] == {**before["step"][0], "share": 0.6}
    assert after["step"][1:count] == before["step"][1:]
    assert after["step"][count] == {"after": "48h", "level": "province"}
    assert {**after, "step": before["step"]} == before


def test_what_is_wrong_in_a_step_is_said_beside_its_field(world, draft):
    officer = world.as_("compliance")
    place = {"file": "tables/ladders.toml", "table": "row", "at": "0"}
    given = shown(officer, draft, **place) | {
        "step_1_before_amount": "5",
        "step_1_before_unit": "x",
    }

    answer = posted(officer, address(draft, "entry/values"), **given)

    assert answer.status_code == 409
    assert "step_1_before" in answer.context["form"].errors


def test_a_row_that_lacks_what_it_needs_is_not_taken(world, draft):
    officer = world.as_("compliance")
    place = {"file": "tables/remedies.toml", "table": "remedy", "at": "0"}
    given = shown(officer, draft, **place) | {"part_1_amount": "5"}

    answer = posted(officer, address(draft, "entry/values"), **given)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"part_1_per"}


def test_a_category_file_is_added_with_its_first_category(world, draft):
    officer = world.as_("compliance")
    asked = {"sort": "tables/categories/", "code": "fault-satellite"}
    answer = officer.get(address(draft, "new"), asked)
    file = "tables/categories/fault-satellite.toml"
    assert answer["Location"] == address(draft, f"entry?file={file}")
    same = {"clause": "13.1", "work_for_amount": "60", "work_for_unit": "min", "mode": "remote"}
    head = shown(officer, draft, file=file) | same
    head |= {"kind": "fault", "skill": "network_support", "urgency": "normal"}
    head["families"] = ["broadband"]
    head |= {"category_0_code": "fault.satellite", "category_0_name": "卫星故障"}
    head |= {"category_0_name_en": "Satellite fault", "category_0_parent": "fault"}

    answer = posted(officer, address(draft, "entry/values"), **head)

    assert answer.status_code == 303, errors_of(answer)
    codes = [one.code for one in reading.edition(queries.body_of(draft)).categories]
    assert "fault.satellite" in codes
    assert queries.body_of(draft)[file]["work_for"] == "60min"


def test_a_chapter_is_added_with_its_first_clause(world, draft):
    officer = world.as_("compliance")
    wrong = officer.get(address(draft, "new"), {"sort": "clauses/", "code": "x"})
    assert set(wrong.context["form"].errors) == {"code"}
    answer = officer.get(address(draft, "new"), {"sort": "clauses/", "code": "27"})
    assert answer["Location"] == address(draft, "entry?file=clauses/27.toml")
    given = shown(officer, draft, file="clauses/27.toml")
    given |= {
        "number": "27",
        "title": "附则",
        "title_en": "Annex",
        "areas": "G1.1",
        "owner": "质量部",
    }
    given |= {"review_on": "2027-01-01", "clause_0_number": "27.1", "clause_0_title": "解释"}
    given |= {"clause_0_title_en": "Meaning", "clause_0_text": "由质量部解释。"}
    given |= {"clause_0_text_en": "The quality department explains.", "clause_0_enforced": "no"}

    answer = posted(officer, address(draft, "entry/values"), **given)

    assert answer.status_code == 303, errors_of(answer)
    edition = reading.edition(queries.body_of(draft))
    assert edition.clause("27.1").text == "由质量部解释。"


def test_a_table_of_limits_is_added_with_its_first_row(world, draft):
    officer = world.as_("compliance")
    file = "tables/targets/own.toml"
    answer = officer.get(address(draft, "new"), {"sort": "tables/targets/", "code": "own"})
    assert answer["Location"] == address(draft, f"entry?file={file}&table=limit&at=0")
    given = shown(officer, draft, file=file, table="limit", at="0")
    given |= {"code": "promise.own", "metric": "progress", "basis": "promise", "clause": "13.4"}
    given |= {"starts_on": "ticket.opened", "stops_on": "progress.told", "calendar": "24x7"}
    given |= {"kinds": ["service_request"], "warn_at": "50 87.5", "pausable": "yes"}
    given |= {"row_0_when_priority": ["P1"], "row_0_within_amount": "8", "row_0_within_unit": "h"}

    answer = posted(officer, address(draft, "entry/values"), **given)

    assert answer.status_code == 303, errors_of(answer)
    (limit,) = queries.body_of(draft)[file]["limit"]
    assert (limit["warn_at"], limit["pausable"]) == ([0.5, 0.875], True)
    assert limit["row"] == [{"when": {"priority": "P1"}, "within": "8h"}]
    again = shown(officer, draft, file=file, table="limit", at="0")
    assert not any(name.startswith("row_") for name in again)


def test_a_limit_that_would_be_counted_more_slowly_says_so(world, draft):
    officer = world.as_("compliance")
    place = {"file": drafts.HANDLING, "table": "limit", "at": "0"}
    given = shown(officer, draft, **place) | {"calendar": "workday"}

    answer = posted(officer, address(draft, "entry/values"), **given)

    assert answer.status_code == 409
    assert answer.context["looser"]
    posted(officer, address(draft, "entry/values"), **given, knowing="1")
    before, after = (
        body[drafts.HANDLING]["limit"][0] for body in (base(draft), queries.body_of(draft))
    )
    assert after == {**before, "calendar": "workday"}


def base(draft):
    return queries.body(draft.based_on_id)


def test_a_row_that_would_loosen_a_limit_says_so_and_is_saved_knowingly(world, draft):
    officer = world.as_("compliance")
    limits = f"/console/standard/drafts/{draft.pk}/limits/row"
    place = {"file": drafts.HANDLING, "limit": "0", "row": "99"}
    rows = queries.body_of(draft)[drafts.HANDLING]["limit"][0]["row"]
    place["row"] = str(len(rows))
    page = officer.get(limits, place)
    given = untouched(page.context["form"]) | dict(place, seen=page.context["seen"])
    given |= {"amount": "200", "unit": "h"}
    given["region"] = ["410105"]
    given["region_type"] = ["urban"]
    given["priority"] = ["P3"]
    given["family"] = ["broadband"]

    answer = posted(officer, f"{limits}/values", **given)

    assert answer.status_code == 409
    (told,) = answer.context["looser"]
    assert (told["old"], told["new"]) == (["24 小时"], ["200 小时"])
    assert len(queries.body_of(draft)[drafts.HANDLING]["limit"][0]["row"]) == len(rows)
    given["knowing"] = "1"
    answer = posted(officer, f"{limits}/values", **given)
    assert answer.status_code == 303
    assert len(queries.body_of(draft)[drafts.HANDLING]["limit"][0]["row"]) == len(rows) + 1
