"""Every address of the system with who it is for, what it takes, and how to fill that in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver

from changtong.web.api.auth import Bearer
from changtong.web.api.v1 import api


SOURCE = Path(__file__).resolve().parents[3] / "src/changtong/web"
GIVEN = tomllib.loads((Path(__file__).parents[1] / "authorization.toml").read_text("utf-8"))
IDS = (
    "ticket",
    "companion",
    "line",
    "customer",
    "staff",
    "team",
    "team_code",
    "colleague",
    "served_number",
)
# Where Python code asks a request for a field by name.
ASKED = re.compile(r"(?:GET|POST|FILES|given)(?:\.get(?:list)?\(|\[)\"(\w+)\"")


@dataclass(frozen=True)
class Route:
    """One method of one address; `audience` as the view declares it, empty if it does not."""

    method: str
    path: str
    audience: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def face(self) -> str:
        return self.path.split("/")[1] or "portal"

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"

    @property
    def parameters(self) -> list[str]:
        """Return the names of the parameters in the address."""
        return [
            one for one in re.findall(r"<\w+:(\w+)>|\{(\w+)\}", self.path) for one in one if one
        ]

    @property
    def objects(self) -> list[str]:
        """Return the kind of object that each parameter names, in order."""
        fitting = [one for one in GIVEN["parameters"] if self.path.startswith(one)]
        if not self.parameters:
            return []
        if not fitting:
            raise LookupError(f"{self.path}: [parameters] does not say what it names")
        kinds = GIVEN["parameters"][max(fitting, key=len)].split(", ")
        if len(kinds) != len(self.parameters):
            raise LookupError(f"{self.path}: [parameters] names {kinds} for {self.parameters}")
        return kinds

    @property
    def request(self) -> dict[str, Any]:
        """Return the state and the fields of a valid request."""
        exact = GIVEN["requests"].get(self.name)
        if exact is not None:
            return exact
        fitting = [one for one in GIVEN["requests"] if one[0] == "/" and self.path.startswith(one)]
        return GIVEN["requests"][max(fitting, key=len)] if fitting else {}

    def filled(self, values: list[object]) -> str:
        """Return the address with these values in place of its parameters."""
        path = self.path
        for value in values:
            path = re.sub(r"<\w+:\w+>|\{\w+\}", str(value), path, count=1)
        return path


def excused(path: str) -> bool:
    """Say whether the matrix leaves an address alone, for a reason that is written down."""
    if any(path == one for one in GIVEN["excused"]):
        return True
    folders = [one for one in GIVEN["excused"] if one.endswith("/") and one != "/api/v1/"]
    return path.startswith(tuple(folders))


@cache
def all_routes() -> list[Route]:
    """Return every method of every address, of the console, the portal, the kit and the API."""
    found = [
        Route(method, path, getattr(view, "audience", ""))
        for path, view in _views(get_resolver(), "/")
        if not path.startswith("/api/") and not excused(path)
        for method in ("GET", "POST")
    ]
    return [*found, *_operations()]


def undeclared() -> list[str]:
    return [route.name for route in all_routes() if not route.audience]


def strays() -> list[str]:
    """Return what lies under /api/ and is no operation of the API."""
    known = {re.sub(r"\{\w+\}", "<>", route.path) for route in _operations()}
    return [
        path
        for path, _view in _views(get_resolver(), "/")
        if path.startswith("/api/")
        and not excused(path)
        and re.sub(r"<[\w:]+>", "<>", path) not in known
    ]


def _views(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _views(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _operations() -> Iterator[Route]:
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                bearer = operation.auth_param
                audience = f"token:{bearer.permission}" if isinstance(bearer, Bearer) else ""
                for method in operation.methods:
                    whole = "/api/v1/" + f"{prefix}/{path}".strip("/").replace("//", "/")
                    yield Route(method, whole.rstrip("/"), audience)


def unclassified_fields() -> dict[str, set[str]]:
    """Return the fields that any face takes and [fields] does not mention."""
    known = {name for names in GIVEN["fields"].values() for name in names}
    found = {"the source": _asked_for(), "forms": _of_forms(), "the API": _of_api()}
    return {where: names - known for where, names in found.items() if names - known}


def _asked_for() -> set[str]:
    faces = [*SOURCE.glob("console/**/*.py"), *SOURCE.glob("portal/**/*.py")]
    return {name for path in faces for name in ASKED.findall(path.read_text("utf-8"))}


def _of_forms() -> set[str]:
    def below(form: type) -> Iterator[type]:
        for one in form.__subclasses__():
            yield one
            yield from below(one)

    ours = ("changtong.web.console", "changtong.web.portal")
    return {
        name
        for form in below(forms.Form)
        if form.__module__.startswith(ours)
        for name in form.base_fields
    }


def _of_api() -> set[str]:
    described = api.get_openapi_schema()
    names: set[str] = set()
    for methods in described["paths"].values():
        for operation in methods.values():
            given = operation.get("parameters", [])
            names |= {one["name"] for one in given if one["in"] == "query"}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = content["schema"]
                reference = schema.get("$ref", "").rsplit("/", 1)[-1]
                whole = described["components"]["schemas"][reference] if reference else schema
                names |= set(whole.get("properties", {}))
    return names


def kind_of_field(name: str) -> str:
    """Return which kind of object a field names, or "plain"."""
    return next(kind for kind, names in GIVEN["fields"].items() if name in names)
