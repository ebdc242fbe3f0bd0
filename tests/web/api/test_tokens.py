"""A token is told once; what is kept of it opens nothing, and each ends by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.test import Client
from tests.factories import people

from changtong.infra.clock import now
from changtong.journal.models import Entry
from changtong.parties import operations as parties
from changtong.parties.models import Staff, Token


pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> Any:
    return people.staff("agent", "agent", region="410105")


def issued(agent: Any, *, days: int = 1) -> tuple[Token, str]:
    return parties.issue_token(
        staff=agent,
        name="crm",
        scopes=["tickets.view"],
        valid_for=timedelta(days=days),
        actor="system:test",
        at=now(),
    )


def status(client: Client, secret: str) -> int:
    headers = {"authorization": f"Bearer {secret}"}
    return client.get("/api/v1/tickets", headers=headers).status_code


def test_what_is_kept_of_a_token_opens_nothing(client: Client, agent: Any) -> None:
    token, secret = issued(agent)

    token.refresh_from_db()
    kept = serializers.serialize("json", [token, *Entry.objects.all()])

    assert status(client, secret) == 200
    assert secret not in kept
    assert status(client, token.digest) == 401


def test_a_token_that_is_revoked_ends_and_no_other(client: Client, agent: Any) -> None:
    (first, its), (_second, another) = issued(agent), issued(agent)

    parties.revoke_token(token_id=first.pk, actor="system:test", at=now())

    assert (status(client, its), status(client, another)) == (401, 200)


def test_a_token_ends_with_its_time(client: Client, agent: Any) -> None:
    _token, secret = issued(agent, days=-1)

    assert status(client, secret) == 401


def test_a_token_of_somebody_who_is_not_at_work_opens_nothing(client: Client, agent: Any) -> None:
    _token, secret = issued(agent)

    Staff.objects.filter(pk=agent.pk).update(is_active=False)

    assert status(client, secret) == 401
