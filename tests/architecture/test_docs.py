"""The documentation keeps up with the source: contexts, tags, refusals, navigation."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml


ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/changtong"
DOCS = ROOT / "docs"

TAG = re.compile(r"[a-z_]+\.[a-z_]+")


def contexts() -> list[str]:
    """Return the contexts, from the contract that they are all under, and the journal."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    inside = contract["contracts"][1]["containers"]
    return sorted([*(name.removeprefix("changtong.") for name in inside), "journal"])


def page(context: str) -> str:
    path = DOCS / f"contexts/{context}.md"
    return path.read_text("utf-8") if path.exists() else ""


def modules(folder: Path) -> Iterator[ast.Module]:
    for path in sorted(folder.rglob("*.py")):
        if "migrations" not in path.parts:
            yield ast.parse(path.read_text("utf-8"))


# -----------------------------------------------------------------------------------------
# What the source says
# -----------------------------------------------------------------------------------------


def called(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def texts(node: ast.expr | None) -> Iterator[str]:
    """Yield the strings that an expression may be; what is computed becomes a star."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body)
            yield from texts(orelse)
        case ast.JoinedStr(values=parts):
            yield "".join(p.value if isinstance(p, ast.Constant) else "*" for p in parts)


def tags_recorded(module: ast.Module) -> set[str]:
    """Return the tags given to `record`, or to a function here that hands its `tag` on to it."""
    positions = {"record": -1}
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            given = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
            named = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
            hands_on = any(
                isinstance(call, ast.Call) and called(call) in {"record", "_record_one"}
                for call in ast.walk(node)
            )
            if "tag" in named and hands_on:
                positions[node.name] = given.index("tag") if "tag" in given else -1
    found: set[str] = set()
    for call in ast.walk(module):
        if not isinstance(call, ast.Call) or called(call) not in positions:
            continue
        keyword = next((one.value for one in call.keywords if one.arg == "tag"), None)
        at = positions[called(call)]
        positional = call.args[at] if 0 <= at < len(call.args) else None
        found |= {tag for tag in texts(keyword or positional) if "." in tag}
    return found


def codes_refused(module: ast.Module) -> set[str]:
    return {
        code
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and called(call) in {"Refused", "Missing"} and call.args
        for code in texts(call.args[0])
        if TAG.fullmatch(code)
    }


# -----------------------------------------------------------------------------------------
# What the documentation says
# -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("context", contexts())
def test_every_context_has_a_page(context):
    assert page(context).startswith("# ")


@pytest.mark.parametrize("context", contexts())
def test_every_recorded_tag_is_on_the_page_of_its_context(context):
    tags = set().union(*map(tags_recorded, modules(SOURCE / context)))
    missing = [
        tag
        for tag in sorted(tags)
        if not re.search(re.escape(tag).replace(r"\*", "[a-z_]+") + r"\b", page(context))
    ]
    assert missing == []


@pytest.mark.parametrize("context", contexts())
def test_every_refusal_is_on_the_page_of_its_context(context):
    codes = set().union(*map(codes_refused, modules(SOURCE / context)))
    assert [code for code in sorted(codes) if f"`{code}`" not in page(context)] == []


def test_every_refusal_of_the_plumbing_and_the_faces_is_documented_somewhere():
    everything = "\n".join(path.read_text("utf-8") for path in DOCS.rglob("*.md"))
    codes: set[str] = set()
    for name in ("kernel", "infra", "web", "cli"):
        codes |= set().union(*map(codes_refused, modules(SOURCE / name)))
    # The example in the docstring of the module that words refusals.
    codes.discard("noun.reason")
    assert [code for code in sorted(codes) if f"`{code}`" not in everything] == []


def test_the_reader_of_tags_finds_tags():
    module = ast.parse(
        "def tell(tag, x, *, at): journal.record(tag=tag, at=at)\n"
        'tell("door.opened", 1, at=0)\n'
        'journal.record(tag="door.shut" if x else "door.locked", at=0)\n'
        'journal.record(tag=f"door.{word}", at=0)\n'
    )
    assert tags_recorded(module) == {"door.opened", "door.shut", "door.locked", "door.*"}


def pages_of(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list):
        for one in entry:
            yield from pages_of(one)
    elif isinstance(entry, dict):
        for one in entry.values():
            yield from pages_of(one)


def test_every_page_is_in_the_navigation_once():
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    listed = sorted(pages_of(navigation))
    assert listed == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_decision_says_why_what_and_what_enforces_it(path):
    headings = re.findall(r"^## (.+)$", path.read_text("utf-8"), flags=re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Enforced by"]
    assert f"({path.name})" in (DOCS / "decisions/index.md").read_text("utf-8")


def test_the_decisions_are_numbered_without_gaps():
    assert [int(path.stem[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_settings_from_the_environment_are_explained():
    settings = (SOURCE / "project/settings.py").read_text("utf-8")
    read = set(re.findall(r"env\.(?:text|flag|number|words)\(\s*\"([A-Z_]+)\"", settings))
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in sorted(read) if f"`{name}`" not in readme] == []
