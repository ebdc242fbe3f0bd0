"""The most specific row wins; a tie is a mistake that is always found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.kernel.errors import Refused
from changtong.standard.domain.selecting import Row, best, cases, choose, ties, unreachable


VALUES = {
    "kind": ("fault", "complaint", "enquiry"),
    "tier": ("gold", "silver"),
    "area": ("a", "b"),
    "region": ("41", "4101", "4103", "410105", "/50/5001/"),
}
# Where a case can be: in none of these places, in one, or in one within another.
PATHS = ("/41/", "/41/4101/", "/41/4101/410105/", "/41/4101/410102/", "/50/", "/50/5001/", "/32/")


def row(then, **when):
    return Row({name: frozenset(values) for name, values in when.items()}, then)


conditions = st.fixed_dictionaries(
    {},
    optional={
        name: st.frozensets(st.sampled_from(values), min_size=1) for name, values in VALUES.items()
    },
)
tables = st.lists(conditions, max_size=7).map(
    lambda whens: [Row(when, index) for index, when in enumerate(whens)]
)
a_case = st.fixed_dictionaries(
    {
        name: st.sampled_from(PATHS if name == "region" else (*values, "unheard of"))
        for name, values in VALUES.items()
    }
)


def test_a_row_that_names_more_attributes_wins():
    rows = [row("all"), row("fault", kind=["fault"]), row("both", kind=["fault"], tier=["gold"])]

    assert choose(rows, {"kind": "fault", "tier": "gold"}) == "both"
    assert choose(rows, {"kind": "fault", "tier": "silver"}) == "fault"
    assert choose(rows, {"kind": "complaint", "tier": "gold"}) == "all"


def test_a_row_may_name_several_values():
    rows = [row("most", tier=["gold", "silver"])]

    assert choose(rows, {"tier": "silver"}) == "most"
    assert choose(rows, {"tier": "bronze"}) is None


def test_an_attribute_that_the_case_lacks_matches_nothing():
    assert choose([row("gold", tier=["gold"])], {}) is None


def test_a_tie_is_refused_with_the_rows():
    rows = [row(1, kind=["fault"]), row(2, tier=["gold"])]

    with pytest.raises(Refused) as refused:
        choose(rows, {"kind": "fault", "tier": "gold"})

    assert refused.value.code == "table.tied"
    assert len(refused.value.facts["rows"]) == 2


def test_a_more_specific_row_resolves_a_tie():
    rows = [row(1, kind=["fault"]), row(2, tier=["gold"]), row(3, kind=["fault"], tier=["gold"])]

    assert ties(rows) == ()


def test_a_row_for_a_place_beats_rows_that_name_more_about_the_case():
    rows = [row("everywhere", kind=["fault"], tier=["gold"]), row("province", region=["41"])]
    case = {"kind": "fault", "tier": "gold"}

    assert choose(rows, {**case, "region": "/41/4101/410105/"}) == "province"
    assert choose(rows, {**case, "region": "/50/5001/"}) == "everywhere"
    assert choose(rows, case) == "everywhere"


def test_the_narrowest_place_wins():
    rows = [row("province", region=["41"], tier=["gold"]), row("city", region=["/41/4101/"])]

    assert choose(rows, {"tier": "gold", "region": "/41/4101/410105/"}) == "city"
    assert choose(rows, {"tier": "gold", "region": "/41/4103/"}) == "province"


def test_of_rows_for_one_place_the_one_that_names_more_wins():
    rows = [row("all", region=["4101"]), row("gold", region=["4101"], tier=["gold"])]

    assert choose(rows, {"tier": "gold", "region": "/41/4101/"}) == "gold"
    assert choose(rows, {"tier": "silver", "region": "/41/4101/"}) == "all"


def test_two_rows_for_one_place_tie():
    rows = [row(1, region=["41", "4101"]), row(2, region=["4101"])]

    (tie,) = ties(rows)

    assert tie.case == {"region": "/41/4101/"}


def test_a_row_for_a_province_whose_cities_all_have_rows_is_still_reached():
    rows = [row("province", region=["41"]), row("city", region=["4101"])]

    assert unreachable(rows) == ()


def test_a_row_that_better_rows_cover_is_unreachable():
    covered = row("covered", tier=["gold"])
    rows = [covered, *[row(kind, kind=[kind], tier=["gold"]) for kind in VALUES["kind"]]]

    assert unreachable(rows, VALUES) == (covered,)
    # Where the vocabulary is open another kind may come along.
    assert unreachable(rows) == ()


@given(tables, a_case)
def test_the_answer_does_not_depend_on_the_order_of_the_rows(rows, case):
    assert set(map(id, best(rows, case))) == set(map(id, best(rows[::-1], case)))


@given(tables, a_case)
def test_every_tie_that_a_case_can_meet_is_found(rows, case):
    if len(best(rows, case)) > 1:
        assert ties(rows)


@given(tables)
def test_every_tie_that_is_found_can_be_met(rows):
    for tie in ties(rows):
        assert len(best(rows, tie.case)) > 1


@given(tables, a_case)
def test_a_row_that_is_called_unreachable_is_never_chosen(rows, case):
    never = {id(found) for found in unreachable(rows)}

    assert not never & {id(found) for found in best(rows, case)}


@given(tables, a_case)
def test_one_of_the_enumerated_cases_stands_for_every_case(rows, case):
    chosen = {frozenset(map(id, best(rows, each))) for each in cases(rows)}

    assert frozenset(map(id, best(rows, case))) in chosen


@given(tables, a_case)
def test_nothing_less_specific_is_chosen(rows, case):
    chosen = best(rows, case)

    assert all(found.matches(case) for found in chosen)
    assert all(
        other.specificity(case) <= found.specificity(case)
        for found in chosen
        for other in rows
        if other.matches(case)
    )
