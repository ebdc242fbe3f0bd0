"""Who may open which screen, and who may not."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from changtong.parties.domain.roles import PERMISSIONS, Role


def routes():
    console = next(one for one in get_resolver().url_patterns if str(one.pattern) == "console/")
    return {one.name: one for one in console.url_patterns}


def address(pattern, ticket):
    route = re.sub("<int:[^>]+>", "1", str(pattern.pattern))
    return f"/console/{re.sub('<str:[^>]+>', ticket, route)}"


def test_every_route_names_its_audience():
    for name, pattern in routes().items():
        assert pattern.callback.audience.startswith("staff:"), name


def test_a_stranger_is_asked_to_log_in_everywhere(world):
    ticket = world.ticket()

    for pattern in routes().values():
        answer = Client().get(address(pattern, ticket.number))
        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/login")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_its_permissions_open_and_nothing_else(world, role):
    ticket = world.ticket()
    client = world.as_(role.value)

    for name, pattern in routes().items():
        permission = pattern.callback.audience.removeprefix("staff:")
        answer = client.get(address(pattern, ticket.number))
        allowed = not permission or permission in PERMISSIONS[role]
        assert (answer.status_code != 403) is allowed, name
        assert answer.status_code < 500, name


def test_the_navigation_offers_only_what_may_be_opened(world):
    page = world.as_("technician").get("/console/work/").content.decode()

    assert "/console/work/" in page
    assert 'href="/console/dispatch/"' not in page
    assert 'href="/console/staff/"' not in page


@pytest.mark.parametrize(
    ("role", "start"),
    [
        ("agent", "/console/tickets/"),
        ("dispatcher", "/console/dispatch/"),
        ("technician", "/console/work/"),
        ("archivist", "/console/archive/"),
        ("administrator", "/console/staff/"),
    ],
)
def test_the_day_begins_where_the_work_is(world, role, start):
    answer = world.as_(role).get("/console/")

    assert answer.status_code == 302
    assert answer.url == start
