"""One district, its people and its tickets, and who may read which page of it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker
from tests.architecture.authorization import principals, routes
from tests.architecture.authorization.filling import fields_of, object_of, state_of
from tests.architecture.authorization.routes import Route
from tests.factories import worlds

from changtong.tickets.models import Ticket


@pytest.fixture
def _django_db_helper() -> None:
    """Stay out of pytest-django's transaction for each test: all share the world's own."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    with django_db_blocker.unblock(), transaction.atomic():
        worlds.publish_standard()
        own = worlds.build_district("own", "410105", phone="13800001111", customer="王芳七七")
        worlds.fill_with_tickets(own)
        for state, ticket in own.tickets.items():
            own.tickets[state] = Ticket.objects.select_related("region").get(pk=ticket.pk)
        yield SimpleNamespace(own=own, people=principals.everybody(own, own))
        transaction.set_rollback(True)


def readable() -> list[Route]:
    """Return every page that can be read."""
    return [one for one in routes.all_routes() if one.is_safe]


def readers(world: Any, route: Route) -> list[Any]:
    """Return those whom the audience of a page lets in, a few of them."""
    who, _, permission = route.audience.partition(":")
    fitting = [
        one
        for one in world.people
        if one.is_program == (route.face == "api")
        and (who in {"anyone", "link"} or bool(one.phone) == (who == "customer"))
        and (not permission or (one.staff is not None and permission in one.permissions))
    ]
    return fitting[:3]


def reading(world: Any, route: Route) -> tuple[str, dict[str, Any]]:
    """Return the address of a page about the district's own, and the fields it takes."""
    values = [object_of(kind, world.own, state_of(route)) for kind in route.objects]
    path = route.filled([quote(str(value), safe="") for value in values])
    return path, fields_of(route, world.own)


def read(person: Any, path: str, fields: dict[str, Any]) -> Any:
    """Ask for a page as a person or a program does; an exception counts as a crash."""
    client: Client = person.client
    client.raise_request_exception = False
    return client.get(path, fields, headers=person.headers)
