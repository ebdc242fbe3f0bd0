"""``migrate`` that gives up rather than stop everybody else."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg import errors


# Whoever waits for a table's lock makes every later reader and writer of the table wait, too.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15min"


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--lock-timeout", default=LOCK_TIMEOUT)
        parser.add_argument("--statement-timeout", default=STATEMENT_TIMEOUT)

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Apply the migrations, each statement within its time.

        :raises CommandError: if a lock or the work itself took too long; what the migration at
            hand did is undone, and the next run goes on with it
        """
        connection = connections[options["database"]]
        given = {name: options[name] for name in ("lock_timeout", "statement_timeout")}
        with connection.cursor() as cursor:
            for name, limit in given.items():
                cursor.execute("SELECT set_config(%s, %s, false)", [name, limit])
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if not isinstance(error.__cause__, (errors.LockNotAvailable, errors.QueryCanceled)):
                raise
            raise CommandError(
                f"The migration was given up: {error}. Nothing of it remains. End what holds "
                "the table (see pg_stat_activity) and run it again, or give it more time with "
                "--lock-timeout or --statement-timeout."
            ) from error
        finally:
            with connection.cursor() as cursor:
                for name in given:
                    cursor.execute(f"RESET {name}")
