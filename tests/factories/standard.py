"""The edition that ships, as the starting point of tests that spoil it."""

from copy import deepcopy
from functools import cache
from pathlib import Path

from changtong.standard.domain import checking, parsing, reading


ROOT = Path(__file__).parents[2] / "standards" / "cn-telecom" / "1.0.0"


@cache
def _body():
    texts = {
        file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8")
        for file in ROOT.rglob("*.toml")
    }
    return parsing.parse(texts)


def body():
    return deepcopy(_body())


@cache
def edition():
    return reading.edition(_body())


def found(body):
    """Return the mistakes of an edition by code."""
    by_code = {}
    try:
        problems = checking.problems(body)
    except parsing.Unreadable as unreadable:
        problems = unreadable.problems
    for problem in problems:
        by_code.setdefault(problem.code, problem)
    return by_code


def limit(body, file, code, kind):
    for table in body[f"tables/targets/{file}.toml"]["limit"]:
        if table["code"] == code and kind in table["kinds"]:
            return table
    raise LookupError(code)


def clause(body, number):
    chapter = int(number.split(".")[0])
    for table in body[f"clauses/{chapter:02}.toml"]["clause"]:
        if table["number"] == number:
            return table
    raise LookupError(number)


def figure(body, file, code):
    for table in body[f"figures/{file}.toml"]["figure"]:
        if table["code"] == code:
            return table
    raise LookupError(code)
