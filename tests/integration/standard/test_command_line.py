"""`changtong standard` says what is wrong in sentences and publishes what is right."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from changtong.cli import standard
from changtong.standard import models, queries
from changtong.standard.domain.parsing import Problem


CONTEXT = Path(standard.__file__).parents[1] / "standard"


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setattr(standard.out, "width", 200)


def run(*arguments):
    return CliRunner().invoke(standard.app, [str(argument) for argument in arguments])


def copy(tmp_path):
    (path,) = queries.drafts()
    for file in path.rglob("*.toml"):
        target = tmp_path / file.relative_to(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_checking_the_shipped_edition_succeeds():
    result = run("check")

    assert result.exit_code == 0
    assert "cn-telecom 1.0.0" in result.output


def test_a_mistake_is_told_by_file_key_and_sentence(tmp_path):
    path = copy(tmp_path)
    file = path / "tables" / "portal.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('clause = "3.4"', 'clause = "77"'))

    result = run("check", path)

    assert result.exit_code == 1
    assert "tables/portal, clause: there is no clause 77" in result.output


def test_text_that_is_not_toml_is_told(tmp_path):
    path = copy(tmp_path)
    (path / "terms.toml").write_text("= broken")

    result = run("check", path)

    assert result.exit_code == 1
    assert "terms.toml: the file is not TOML" in result.output


def test_every_mistake_has_a_sentence():
    source = "".join(
        file.read_text(encoding="utf-8") for file in (CONTEXT / "domain").glob("*.py")
    )
    pattern = r'(?:[Pp]roblem\(|\.note\()\s*"([a-z_]+\.[a-z_]+)"'
    codes = set(re.findall(pattern, source))

    assert len(codes) > 30
    # A calendar notes as a mistake what its parts refuse.
    refused = set(re.findall(r'Refused\(\s*"([a-z_]+\.[a-z_]+)"', source))
    assert codes <= set(standard.SENTENCES) <= codes | refused


def test_facts_are_worded_readably():
    problem = Problem(
        "attribute.unknown", "tables/priority.toml", "row[1]", {"allowed": ["a", "b"]}
    )

    assert standard.worded(problem) == (
        "tables/priority.toml, row 1: a row of this table can name a, b only"
    )


@pytest.mark.django_db
def test_publishing_twice_publishes_once():
    first, second = run("publish"), run("publish")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert models.Edition.objects.count() == 1
    assert "1.0.0" in run("list").output


@pytest.mark.django_db
def test_showing_contents_chapter_and_clause():
    run("publish")

    assert "投诉处理" in run("show").output
    assert "十五日内答复用户" in run("show", "12").output
    assert "城镇四十八小时" in run("show", "13.2").output
    assert run("show", "99.9").exit_code != 0
