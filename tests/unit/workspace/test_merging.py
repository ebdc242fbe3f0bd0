from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from changtong.workspace.domain.merging import merged


FIELDS = st.fixed_dictionaries(
    {name: st.sampled_from(["a", "b", "c"]) for name in ("impact", "urgency", "category")}
)


def test_changes_of_different_fields_both_stay():
    opened = {"impact": "single", "urgency": "low"}

    found = merged(opened, {**opened, "impact": "area"}, {**opened, "urgency": "high"})

    assert found.values == {"impact": "area", "urgency": "high"}
    assert found.disputed == ()


def test_a_field_that_both_changed_is_disputed():
    found = merged({"impact": "single"}, {"impact": "area"}, {"impact": "network"})

    assert found.disputed == ("impact",)


def test_the_same_change_by_both_is_no_dispute():
    assert merged({"impact": "single"}, {"impact": "area"}, {"impact": "area"}).disputed == ()


@given(FIELDS, FIELDS)
def test_without_another_change_mine_stands(opened, mine):
    found = merged(opened, mine, opened)

    assert (found.values, found.disputed) == (mine, ())


@given(FIELDS, FIELDS)
def test_without_a_change_of_mine_the_other_stands(opened, now):
    found = merged(opened, opened, now)

    assert (found.values, found.disputed) == (now, ())


@given(FIELDS, FIELDS, FIELDS)
def test_no_change_is_lost_in_silence(opened, mine, now):
    found = merged(opened, mine, now)

    for name, value in found.values.items():
        if now[name] != opened[name] and value != now[name]:
            assert name in found.disputed
        if mine[name] != opened[name]:
            assert value == mine[name]
