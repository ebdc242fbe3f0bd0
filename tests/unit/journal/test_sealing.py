from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.journal import domain


AT = datetime(2026, 11, 24, 2, 0, 0, 5, tzinfo=UTC)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
trees = st.lists(digests, min_size=1, max_size=70)
facts = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def line(**changes) -> domain.Line:
    fields = {
        "id": 7,
        "tag": "ticket.opened",
        "subject": "GD20261124-000001",
        "actor": "staff:1",
        "facts": {"kind": "fault"},
        "happened_at": AT,
        "recorded_at": AT,
    }
    return domain.Line(**fields | changes)


@given(trees, st.data())
def test_every_leaf_proves_its_way_to_the_root(leaves, data) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))

    path = domain.merkle_path(leaves, index)

    assert domain.root_from_path(leaves[index], path) == domain.merkle_root(leaves)


@given(trees, st.data())
def test_another_leaf_does_not_lead_to_the_root(leaves, data) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(digests.filter(lambda digest: digest != leaves[index]))

    path = domain.merkle_path(leaves, index)

    assert domain.root_from_path(other, path) != domain.merkle_root(leaves)


@given(trees, st.data())
def test_any_changed_leaf_changes_the_root(leaves, data) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(digests.filter(lambda digest: digest != leaves[index]))

    changed = [*leaves[:index], other, *leaves[index + 1 :]]

    assert domain.merkle_root(changed) != domain.merkle_root(leaves)


def test_the_root_of_three_leaves_is_that_of_rfc_6962() -> None:
    a, b, c = ("00" * 32, "11" * 32, "22" * 32)

    ab = domain.merkle_root([a, b])

    assert domain.merkle_root([a, b, c]) == domain.root_from_path(ab, [("right", c)])


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_does_not_exist_has_no_path(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        domain.merkle_path(["00" * 32] * 3, index)


@given(facts)
def test_the_canonical_form_is_the_same_after_a_round_trip(value) -> None:
    once = domain.canonical(value)

    assert domain.canonical(json.loads(once)) == once


def test_an_instant_is_written_in_one_way_whatever_its_zone() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))

    assert domain.instant(shanghai) == domain.instant(AT) == "2026-11-24T02:00:00.000005Z"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 8},
        {"tag": "ticket.closed"},
        {"subject": "GD20261124-000002"},
        {"actor": "staff:2"},
        {"facts": {"kind": "Fault"}},
        {"facts": {"kind": "fault", "x": None}},
        {"happened_at": AT + timedelta(microseconds=1)},
        {"recorded_at": AT + timedelta(microseconds=1)},
    ],
)
def test_every_part_of_an_entry_is_in_its_leaf(changes) -> None:
    assert line(**changes).leaf() != line().leaf()


@pytest.mark.parametrize(
    "changes",
    [
        {"previous": "11" * 32},
        {"root": "11" * 32},
        {"first_id": 2},
        {"last_id": 10},
        {"count": 8},
        {"sealed_at": AT + timedelta(microseconds=1)},
    ],
)
def test_every_part_of_a_batch_is_in_its_seal(changes) -> None:
    fields = {
        "previous": domain.GENESIS,
        "root": "22" * 32,
        "first_id": 1,
        "last_id": 9,
        "count": 9,
        "sealed_at": AT,
    }

    assert domain.batch_seal(**fields | changes) != domain.batch_seal(**fields)
