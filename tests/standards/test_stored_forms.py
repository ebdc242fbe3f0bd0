"""What an earlier build published can still be read, and says what it said."""

import json
import lzma
from pathlib import Path

import pytest

from changtong.cli.standard import worded
from changtong.standard.domain import parsing, reading
from changtong.standard.domain.rehearsing import RehearsalRule


# The body as the database keeps it, frozen in November 2026. Never made anew: a form that is
# published somewhere stays readable, and a new form gets a file of its own beside it.
FROZEN = Path(__file__).parents[1] / "fixtures" / "standard" / "cn-telecom-1.0.0-2026-11.json.xz"
# Of the same month, with the least that a rehearsal covers.
LATER = FROZEN.with_name("cn-telecom-1.0.0-2026-11-rehearsal.json.xz")
DIGEST = "a7732cdac20a857009eb4b258f5ba7556bc31709abc8e9b007d90467ab2fd1a8"


@pytest.fixture
def body():
    return json.loads(lzma.decompress(FROZEN.read_bytes()))


def promised(edition, **case):
    found = edition.targets(region_type="urban", **case)
    return {(one.metric, one.basis): (str(one.within), one.clause) for one in found}


def test_a_frozen_edition_has_its_digest_and_its_limits(body):
    edition = reading.edition(body)

    assert edition.digest == DIGEST
    fault = promised(
        edition,
        kind="fault",
        priority="P1",
        region="/41/4101/410105/",
        family="private_line",
        tier="gold",
    )
    assert fault["restoration", "promise"] == ("4h", "13.4")
    assert fault["restoration", "legal"] == ("48h", "L1.32")
    assert fault["first_response", "promise"] == ("15min", "4.6")
    complaint = promised(
        edition,
        kind="complaint",
        priority="P3",
        region="/50/5001/",
        family="mobile",
        tier="standard",
    )
    assert complaint["answer", "promise"] == ("3wd", "12.3")


def test_a_table_that_came_later_may_be_missing(body):
    del body["tables/intake_forms.toml"]

    assert reading.edition(body).intake_form(kind="fault", category="fault.broadband") is None


def test_only_the_later_form_says_how_much_a_rehearsal_covers(body):
    later = json.loads(lzma.decompress(LATER.read_bytes()))

    assert reading.edition(body).rehearsal is None
    assert reading.edition(later).rehearsal == RehearsalRule(90, 100, "26.5")


@pytest.mark.parametrize(
    ("file", "key", "words"),
    [
        ("tables/portal.toml", "later", "tables/portal.toml, later: nobody reads this key"),
        ("tables/later.toml", "rule", "tables/later.toml: an edition has no such file"),
    ],
)
def test_what_a_newer_build_added_is_refused_in_plain_words(body, file, key, words):
    body.setdefault(file, {})[key] = "x"

    with pytest.raises(parsing.Unreadable) as refused:
        reading.edition(body)

    assert [worded(problem) for problem in refused.value.problems] == [words]
