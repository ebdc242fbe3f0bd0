"""A draft is changed at one place; everything else stays as it was."""

import pytest
from tests.factories import standard

from changtong.kernel.errors import Missing, Refused
from changtong.standard.domain import drafting
from changtong.standard.domain.drafting import Place, State


ROWS = Place("tables/targets/handling.toml", ("limit", 0, "row"))


def test_one_value_is_replaced_and_the_given_body_stays():
    body = standard.body()
    place = Place("clauses/13.toml", ("clause", 1, "text"))

    changed = drafting.replaced(body, place, "新文字")

    assert drafting.value_at(changed, place) == "新文字"
    assert body == standard.body()
    assert drafting.replaced(changed, place, drafting.value_at(body, place)) == body


def test_a_row_is_appended_after_the_last_and_removed_again():
    body = standard.body()
    count = len(drafting.value_at(body, ROWS))
    row = {"when": {"region": "4101"}, "within": "2h"}

    longer = drafting.replaced(body, ROWS.below(count), row)

    assert drafting.value_at(longer, ROWS)[-1] == row
    assert drafting.value_at(body, ROWS.below(count)) is None
    assert drafting.replaced(longer, ROWS.below(count), None) == body


def test_a_list_that_is_not_there_begins_with_its_first_entry():
    changed = drafting.replaced(
        {"terms.toml": {}}, Place("terms.toml", ("term", 0)), {"code": "a"}
    )

    assert changed == {"terms.toml": {"term": [{"code": "a"}]}}


def test_a_file_is_added_and_removed():
    place = Place("clauses/27.toml")

    added = drafting.replaced({}, place, {"number": "27"})

    assert added == {"clauses/27.toml": {"number": "27"}}
    assert drafting.replaced(added, place, None) == {}


@pytest.mark.parametrize(
    "place",
    [
        ROWS.below(99),
        ROWS.below(99, "within"),
        Place("nothing.toml", ("limit", 3)),
        Place("edition.toml", ("code", "deeper")),
    ],
)
def test_a_place_that_cannot_be_is_refused(place):
    with pytest.raises(Missing) as missing:
        drafting.replaced(standard.body(), place, "x")

    assert missing.value.code == "draft.place_unknown"
    assert drafting.value_at(standard.body(), place) is None


def test_a_place_is_named_as_problems_name_it():
    assert ROWS.below(2, "within").key == "limit[1].row[3].within"
    assert Place("edition.toml").key == ""


def test_the_same_value_has_the_same_seal_whatever_the_order_of_its_keys():
    assert drafting.seal({"a": 1, "b": 2}) == drafting.seal({"b": 2, "a": 1})
    assert drafting.seal({"a": 1}) != drafting.seal({"a": 2})
    assert drafting.seal(None) == ""


@pytest.mark.parametrize(
    ("current", "reached"),
    [
        (State.DRAFTING, {State.IN_REVIEW, State.DISCARDED}),
        (State.IN_REVIEW, {State.DRAFTING, State.APPROVED, State.DISCARDED}),
        (State.APPROVED, {State.DRAFTING, State.PUBLISHED, State.DISCARDED}),
        (State.PUBLISHED, set()),
        (State.DISCARDED, set()),
    ],
)
def test_a_draft_goes_from_author_to_reviewer_to_publisher(current, reached):
    for wanted in State:
        if wanted in reached:
            assert drafting.move(current=current, wanted=wanted) == wanted
        else:
            with pytest.raises(Refused) as refused:
                drafting.move(current=current, wanted=wanted)
            assert refused.value.code == "draft.cannot_move"
