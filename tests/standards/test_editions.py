"""Every edition that ships passes its checks, and does in its examples what it says."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.factories import standard as shipped

from changtong.clocks.domain import timer
from changtong.standard.domain import checking, examples, law, reading


STANDARDS = Path(__file__).parents[2] / "standards"
FOLDERS = [path.parent for path in sorted(STANDARDS.glob("*/*/edition.toml"))]


def read(folder):
    return law.complete(shipped.read(folder), lambda name: shipped.read(STANDARDS / name))


EDITIONS = [folder for folder in FOLDERS if not reading.is_pack(read(folder))]


def cases():
    for path in EDITIONS:
        for name, values in read(path).items():
            if name.startswith(reading.EXAMPLES):
                for example in values["example"]:
                    title = f"{path.name}/{name}: {example['name']}"
                    yield pytest.param(path, name, example, id=title)


def test_there_is_an_edition():
    assert EDITIONS


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_edition_passes_every_check(path):
    assert checking.problems(read(path), timer.due_at) == ()


@pytest.mark.parametrize(("path", "name", "example"), list(cases()))
def test_an_example_is_fulfilled(path, name, example):
    body = {n: v for n, v in read(path).items() if not n.startswith(reading.EXAMPLES)}
    edition = reading.edition(body)

    found = examples.problems({name: {"example": [example]}}, edition, timer.due_at)

    assert list(found) == []


def test_a_wrong_due_time_is_noticed():
    body = read(EDITIONS[0])
    edition = reading.edition(body)
    example = body["examples/repair.toml"]["example"][0]
    example["expect"]["due"]["restoration"]["legal"] = "2026-02-18T09:01:00+08:00"

    (problem,) = examples.problems(body, edition, timer.due_at)

    assert (problem.code, problem.key) == ("example.differs", "example[1].expect.due")


def test_the_working_days_of_a_year_without_data_are_provisional():
    edition = reading.edition(read(EDITIONS[0]))
    china = ZoneInfo("Asia/Shanghai")
    workday = edition.calendar("workday")

    known = datetime(2026, 12, 1, tzinfo=china), datetime(2026, 12, 31, tzinfo=china)
    unknown = datetime(2026, 12, 30, tzinfo=china), datetime(2027, 1, 5, tzinfo=china)
    assert not workday.is_provisional(*known)
    assert workday.is_provisional(*unknown)
