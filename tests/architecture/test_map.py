"""What imports cannot show: foreign keys, audiences, sentences, pure domains."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from changtong.web.api.auth import Bearer
from changtong.web.api.v1 import api


ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/changtong"


def order() -> dict[str, int]:
    """Return how high each context stands, from the map in pyproject.toml."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contract["contracts"][0]["layers"]
    return {
        name.strip("() "): len(layers) - height
        for height, layer in enumerate(layers)
        for name in layer.split("|")
    }


def own_models():
    return [model for model in apps.get_models() if model.__module__.startswith("changtong.")]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_down_and_have_no_reverse_side_across_contexts(model):
    heights = order()
    here = model.__module__.split(".")[1]
    for field in model._meta.get_fields():
        if not field.is_relation or field.auto_created or not field.related_model:
            continue
        there = field.related_model.__module__.split(".")[1]
        if not field.related_model.__module__.startswith("changtong.") or there == here:
            continue
        assert heights[there] < heights[here], f"{model._meta.label}.{field.name} points up"
        assert field.remote_field.related_name == "+", f"{model._meta.label}.{field.name}"


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_constraints_are_named_by_us_and_no_model_orders_by_itself(model):
    assert not model._meta.ordering
    assert not model._meta.unique_together


def test_every_context_is_under_the_inside_contract():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    inside = {name.removeprefix("changtong.") for name in contract["contracts"][1]["containers"]}
    outside = {"project", "web", "cli", "journal", "infra", "kernel", "locale"}
    contexts = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert contexts - outside == inside


def test_domain_modules_import_without_django():
    modules = [
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        for pattern in ("*/domain.py", "*/domain/*.py", "kernel/*.py")
        for path in SOURCE.glob(pattern)
        if path.name != "__init__.py"
    ]
    script = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "assert 'django' not in sys.modules, 'a domain module imports Django'"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PATH": ""})


def patterns(resolver, prefix=""):
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


# Whose views are not ours: Django's language switch, allauth's log-in pages.
FOREIGN = ("i18n/", "accounts/")


def test_every_address_declares_its_audience():
    undeclared = [
        path
        for path, view in patterns(get_resolver())
        if not path.startswith(FOREIGN)
        and not path.startswith("api/")
        and not hasattr(view, "audience")
    ]
    assert undeclared == []


def test_every_api_route_declares_its_scope():

    undeclared = [
        f"{operation.methods} {path}"
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        if not isinstance(operation.auth_param, Bearer)
    ]
    assert undeclared == []


def test_jobs_are_deferred_only_inside_the_transaction():
    deferring = re.compile(r"\.(?:batch_)?defer(?:_async)?\(")
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCE.rglob("*.py")
        if "later.defer(" not in path.read_text("utf-8")
        and deferring.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_there_are_no_catch_all_modules():
    forbidden = {"utils", "helpers", "services", "managers", "signals", "common", "misc"}
    found = [str(path) for path in SOURCE.rglob("*.py") if path.stem in forbidden]
    assert found == []


def test_files_stay_readable():
    long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
        and (count := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert long == {}
