"""What the measurements need from inside: an account, and the number of queries of a page."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from bench.pages import QUEUE
from changtong.infra.clock import now
from changtong.parties import operations as parties
from changtong.parties import queries as people
from changtong.parties.domain.roles import PERMISSIONS, Role
from changtong.tickets import queries as tickets


USERNAME = "bench"


def enter() -> tuple[str, str]:
    """Employ an agent of the home province; return a token and a session of theirs."""
    at = now()
    person = parties.employ(
        username=USERNAME,
        number="BENCH",
        name="测量",
        role=Role.AGENT,
        region_code="41",
        password=secrets.token_urlsafe(16),
        actor="system:bench",
        at=at,
    )
    _, secret = parties.issue_token(
        staff=person,
        name="bench",
        scopes=sorted(PERMISSIONS[Role.AGENT]),
        valid_for=timedelta(days=1),
        actor="system:bench",
        at=at,
    )
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return secret, client.cookies["sessionid"].value


def queries() -> dict[str, Any]:
    """Return how many SQL queries each page asks."""
    person = people.staff_by_username(USERNAME)
    viewer = people.viewer_of(person)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    number = tickets.unfinished(viewer).values_list("number", flat=True).first()
    counts = {}
    with override_settings(ALLOWED_HOSTS=["*"]):
        for name, path in {"queue": QUEUE, "ticket": f"/console/tickets/{number}"}.items():
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                client.get(path)
            counts[name] = len(asked)
    return {"queries": counts}


def leave() -> None:
    """Let go of the database, so that it can be copied."""
    connections.close_all()
