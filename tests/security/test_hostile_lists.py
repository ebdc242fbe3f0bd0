"""How a list is shown comes from a fixed choice; whatever else is asked for does no harm."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from tests.security.conftest import read, readable, readers, reading


pytestmark = pytest.mark.django_db

SHOWING = (
    "order",
    "sort",
    "state",
    "cursor",
    "before",
    "after",
    "limit",
    "tab",
    "show",
    "q",
    "day",
)
HOSTILE = (
    "id; DROP TABLE tickets_ticket; --",
    "' OR 1=1 --",
    "staff__password",
    "-technician__password",
    "__class__",
    "9" * 40,
    "-1",
    "%00%ff",
    "😀" * 300,
    "{}",
    "eyJhIjogMX0=",
    "../../etc/passwd",
)


def ways() -> list[dict[str, str]]:
    """Return three ways of asking; together with the pages, each word comes to each parameter."""
    turns = (0, 4, 8)
    return [
        {name: HOSTILE[(at + turn) % len(HOSTILE)] for at, name in enumerate(SHOWING)}
        for turn in turns
    ]


def test_no_way_of_asking_breaks_a_page_or_tells_what_it_should_not(world: Any) -> None:
    wrong: list[str] = []
    secret = world.own.staff["agent"].password.encode()
    asked = [(route, person) for route in readable() for person in readers(world, route)[:1]]
    for (route, person), way in product(asked, ways()):
        path, fields = reading(world, route)
        with transaction.atomic():
            response = read(person, path, {**fields, **way})
            transaction.set_rollback(True)
        body = b"".join(response) if response.streaming else response.content
        if response.status_code >= 500 or secret in body:
            wrong.append(f"{route.path} {way}: {response.status_code}")

    assert len(asked) > 100
    assert not wrong
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_ticket")
        assert cursor.fetchone()[0] == len(world.own.tickets)
