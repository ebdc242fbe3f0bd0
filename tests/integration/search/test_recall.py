"""Our own questions find what they mean; `make search-recall` asks the larger sets too."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


PROGRAM = Path(__file__).resolve().parents[3] / "tools/search_recall.py"


@pytest.fixture
def recall():
    import sys

    spec = importlib.util.spec_from_file_location("search_recall", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.django_db
def test_our_own_questions_find_what_they_mean(recall):
    outcomes, _took = recall.measured("own", recall.own(), recall.HERE / "own_queries.tsv")
    missed = [one.asked for one in outcomes if one.recall < 1 or not one.first]
    found = recall.summary(outcomes, _took)
    assert found["recall"] >= recall.RECALL_GOAL, missed
    assert found["first_three"] >= recall.FIRST_GOAL, missed


def test_every_question_means_a_text_that_is_there(recall):
    known = {one.id for one in recall.own()}
    asked = list(recall._lines(recall.HERE / "own_queries.tsv", 2))
    assert len(asked) >= 200
    assert {id_ for ids, _text in asked for id_ in ids.split(",")} <= known
