from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection


pytestmark = pytest.mark.django_db(transaction=True)


def limits() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (lock,) = cursor.fetchone()
        cursor.execute("SHOW statement_timeout")
        return [lock, *cursor.fetchone()]


def test_a_migration_that_has_to_wait_for_a_table_is_given_up():
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CommandError, match="given up"):
            call_command("migrate", "infra", lock_timeout="50ms", verbosity=0)
        cursor.execute("ROLLBACK")
    other.close()

    assert limits() == ["0", "0"]


def test_a_statement_that_takes_too_long_is_given_up(monkeypatch):
    def slow(*_args, **_options):
        with connection.cursor() as cursor:
            assert limits() == ["5s", "50ms"]
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", slow)

    with pytest.raises(CommandError, match="given up"):
        call_command("migrate", statement_timeout="50ms")

    assert limits() == ["0", "0"]
