"""The edition that ships, as the starting point of tests that spoil it."""

from copy import deepcopy
from functools import cache
from pathlib import Path

from changtong.standard.domain import checking, law, parsing, reading


STANDARDS = Path(__file__).parents[2] / "standards"
ROOT = STANDARDS / "cn-telecom" / "1.0.0"


def read(folder):
    texts = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*.toml")
    }
    return parsing.parse(texts)


@cache
def _body():
    return law.complete(read(ROOT), lambda name: read(STANDARDS / name))


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


def legal(body, code):
    """Return a limit of the packs of law."""
    return _found(body, "tables/targets/", "limit", "code", code)


def clause(body, number):
    return _found(body, "clauses/", "clause", "number", number)


def figure(body, code):
    return _found(body, "figures/", "figure", "code", code)


def _found(body, folder, key, name, wanted):
    for file, values in body.items():
        if law.within_pack(file).startswith(folder):
            for table in values[key]:
                if table[name] == wanted:
                    return table
    raise LookupError(wanted)
