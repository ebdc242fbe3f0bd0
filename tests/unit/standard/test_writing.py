"""What is written as files reads back as it was, with nothing lost and nothing moved."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.factories import standard

from changtong.standard.domain import drafting, parsing, reading, writing
from changtong.standard.domain.drafting import Place


SHIPPED = sorted((Path(__file__).parents[3] / "standards").glob("*/*/edition.toml"))

words = some.text(some.characters(exclude_categories=["Cs"]), max_size=30)
scalars = words | some.integers(-(2**53), 2**53) | some.booleans() | some.floats(allow_nan=False)
keys = some.text("abcdefg_文.", min_size=1, max_size=5)
values = some.recursive(
    scalars | some.dates().map(date.isoformat),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


def body_of(folder):
    return parsing.parse(
        {
            file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
            for file in folder.rglob("*.toml")
        }
    )


@pytest.mark.parametrize("head", SHIPPED, ids=lambda head: "/".join(head.parts[-3:-1]))
def test_a_shipped_edition_reads_back_as_it_was(head):
    body = body_of(head.parent)

    written = writing.texts(body)

    assert parsing.parse(written) == body
    assert parsing.digest(parsing.parse(written)) == parsing.digest(body)
    assert writing.texts(parsing.parse(written)) == written


@settings(max_examples=150, deadline=None)
@given(some.dictionaries(keys, values, max_size=5))
def test_whatever_toml_can_hold_reads_back_as_it_was(found):
    assert parsing.parse({"any.toml": writing.text(found)}) == {"any.toml": found}


def test_the_order_of_keys_in_a_body_does_not_matter():
    clause = standard.clause(standard.body(), "13.2")
    backwards = dict(reversed(clause.items()))

    assert writing.text(backwards) == writing.text(clause)


def test_days_are_written_as_days_and_versions_as_texts():
    written = writing.text({"version": "1.0.0", "effective_from": "2026-01-01"})

    assert written == 'version = "1.0.0"\neffective_from = 2026-01-01\n'


clauses = [
    Place(file, ("clause", at))
    for file, values in standard.body().items()
    if file.startswith("clauses/")
    for at in range(len(values["clause"]))
]
edits = some.lists(
    some.tuples(
        some.sampled_from(clauses),
        some.sampled_from(["title", "text", "text_en", "owner"]),
        some.text(some.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(edits)
def test_an_edited_draft_survives_export_and_import(made):
    body = standard.body()
    for place, key, words in made:
        body = drafting.replaced(body, place.below(key), words)

    back = parsing.parse(writing.texts(body))

    assert back == body
    assert reading.edition(back).digest == parsing.digest(body)
