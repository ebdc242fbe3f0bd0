"""How people wait in a service hall, as an edition says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.factories import standard as shipped

from changtong.standard.domain import counters


def test_the_shipped_edition_calls_the_elderly_first_and_twice_before_a_number_is_missed():
    rule = shipped.edition().counters

    assert (rule.wait_within, rule.called_at_least) == (timedelta(minutes=15), 2)
    assert rule.put_back_behind == 3
    assert "".join(one.letter for one in rule.classes) == "ABCD"
    assert [one.code for one in rule.priorities] == ["elderly", "disabled", "military"]
    assert {one.clause for one in (*rule.classes, *rule.priorities)} == {"3.15"}
    assert not list(counters.problems(rule))


def test_two_classes_with_one_letter_or_one_code_are_a_mistake():
    rule = shipped.edition().counters
    first, second, *others = rule.classes
    same = replace(rule, classes=(first, replace(second, code="fault", letter="A"), *others))
    small = replace(rule, classes=(replace(first, letter="a"),))

    assert [one.code for one in counters.problems(same)] == ["code.repeated", "counters.letter"]
    assert [one.code for one in counters.problems(small)] == ["counters.letter"]
    assert not list(counters.problems(None))
