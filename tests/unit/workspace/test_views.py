from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.kernel.errors import Refused
from changtong.workspace.domain import views


def test_a_view_is_read_as_it_was_kept():
    kept = {
        "conditions": {"state": ["assigned", "in_progress"], "due_at": ["+2h"]},
        "columns": ["matter", "due"],
        "order": "-opened_at",
        "span": "every",
    }
    assert views.read(kept).kept() == kept


@pytest.mark.parametrize(
    "kept",
    [
        {"conditions": {"password": ["x"]}},
        {"conditions": {"customer__email": ["x"]}},
        {"conditions": {"state__regex": ["x"]}},
        {"conditions": {"due_at": ["now() or 1=1"]}},
        {"conditions": {"team_id": ["1; drop"]}},
        {"conditions": {"reopened_count": ["٣"]}},
        {"conditions": {"state": "assigned"}},
        {"conditions": {"state": []}},
        {"conditions": {"title": ["x" * 65]}},
        {"conditions": ["state"]},
        {"columns": ["secret"]},
        {"order": "assignee__password"},
        {"span": "all"},
    ],
)
def test_what_is_not_on_the_list_is_refused(kept):
    with pytest.raises(Refused) as refused:
        views.read(kept)
    assert refused.value.code == "view.not_understood"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("conditions", "columns", "order", "span"), JSON)
    )
)
def test_any_data_is_either_a_view_or_refused(kept):
    try:
        found = views.read(kept)
    except Refused:
        return
    assert views.read(found.kept()) == found


def test_a_name_is_one_line_and_not_empty():
    assert views.name("  今天   到期 ") == "今天 到期"
    with pytest.raises(Refused) as refused:
        views.name(" \n ")
    assert refused.value.code == "view.name_missing"
