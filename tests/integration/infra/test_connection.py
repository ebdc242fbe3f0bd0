"""A connection that has died is noticed before it is used, and a living one is not asked."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connections


@pytest.fixture
def own(db):
    """Return a connection beside the test's, which may die."""
    made = connections.create_connection("default")
    made.connect()
    yield made
    made.close()


def test_a_living_connection_is_usable(own):
    assert own.is_usable()


def test_a_connection_whose_server_process_has_gone_is_not(own):
    with psycopg.connect(**_where(own), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [own.connection.info.backend_pid])
    until = time.monotonic() + 10
    while own.is_usable() and time.monotonic() < until:
        time.sleep(0.02)

    assert not own.is_usable()


def test_a_connection_broken_before_is_not(own):
    own.connection.close()

    assert not own.is_usable()


def _where(own):
    given = own.get_connection_params()
    return {
        name: given[name]
        for name in ("host", "port", "dbname", "user", "password")
        if given.get(name)
    }


def test_an_instant_is_read_as_it_was_written_wherever_the_session_is(own):
    instants = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 10, 0, 0, 120_000, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    with own.cursor() as cursor:
        for zone, read in (("UTC", instants), ("Asia/Shanghai", instants[1:2])):
            cursor.execute("SELECT set_config('TimeZone', %s, false)", [zone])
            cursor.execute("SELECT unnest(%s::timestamptz[])", [read])
            found = [at for (at,) in cursor.fetchall()]
            assert found == read
            assert {at.tzinfo for at in found} == {UTC}
        with pytest.raises(psycopg.DataError, match="infinity"):
            cursor.execute("SELECT 'infinity'::timestamptz").fetchall()
