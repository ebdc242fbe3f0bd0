"""Drafts of the standard as their authors, reviewers and approvers meet them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import drafts
from tests.factories.drafts import HANDLING
from tests.web.console.conftest import posted

from changtong.infra.clock import now
from changtong.standard import models, queries
from changtong.standard.domain import drafting, packing, parsing
from changtong.standard.domain.drafting import Place


ROW = {"file": HANDLING, "limit": "0"}


@pytest.fixture
def draft(world):
    return drafts.begun(
        edition_id=world.town.edition.pk, actor=world.staff["compliance"].actor, at=now()
    )


def address(draft, rest=""):
    return f"/console/standard/drafts/{draft.pk}{rest}"


def seen(client, path):
    """Return the seal that the page carries for what it shows."""
    return re.search(r'name="seen" value="(\w*)"', client.get(path).content.decode())[1]


def row_form(**changes):
    return {
        **ROW,
        "row": "14",
        "region": "410105",
        "region_type": "urban",
        "priority": "P3",
        "family": ["broadband", "fixed"],
        "amount": "12",
        "unit": "h",
        "seen": "",
        **changes,
    }


def test_a_compliance_officer_begins_a_draft_from_the_edition_in_force(world):
    officer = world.as_("compliance")

    page = posted(
        officer,
        "/console/standard/drafts/new",
        title="缩短金水区修复时限",
        edition=str(world.town.edition.pk),
    )

    draft = models.Draft.objects.get()
    assert (page.status_code, page["Location"]) == (303, address(draft))
    assert draft.begun_by == world.staff["compliance"].actor
    assert "缩短金水区修复时限" in officer.get("/console/standard/editions").content.decode()


def test_who_does_not_write_the_standard_neither_begins_nor_changes_a_draft(world, draft):
    for role in ("agent", "manager", "supervisor", "administrator"):
        client = world.as_(role)
        assert client.get("/console/standard/drafts/new").status_code == 403
        answer = posted(client, address(draft, "/limits/row/values"), **row_form())
        assert answer.status_code == 403
    assert world.as_("agent").get(address(draft)).status_code == 403
    assert world.as_("supervisor").get(address(draft)).status_code == 200


def test_a_row_is_added_in_a_form_and_tried_on_a_case(world, draft):
    officer = world.as_("compliance")

    answer = posted(officer, address(draft, "/limits/row/values"), **row_form())

    assert answer.status_code == 303
    row = drafting.value_at(queries.body_of(draft), Place(HANDLING, ("limit", 0, "row", 14)))
    assert row == {
        "when": {
            "region": "410105",
            "region_type": "urban",
            "priority": "P3",
            "family": ["broadband", "fixed"],
        },
        "within": "12h",
    }
    case = {"kind": "fault", "priority": "P3", "region": "410105", "tier": "standard"}
    trial = officer.get(address(draft, "/limits/trial"), {**case, "family": "broadband"})
    (changed,) = [one for one in trial.context["tried"] if one.differs]
    assert (changed.metric, changed.old, changed.new) == ("restoration", "24 小时", "12 小时")


def test_a_row_is_changed_and_removed(world, draft):
    officer = world.as_("compliance")
    page = address(draft, f"/limits/row?file={HANDLING}&limit=0&row=2")
    form = row_form(row="2", region=[], family=[], amount="20", seen=seen(officer, page))

    assert posted(officer, address(draft, "/limits/row/values"), **form).status_code == 303
    rows = Place(HANDLING, ("limit", 0, "row"))
    assert drafting.value_at(queries.body_of(draft), rows)[2]["within"] == "20h"

    gone = {**ROW, "row": "2", "seen": seen(officer, page)}
    answer = posted(officer, address(draft, "/limits/row/removal"), **gone)
    assert (answer.status_code, len(answer.context["looser"])) == (409, 1)
    gone["knowing"] = "1"
    assert posted(officer, address(draft, "/limits/row/removal"), **gone).status_code == 303
    assert len(drafting.value_at(queries.body_of(draft), rows)) == 13


def test_a_form_that_is_wrong_says_so_and_changes_nothing(world, draft):
    officer = world.as_("compliance")

    answer = posted(
        officer, address(draft, "/limits/row/values"), **row_form(amount="0", warn_at="150")
    )

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"amount", "warn_at"}
    assert not models.DraftChange.objects.exists()


def clause_form(**changes):
    return {
        "number": "13.4",
        "title": "障碍修复承诺",
        "title_en": "Repair: our promise",
        "text": "新的条文。",
        "text_en": "New words.",
        "enforced": "on",
        "kinds": "fault",
        "evidence": "计时记录",
        **changes,
    }


def test_the_second_author_of_a_clause_keeps_what_was_typed(world, draft):
    officer = world.as_("compliance")
    mine = seen(officer, address(draft, "/clauses/13.4"))
    place = Place("clauses/13.toml", ("clause", 3, "text"))
    drafts.change(draft, place, "别人写的。", actor=world.staff["manager"].actor, at=now())

    answer = posted(officer, address(draft, "/clauses/13.4/words"), **clause_form(seen=mine))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "新的条文。" in page
    assert "别人写的。" in page
    assert "manager-1" in page
    again = clause_form(seen=re.search(r'name="seen" value="(\w+)"', page)[1])
    answer = posted(officer, address(draft, "/clauses/13.4/words"), **again)
    assert answer.status_code == 303
    assert drafting.value_at(queries.body_of(draft), place) == "新的条文。"


def test_a_clause_is_added_and_removed(world, draft):
    officer = world.as_("compliance")
    form = clause_form(number="13.99", chapter="13", seen="", enforced="")

    assert posted(officer, address(draft, "/clauses/new"), **form).status_code == 303
    page = address(draft, "/clauses/13.99")
    assert officer.get(page).status_code == 200
    gone = posted(officer, f"{page}/removal", seen=seen(officer, page))
    assert gone.status_code == 303
    assert officer.get(page).status_code == 404


def test_an_entry_of_a_table_is_changed_in_a_form(world, draft):
    officer = world.as_("compliance")
    given = {"file": "tables/pauses.toml", "table": "pause", "at": "0"}
    page = officer.get(address(draft, "/tables/entry"), given)
    values = {
        "code": "customer_reschedule",
        "name": "客户改约",
        "name_en": "Customer asked for another time",
        "kinds": ["service_request", "fault"],
        "at_most": "48h",
        "clause": "7.4",
    }

    answer = posted(
        officer,
        address(draft, "/tables/entry/values"),
        **given,
        **values,
        seen=page.context["seen"],
    )

    assert answer.status_code == 303
    pauses = queries.body_of(draft)["tables/pauses.toml"]["pause"]
    assert pauses[0]["at_most"] == "48h"


def test_what_cannot_be_read_is_shown_beside_its_field(world, draft):
    officer = world.as_("compliance")
    given = {"file": "tables/pauses.toml", "table": "pause", "at": "99"}
    assert officer.get(address(draft, "/tables/entry"), given).status_code == 200
    count = len(queries.body_of(draft)["tables/pauses.toml"]["pause"])
    given["at"] = str(count)
    values = {"code": "x", "name": "某", "name_en": "x", "at_most": "soon", "clause": "7.4"}

    answer = posted(officer, address(draft, "/tables/entry/values"), **given, **values, seen="")

    assert answer.status_code == 409
    assert set(answer.context["form"].errors) == {"at_most"}


def test_a_text_that_is_no_toml_names_the_line_and_stays(world, draft):
    officer = world.as_("compliance")
    file = "tables/pauses.toml"
    mine = officer.get(address(draft, "/tables/text"), {"file": file}).context["seen"]
    given = {"file": file, "text": "a = 1\nb = = 2", "seen": mine}

    answer = posted(officer, address(draft, "/tables/text/words"), **given)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "line 2" in page
    assert "b = = 2" in page


def test_files_go_out_and_come_back_with_nothing_lost(world, draft):
    officer = world.as_("compliance")
    drafts.append_row(draft, actor=world.staff["compliance"].actor, at=now())
    body = queries.body_of(draft)

    data = officer.get(address(draft, "/files")).content

    assert queries.complete(parsing.parse(packing.unpacked(data))) == body
    texts = packing.unpacked(data)
    texts["terms.toml"] = texts["terms.toml"].replace("name_en", "name_en", 1) + "# 改\n"
    texts["clauses/13.toml"] = texts["clauses/13.toml"].replace("障碍修复承诺", "修复承诺")
    upload = SimpleUploadedFile("standard.zip", packing.packed(texts))
    answer = posted(officer, address(draft, "/loading"), package=upload, seen="1")
    assert answer.status_code == 303
    assert queries.body_of(draft)["clauses/13.toml"]["clause"][3]["title"] == "修复承诺"


def test_a_second_person_approves_and_publishes_and_new_tickets_take_it(world, draft):
    officer, manager = world.as_("compliance"), world.as_("manager")
    older = world.ticket()
    posted(officer, address(draft, "/limits/row/values"), **row_form())
    assert posted(officer, address(draft, "/sending")).status_code == 303
    assert posted(officer, address(draft, "/approval")).status_code == 409
    assert posted(manager, address(draft, "/approval")).status_code == 409
    drafts.rehearsed(draft)
    assert posted(manager, address(draft, "/approval")).status_code == 303

    page = manager.get(address(draft, "/review/publication"))
    assert page.context["form"].initial["version"] == "1.1.0"
    assert [(row.version, count) for row, count in page.context["remaining"]] == [("1.0.0", 1)]
    today = page.context["form"].initial["effective_from"]
    answer = posted(
        manager,
        address(draft, "/review/publication"),
        version="1.1.0",
        effective_from=today.isoformat(),
    )

    assert answer.status_code == 303
    edition = queries.edition_in_force(at=now())
    assert edition.version == "1.1.0"
    assert world.ticket(title="又断网").edition_id == edition.pk
    older.refresh_from_db()
    assert older.edition_id == world.town.edition.pk


def test_a_comment_is_made_at_a_clause_and_resolved(world, draft):
    reviewer = world.as_("supervisor")
    posted(reviewer, address(draft, "/comments"), clause="13.4", text="农村怎么办?", back="clause")
    comment = models.DraftComment.objects.get()

    page = world.as_("compliance").get(address(draft, "/clauses/13.4")).content.decode()

    assert "农村怎么办?" in page
    posted(world.as_("compliance"), address(draft, f"/comments/{comment.pk}/resolution"))
    comment.refresh_from_db()
    assert comment.resolved_by == world.staff["compliance"].actor


def test_any_two_editions_and_drafts_are_compared(world, draft):
    drafts.append_row(draft, actor=world.staff["compliance"].actor, at=now())
    sides = {"old": f"edition:{world.town.edition.pk}", "new": f"draft:{draft.pk}"}

    page = world.as_("supervisor").get("/console/standard/comparison", sides)

    assert [one["judged"] for one in page.context["comparison"].limits] == ["stricter"]
    assert world.as_("agent").get("/console/standard/comparison", sides).status_code == 404


def test_an_edition_is_repealed_with_a_reason_but_never_the_last(world):
    manager = world.as_("manager")
    path = f"/console/standard/editions/{world.town.edition.pk}/withdrawal"

    assert posted(manager, path, because="").status_code == 422
    answer = posted(manager, path, because="数字有误")

    assert answer.status_code == 409
    assert queries.edition_in_force(at=now() + timedelta(days=1)) == world.town.edition
