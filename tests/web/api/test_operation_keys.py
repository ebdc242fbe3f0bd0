"""The same request twice at the same time has its effect once, and both get its answer."""

from __future__ import annotations

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import RequestFactory

from changtong.infra import keys
from changtong.infra.models import OperationKey
from changtong.kernel.errors import Refused
from changtong.web.ui.operation_keys import once


pytestmark = pytest.mark.django_db


def run_once(run, *, body: bytes = b"{}"):
    request = RequestFactory().post("/api/v1/things")
    return once(request, actor="staff:1", key="k1", body=body, run=run)


def somebody_was_faster() -> None:
    """Commit, over another connection, what the same request has led to meanwhile."""
    of = keys.fingerprint(b"POST", b"/api/v1/things", b"{}")
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_operationkey (actor, key, fingerprint, status, headers, body)"
            " VALUES ('staff:1', 'k1', %s, 201, '{}', 'first')",
            [of],
        )
    other.close()


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_second_gets_the_first_answer_and_changes_nothing():
    def run() -> HttpResponse:
        OperationKey.objects.create(actor="staff:1", key="an effect", fingerprint="f", status=200)
        somebody_was_faster()
        return HttpResponse(b"second", status=201)

    answer = run_once(run)

    assert (answer.status_code, answer.content) == (201, b"first")
    assert answer.headers["Idempotent-Replay"] == "true"
    assert list(OperationKey.objects.values_list("key", flat=True)) == ["k1"]


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_because_it_was_done_meanwhile_gets_the_first_answer():
    def run() -> HttpResponse:
        somebody_was_faster()
        return HttpResponse(b"the same matter", status=409)

    answer = run_once(run)

    assert (answer.status_code, answer.content) == (201, b"first")


def test_what_is_refused_may_be_tried_again():
    first = run_once(lambda: HttpResponse(b"no", status=409))
    second = run_once(lambda: HttpResponse(b"yes", status=201))

    assert (first.status_code, second.status_code) == (409, 201)


def test_a_key_belongs_to_one_request():
    run_once(lambda: HttpResponse(b"yes", status=201))

    with pytest.raises(Refused, match=r"key\.reused"):
        run_once(lambda: HttpResponse(b"yes", status=201), body=b"{1}")
