"""What somebody typed becomes a question, whatever it is."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.search.domain import asking, folding, highlighting, lexemes, names
from changtong.search.domain.synonyms import Thesaurus, thesaurus


TRADE = thesaurus(
    [{"groups": [["光猫", "ＯＮＵ", "数据机"], ["断网", "掉线"]], "noise": ["的", "怎么办"]}]
)


def terms(text: str, words: Thesaurus = TRADE) -> list[str]:
    return [one.text for one in asking.question(text, words, private=True).terms]


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("ＯＮＵ", "onu"), ("光貓斷網", "光猫断网"), ("５Ｇ", "5g"), ("ＬＯＳ燈", "los灯")],
)
def test_width_case_and_traditional_characters_make_no_difference(typed, folded):
    assert folding.folded(typed) == folded


def test_a_number_is_cut_out_of_the_words_around_it():
    assert terms("请查13800138000的光貓") == ["请查", "13800138000", "光猫"]
    assert "13800138000" in terms("138 0013 8000 断网")
    assert "13800138000" in lexemes.of_text("电话138-0013-8000断网")


def test_noise_is_left_out_while_other_words_remain():
    assert terms("断网怎么办") == ["断网"]
    assert terms("怎么办") == ["怎么办"]


def test_a_word_asks_for_what_else_is_said_for_it():
    question = asking.question("onu", TRADE, private=False)
    assert "'光猫'" in question.any
    assert "('数据' & '据机')" in question.any


def test_numbers_of_people_are_asked_for_only_by_those_who_may_see_them():
    for private in (True, False):
        query = asking.question("13800138000", TRADE, private=private).any
        assert ("'~13800138000'" in query) == private


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("张伟", "zw"),
        ("张伟", "zhangwei"),
        ("曾小贤", "zxx"),
        ("尉迟恭", "yuchigong"),
        ("單雄信", "sxx"),
    ],
)
def test_a_name_is_read_as_a_name(name, reading):
    assert reading in names.readings(name)


def test_marks_stand_where_the_words_stand_in_the_original():
    question = asking.question("ONU 断网", TRADE, private=False)
    pieces = highlighting.marked("ＯＮＵ亮燈，斷網", question.terms)
    assert [one.text for one in pieces if one.marked] == ["ＯＮＵ", "斷網"]
    assert "".join(one.text for one in pieces) == "ＯＮＵ亮燈，斷網"


@given(st.text(max_size=200))
def test_whatever_is_typed_is_understood_and_quoted(text):
    question = asking.question(text, TRADE, private=True)
    inside = question.any.replace("''", "").split("'")
    assert len(inside) % 2 == 1
    assert not any(set(one) - set(" &|():*") for one in inside[::2])


@given(st.text(max_size=120))
def test_marking_changes_nothing_but_marks(text):
    question = asking.question("光猫 断网 1", TRADE, private=True)
    assert "".join(one.text for one in highlighting.marked(text, question.terms)) == text
    assert all(one.text for one in highlighting.excerpt(text, question.terms))


def test_how_far_back_to_look_follows_from_how_common_the_words_are():
    question = asking.question("光猫 红灯", TRADE, private=True)
    shares = {"光猫": 0.1, "红灯": 0.04}

    both = asking.likely([question.terms], shares)
    either = asking.likely([[one] for one in question.terms], shares)

    # Less common than the rarer, commoner than if one had nothing to do with the other.
    assert 0.1 * 0.04 < both < 0.05 < either


def test_what_is_enough_is_asked_for_in_few_groups_of_queries():
    terms = asking.question("光猫 红灯 5g 甲 乙", TRADE, private=False).terms
    for least in range(1, len(terms) + 1):
        enough = list(combinations(terms, least))
        groups = asking.holding(enough)
        assert len(groups) <= max(1, len(terms) - least + 1)
        for held in (some for n in range(len(terms) + 1) for some in combinations(terms, n)):
            meets = any(all(_met(query, held) for query in group) for group in groups)
            assert meets == any(set(some) <= set(held) for some in enough)


def _met(query: str, held: tuple[asking.Term, ...]) -> bool:
    """Say whether a document meets a query that holds these terms and no others."""
    for term in sorted(held, key=lambda one: -len(one.query)):
        query = query.replace(term.query, "True")
    plain = re.sub(r"'[^']*'(:\*)?", "False", query)
    return bool(eval(plain.replace("&", " and ").replace("|", " or ")))
