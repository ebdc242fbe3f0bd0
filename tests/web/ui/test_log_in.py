"""Failed log-ins are counted by all processes together."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import connection
from tests.factories import people


# What another web process does with the next attempt.
ANOTHER_PROCESS = """
import sys
import django
django.setup()
from django.test import Client
answer = Client(SERVER_NAME="localhost").post("/accounts/login/", {"login": sys.argv[1], "password": sys.argv[2]})
print(answer.status_code, "sessionid" in answer.cookies)
"""


def url_of_this_database() -> str:
    at = connection.settings_dict
    host = quote(at["HOST"], safe="")
    return (
        f"postgresql://{at['USER']}:{quote(at['PASSWORD'])}@/{at['NAME']}"
        f"?host={host}&port={at['PORT']}"
    )


def elsewhere(username: str, password: str) -> str:
    environment = {**os.environ, "DATABASE_URL": url_of_this_database(), "DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, username, password],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.django_db(transaction=True)
def test_who_failed_too_often_here_is_refused_by_another_process(client, settings):
    people.staff("agent", "agent", password=people.PASSWORD)
    people.staff("other", "agent", password=people.PASSWORD)
    # A wrong password need not be wrong slowly.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for _attempt in range(5):
        wrong = {"login": "agent", "password": "wrong"}
        client.post("/accounts/login/", wrong, SERVER_NAME="localhost")

    refused, welcome = elsewhere("agent", people.PASSWORD), elsewhere("other", people.PASSWORD)

    # The table is not Django's to empty after the test.
    cache.clear()
    assert refused == "200 False"
    assert welcome == "302 True"
