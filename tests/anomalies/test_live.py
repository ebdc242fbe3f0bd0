"""Screens that listen while the programs around them are killed, and rights change."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.anomalies.test_running_system import System, system, until

from changtong.infra.cluster import Layout


ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tests.factories import people
from tests.factories.intake import build_town, report
from changtong.infra.clock import now
from changtong.intake import operations as intake
town = build_town()
person = people.staff("agent-1", "agent", region="410105")
store = SessionStore()
store[SESSION_KEY] = str(person.pk)
store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
store[HASH_SESSION_KEY] = person.get_session_auth_hash()
store.save()
ticket = intake.receive(report=report(category="fault.broadband.no_link"),
    line_number=town.line.number, actor="system:test", at=now(), anyway=True, by_agent=True).ticket
print(json.dumps([store.session_key, ticket.number]))
"""
TOUCH = """
from changtong.infra.clock import now
from changtong.tickets.operations import working
working.log(number={number!r}, type_="note", text="x", actor="system:test", at=now())
print("null")
"""
DEMOTE = """
from changtong.parties.models import Staff
Staff.objects.filter(username="agent-1").update(role="administrator")
print("null")
"""


def test_screens_hear_on_after_crashes_and_nothing_after_their_right_has_gone(
    system: System,
) -> None:
    until(system.ready, seconds=300)
    session, number = done(system, BEGIN)
    port = live_port(system)
    until(lambda: heard_of(port, session) is not None)

    screen = heard_of(port, session)
    assert screen is not None
    touch = TOUCH.format(number=number)
    done(system, touch)
    position, told = screen.until("changed")
    assert told["changed"] == [number]

    # The database crashes and comes back; the stream does not even notice.
    system.crash("postgres -D")
    done(system, touch)
    position, told = screen.until("changed")
    assert told["changed"] == [number]

    # The live program is killed; whoever comes back reads everything anew.
    system.crash("changtong.project.live")
    assert screen.ended()
    until(lambda: heard_of(port, session) is not None)
    screen = heard_of(port, session, since=position)
    assert screen is not None
    screen.until("anew")

    # The role changes while the stream is open.
    done(system, DEMOTE + touch)
    assert screen.until("bye") == ("", {"because": "session"})
    assert heard_of(port, session) is None


class Screen:
    """One stream, read line by line."""

    def __init__(self, connection: socket.socket) -> None:
        self._lines = connection.makefile("rb")

    def until(self, wanted: str) -> tuple[str, dict[str, Any]]:
        """Return position and words of the next event of this name."""
        for position, name, told in self._events():
            if name == wanted:
                return position, told
        raise AssertionError(f"the stream ended before {wanted}")

    def ended(self) -> bool:
        """Read to the end."""
        with suppress(ConnectionError):
            self._lines.read()
        return True

    def _events(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        position, name = "", ""
        for line in self._lines:
            key, _, value = line.decode().strip().partition(": ")
            if key == "id":
                position = value
            elif key == "event":
                name = value
            elif key == "data":
                yield position, name, json.loads(value)
                position = ""


def heard_of(port: int, session: str, *, since: str = "") -> Screen | None:
    """Open a stream; None if it is refused."""
    with suppress(ConnectionError):
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.sendall(
            f"GET /live/events?since={since} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Cookie: sessionid={session}\r\n\r\n".encode()
        )
        if b" 200 " in connection.recv(15):
            return Screen(connection)
        connection.close()
    return None


def live_port(system: System) -> int:
    """Return the port that the pages name in their policy."""
    with urllib.request.urlopen(f"http://127.0.0.1:{system.port}/accounts/login/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    found = re.search(r"connect-src 'self' http://127\.0\.0\.1:(\d+)", policy)
    assert found is not None
    return int(found[1])


def done(system: System, script: str) -> Any:
    """Run a script in the system's database and return what it printed."""
    begin = "import json, django; django.setup()\n"
    ours = {"DATABASE_URL", "SECRET_KEY"}
    ran = subprocess.run(
        [sys.executable, "-c", begin + script],
        env={
            **{name: value for name, value in os.environ.items() if name not in ours},
            "CHANGTONG_HOME": str(system.home),
            "DATABASE_URL": Layout(system.home).url(database="changtong"),
            "DJANGO_SETTINGS_MODULE": "changtong.project.settings",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


__all__ = ["system"]
