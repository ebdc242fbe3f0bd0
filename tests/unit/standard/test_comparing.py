"""The difference of two editions names what changed, and whether it asks more or less of us."""

import pytest
from tests.factories import standard

from changtong.standard.domain import comparing
from changtong.standard.domain.comparing import Piece


def changed(edit):
    body = standard.body()
    edit(body)
    return comparing.compare(standard.body(), body)


def restoration(body):
    return standard.limit(body, "handling", "promise.restoration", "fault")["row"]


def test_an_edition_does_not_differ_from_itself():
    found = changed(lambda body: body["edition.toml"].update(version="9.9.9"))

    assert found.is_empty
    assert found.step == "patch"


def test_a_changed_text_shows_what_was_taken_out_and_put_in():
    def edit(body):
        clause = standard.clause(body, "7.1")
        clause["text"] = clause["text"].replace("四十八小时", "三十六小时")

    (change,) = changed(edit).clauses

    assert (change.number, change.how) == ("7.1", "changed")
    assert [field.key for field in change.fields] == ["text"]
    assert [piece for piece in change.pieces if piece.how != "same"] == [
        Piece("removed", "四"),
        Piece("added", "三"),
        Piece("removed", "八"),
        Piece("added", "六"),
    ]


def test_pieces_make_up_both_texts():
    old, new = "P1 在 48 小时内恢复。", "P1 故障在 36 小时内恢复!"
    pieces = comparing.pieces(old, new)

    assert "".join(piece.text for piece in pieces if piece.how != "added") == old
    assert "".join(piece.text for piece in pieces if piece.how != "removed") == new


def test_clauses_are_added_and_removed_in_the_order_people_count():
    def edit(body):
        extra = dict(standard.clause(body, "26.6"), number="26.99")
        body["clauses/26.toml"]["clause"][5:6] = [extra]
        body["clauses/02.toml"]["clause"].append(dict(extra, number="2.99"))

    found = changed(edit)

    assert [(one.number, one.how) for one in found.clauses] == [
        ("2.99", "added"),
        ("26.6", "removed"),
        ("26.99", "added"),
    ]
    assert found.step == "major"


@pytest.mark.parametrize(
    ("within", "judged", "step"), [("18h", "stricter", "minor"), ("30h", "looser", "major")]
)
def test_a_limit_is_judged_by_what_it_asks(within, judged, step):
    found = changed(lambda body: restoration(body)[2].update(within=within))

    (limit,) = found.limits
    assert (limit.how, limit.limit, limit.kinds) == ("changed", "promise.restoration", ("fault",))
    assert limit.when == {"priority": ("P3",), "region_type": ("urban",)}
    assert [str(target.within) for target in (*limit.before, *limit.after)] == ["24h", within]
    assert limit.judged == judged
    assert found.step == step


def zhengzhou(**more):
    when = {"region": "4101", "priority": "P3", "region_type": "urban", **more}
    return {"when": when, "within": "12h"}


def test_a_new_row_is_judged_by_what_held_before_where_it_decides():
    row = zhengzhou(family=["broadband", "fixed"])
    found = changed(lambda body: restoration(body).append(row))

    (limit,) = found.limits
    assert (limit.how, limit.judged) == ("added", "stricter")
    assert [str(target.within) for target in limit.before] == ["24h"]
    assert [str(target.within) for target in limit.after] == ["12h"]


def test_a_row_for_a_place_that_also_catches_stricter_promises_is_judged_mixed():
    found = changed(lambda body: restoration(body).append(zhengzhou()))

    (limit,) = found.limits
    assert limit.judged == "mixed"
    assert {str(target.within) for target in limit.before} == {"24h", "8h", "6h", "4h"}


def test_a_removed_row_is_judged_by_what_holds_instead():
    def edit(body):
        rows = restoration(body)
        (private,) = [row for row in rows if row["when"].get("tier") == "platinum"]
        rows.remove(private)

    (limit,) = changed(edit).limits

    assert (limit.how, limit.judged) == ("removed", "looser")
    assert [str(target.within) for target in limit.before] == ["4h"]
    assert {str(target.within) for target in limit.after} >= {"24h", "36h"}


def test_shorter_but_pausable_is_judged_mixed():
    found = changed(lambda body: restoration(body)[2].update(within="30h", pausable=False))

    assert found.limits[0].judged == "mixed"


def test_the_same_change_for_several_kinds_is_told_once():
    def edit(body):
        for limit in body["tables/targets/closing.toml"]["limit"]:
            limit["calendar"] = "24x7"
            limit["warn_at"] = [0.5]

    limits = changed(edit).limits

    assert max(len(limit.kinds) for limit in limits) > 1


def test_other_tables_are_compared_by_entry_and_value():
    def edit(body):
        body["tables/pauses.toml"]["pause"][0]["at_most"] = "48h"
        body["calendars/field.toml"]["weekly"]["sunday"] = []
        del body["terms.toml"]["term"][0]
        body["examples/repair.toml"]["example"][0]["name"] += "!"

    found = changed(edit)

    assert {(one.how, one.file, one.table) for one in found.entries} == {
        ("changed", "calendars/field.toml", ""),
        ("removed", "examples/repair.toml", "example"),
        ("added", "examples/repair.toml", "example"),
        ("changed", "tables/pauses.toml", "pause"),
        ("removed", "terms.toml", "term"),
    }
    fields = {one.file: one.fields for one in found.entries if one.how == "changed"}
    assert [(f.key, f.old, f.new) for f in fields["tables/pauses.toml"]] == [
        ("at_most", "72h", "48h")
    ]
    assert [(f.key, f.new) for f in fields["calendars/field.toml"]] == [("weekly.sunday", [])]


def test_wording_in_english_moves_only_the_last_number():
    found = changed(lambda body: standard.clause(body, "7.1").update(text_en="Better English."))

    assert [one.how for one in found.clauses] == ["changed"]
    assert found.step == "patch"


@pytest.mark.parametrize(
    ("step", "version"), [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.4")]
)
def test_the_next_version_follows_from_the_step(step, version):
    assert comparing.next_version("1.2.3", step) == version
