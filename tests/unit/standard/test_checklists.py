"""Which checklists a matter has, and what is wrong with a table of them."""

from __future__ import annotations

import pytest
from tests.factories import standard as shipped

from changtong.kernel.errors import Refused
from changtong.standard.domain import checklists
from changtong.standard.domain.checklists import Checklist, Item


TESTED = Item("tested", "测过", "Tested", required=True, clause="8.2")
WIDE = Checklist("fault", "fault", "故障", "Fault", (TESTED,), "8.2")
NARROW = Checklist("link", "fault.broadband", "宽带", "Broadband", (TESTED,), "8.2")


def test_a_narrow_matter_has_the_wide_lists_first():
    found = checklists.lists_of(
        (NARROW, WIDE),
        shipped.edition().categories,
        kind="fault",
        category="fault.broadband.no_link",
    )

    assert found == (WIDE, NARROW)


def test_a_matter_without_a_category_has_the_lists_of_its_kind():
    found = checklists.lists_of(
        (NARROW, WIDE), shipped.edition().categories, kind="fault", category=""
    )

    assert found == (WIDE,)


def test_what_is_required_is_named_with_its_clause():
    with pytest.raises(Refused) as refused:
        checklists.require_ticked((WIDE, NARROW), {"fault.tested"})

    assert (refused.value.clause, refused.value.facts["name_en"]) == ("8.2", "Tested")
    checklists.require_ticked((WIDE, NARROW), {"fault.tested", "link.tested"})


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (Checklist("a", "fault", "", "", (TESTED, TESTED), "8.2"), "code.repeated"),
        (Checklist("a", "none", "", "", (TESTED,), "8.2"), "reference.unknown"),
        (Checklist("a", "fault", "", "", (TESTED,), "99"), "clause.unknown"),
        (Checklist("a", "fault", "", "", (), "8.2"), "checklist.empty"),
    ],
)
def test_a_wrong_checklist_is_found(wrong, code):
    found = list(checklists.problems([wrong], {"fault"}, {"8.2"}))

    assert [one.code for one in found] == [code]
