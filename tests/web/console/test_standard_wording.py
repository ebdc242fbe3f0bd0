"""What is wrong with a draft is said in words, whatever it is."""

from __future__ import annotations

import re

from changtong.cli import standard
from changtong.standard.domain.parsing import Problem
from changtong.web.console.standard import wording


def test_every_mistake_has_a_sentence_with_facts_that_it_carries():
    assert set(wording.PROBLEMS) == set(standard.SENTENCES)
    for code, sentence in standard.SENTENCES.items():
        facts = set(re.findall(r"\{(\w+)\}", sentence))
        assert set(re.findall(r"%\((\w+)\)s", str(wording.PROBLEMS[code]))) <= facts, code


def test_a_mistake_is_worded_with_its_facts():
    facts = {
        "clauses": ["13.4", "13.5"],
        "case": {"priority": "P3"},
        "rows": [{"tier": ["gold"]}, {"family": ["cloud"]}],
    }
    problem = Problem("table.tied", "tables/targets/handling.toml", "row", facts)

    words = wording.problem_words(problem)

    assert "13.4、13.5" in words
    assert "（优先级 P3 一般）" in words
    assert "（客户等级 金卡客户）；（业务 云服务）" in words


def test_values_are_worded_as_an_author_reads_them():
    assert wording.value_words("48h", "within") == "48 小时"
    assert wording.value_words(["fault", "complaint"], "kinds") == "故障、投诉"
    assert wording.value_words(None) == "–"
    assert wording.file_words("tables/categories/request.toml") == "服务申请分类"
    assert wording.file_words("tables/categories/ours.toml") == "分类 ours"
