"""Every operation in the description of the API does what the description says."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from pydantic import ValidationError
from tests.architecture.authorization import principals, routes
from tests.architecture.authorization.filling import fields_of, object_of, state_of
from tests.architecture.authorization.routes import GIVEN, Route
from tests.factories import worlds

from changtong.parties.domain.roles import Role
from changtong.web.api.v1 import api


# Written together, so that every operation can be tried with what the matrix of access knows.
ROUTES = [one for one in routes.all_routes() if one.face == "api"]
BILINGUAL = re.compile(r"^[一-鿿][^·]* · [A-Z][^一-鿿]*$")
CHANGES = [one for one in ROUTES if not one.is_safe]

pytestmark = pytest.mark.django_db


@pytest.fixture
def _django_db_helper() -> None:
    """Stay out of pytest-django's transaction for each test: all share the world's own."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), transaction.atomic():
        worlds.publish_standard()
        own = worlds.build_district("own", "410105", phone="13800001111", customer="王芳七七")
        worlds.fill_with_tickets(own)
        programs = [principals._program(role, own.staff[role]) for role in Role]
        yield own, programs
        transaction.set_rollback(True)


def described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


SCHEMA = api.get_openapi_schema()
OPERATIONS = {(method, path): operation for method, path, operation in described()}


def models() -> dict[str, Any]:
    """Return every body of the API by name."""
    found: dict[str, Any] = {}

    def below(model: Any) -> None:
        for one in model.__subclasses__():
            if one.__module__.startswith("changtong.web.api"):
                found[one.__name__] = one
            below(one)

    from ninja import Schema

    below(Schema)
    return found


def valid_request(route: Route, district: Any) -> tuple[str, dict[str, Any]]:
    state = state_of(route)
    values = [object_of(kind, district, state) for kind in route.objects]
    return route.filled(values), fields_of(route, district)


def send(person: Any, route: Route, path: str, fields: dict[str, Any], **headers: str) -> Any:
    client, headers = person.client, {**person.headers, **headers}
    client.raise_request_exception = False
    if route.is_safe:
        return client.get(path, fields, headers=headers)
    if any(isinstance(value, SimpleUploadedFile) for value in fields.values()):
        return client.post(path, fields, headers=headers)
    body = json.dumps(fields)
    return client.generic(
        route.method, path, body, content_type="application/json", headers=headers
    )


def undone(person: Any, route: Route, path: str, fields: dict[str, Any], **headers: str) -> Any:
    with transaction.atomic():
        answer = send(person, route, path, fields, **headers)
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


def is_problem(answer: Any) -> bool:
    body = answer.json()
    return (
        answer.headers["Content-Type"] == "application/problem+json"
        and {"type", "title", "status", "code", "detail"} <= set(body)
        and body["status"] == answer.status_code
    )


def entitled(programs: list[Any], route: Route) -> list[Any]:
    permission = route.audience.partition(":")[2]
    return [one for one in programs if not permission or permission in one.permissions]


def test_the_description_is_in_chinese_and_english() -> None:
    summaries = {operation["summary"] for operation in OPERATIONS.values()}
    tags = {tag["name"]: tag["description"] for tag in SCHEMA["tags"]}

    assert [one for one in summaries if not BILINGUAL.match(one)] == []
    assert [one for one in tags.values() if not BILINGUAL.match(one)] == []
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == set(tags)


def test_every_body_has_an_example_that_is_valid() -> None:
    bodies = models()
    without = [
        name
        for name, schema in SCHEMA["components"]["schemas"].items()
        if not schema.get("examples") and schema.get("title") != "FileParams"
    ]
    wrong = []
    for name, schema in SCHEMA["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            try:
                bodies[name].model_validate(example)
            except ValidationError as error:
                wrong.append(f"{name}: {error}")
            missing = set(schema.get("required", ())) - set(example)
            unknown = set(example) - set(schema["properties"])
            if missing or unknown:
                wrong.append(f"{name}: {missing} missing, {unknown} unknown")

    assert without == []
    assert wrong == []


def test_every_body_that_is_sent_refuses_what_it_does_not_know() -> None:
    sent = {
        content["schema"]["$ref"].rsplit("/", 1)[-1]
        for operation in OPERATIONS.values()
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
        if media == "application/json"
    }
    bodies = SCHEMA["components"]["schemas"]

    assert len(sent) > 20
    assert [name for name in sent if bodies[name].get("additionalProperties") is not False] == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_valid_request_gets_an_answer_that_is_described(world: Any, route: Route) -> None:
    district, programs = world
    path, fields = valid_request(route, district)
    said = OPERATIONS[route.method, route.path]["responses"]

    key = {"idempotency-key": str(uuid.uuid4())}
    answers = [undone(one, route, path, fields, **key) for one in entitled(programs, route)]

    assert {str(one.status_code) for one in answers} <= {str(status) for status in said}
    if route.name not in GIVEN["never"]:
        assert min(one.status_code for one in answers) < 300
    assert all(is_problem(one) for one in answers if one.status_code >= 400)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_stranger_gets_a_problem_that_says_what_is_missing(world: Any, route: Route) -> None:
    district, _programs = world
    path, fields = valid_request(route, district)
    stranger = principals.Person("forged", principals.Client(), {"authorization": "Bearer no"})

    answer = undone(stranger, route, path, fields)

    assert (answer.status_code, answer.json()["code"]) == (401, "token.invalid")
    assert is_problem(answer)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.name)
def test_a_change_without_a_key_is_refused_in_words_for_programs(world: Any, route: Route) -> None:
    district, programs = world
    path, fields = valid_request(route, district)

    answer = undone(entitled(programs, route)[0], route, path, fields)

    assert (answer.status_code, answer.json()["code"]) == (400, "key.invalid")
    assert "Idempotency-Key" in answer.json()["detail"]
    assert is_problem(answer)


ODD = ("\x00", "😀" * 5_000, -1, 10**30, 1.5, None, True, [], {}, [["x"]], {"a": {"b": "c"}})


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_nonsense_is_a_problem_and_never_a_crash(world: Any, route: Route) -> None:
    """Put odd values into each field and each part of the address, one at a time."""
    district, programs = world
    asker = entitled(programs, route)[0]
    path, fields = valid_request(route, district)
    tries: list[tuple[str, dict[str, Any]]] = [(path, fields | {"unheard_of": "x"})]
    for name in [*fields, *_query_fields(route)]:
        odd = [str(one) for one in ODD] if route.is_safe else ODD
        tries += [(path, fields | {name: one}) for one in odd]
    for place in range(len(route.parameters)):
        for odd in ("%00", "0" * 300, "99999999999999999999", "-1", "’", "."):
            values = [object_of(kind, district, state_of(route)) for kind in route.objects]
            values[place] = odd
            tries.append((route.filled(values), fields))

    answers = [
        (one, undone(asker, route, *one, **{"idempotency-key": str(uuid.uuid4())}))
        for one in tries
        if not any(isinstance(value, SimpleUploadedFile) for value in one[1].values())
    ]

    crashed = [(one, answer.status_code) for one, answer in answers if answer.status_code >= 500]
    assert crashed == []
    unworded = [
        one for one, answer in answers if answer.status_code >= 400 and not is_problem(answer)
    ]
    assert unworded == []


def _query_fields(route: Route) -> list[str]:
    given = OPERATIONS[route.method, route.path].get("parameters", [])
    return [one["name"] for one in given if one["in"] == "query"]
