"""Words lead to categories, with the reason, in both languages."""

from __future__ import annotations

import pytest
from tests.factories.standard import edition

from changtong.tickets.domain import triage


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("fault", "宽带断网，光猫红灯", "fault.broadband"),
        ("fault", "家里手机没有信号", "fault.mobile"),
        ("complaint", "账单多扣费，乱扣费要求退费", "complaint.billing"),
        ("complaint", "Comcast internet speeds are slow", "complaint.quality.speed"),
        ("complaint", "Unfair DATA CAP on usage", "complaint.billing.data_cap"),
    ],
)
def test_the_words_lead_to_the_category(kind, text, expected):
    proposal = triage.propose(edition=edition(), kind=kind, text=text)

    assert proposal is not None
    assert proposal.category.code.startswith(expected)
    assert proposal.reasons


def test_a_latin_keyword_is_a_whole_word():
    proposal = triage.propose(edition=edition(), kind="complaint", text="A capable person")

    assert proposal is None or "keyword:cap" not in proposal.reasons


def test_full_width_letters_and_case_do_not_matter():
    plain = triage.propose(edition=edition(), kind="complaint", text="data cap")
    wide = triage.propose(edition=edition(), kind="complaint", text="ＤＡＴＡ　ＣＡＰ")

    assert plain is not None
    assert wide is not None
    assert plain.category == wide.category


def test_nothing_speaks_for_nothing():
    assert triage.propose(edition=edition(), kind="fault", text="……") is None


def test_a_family_rules_out_the_categories_of_others():
    proposal = triage.propose(edition=edition(), kind="fault", text="断网", family="broadband")

    assert proposal is not None
    assert "broadband" in proposal.category.families
