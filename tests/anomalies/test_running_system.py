"""`changtong run` as a whole: it comes back after crashes and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest


class System:
    """A running system in a home of its own, as the process tree that carries its name."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        ours = {"DATABASE_URL", "SECRET_KEY"}
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "changtong.cli", "run"],
            env={**kept, "CHANGTONG_HOME": str(home), "PORT": str(self.port), "WEB_WORKERS": "2"},
            stdout=(home.parent / "log").open("wb"),
            stderr=subprocess.STDOUT,
        )

    def ready(self) -> bool:
        with suppress(OSError):
            url = f"http://127.0.0.1:{self.port}/health/ready"
            return urllib.request.urlopen(url, timeout=5).status == 200
        return False

    def programs(self, *words: str) -> list[int]:
        """Return the processes of this system whose command line has all the words."""
        return [process for process, command in self._all() if all(w in command for w in words)]

    def crash(self, program: str) -> None:
        """Kill all processes of a program and wait for others in their place."""
        victims = set(self.programs(program))
        assert victims
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        # What is dying may still be there, and the site may not have noticed yet.
        until(lambda: (found := set(self.programs(program))) and found.isdisjoint(victims))
        until(self.ready)

    def _all(self) -> Iterator[tuple[int, str]]:
        mark = f"CHANGTONG_HOME={self.home}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                # PostgreSQL gets none of our environment, but names the home on its command line.
                if mark in (entry / "environ").read_bytes() or str(self.home) in command:
                    yield int(entry.name), command


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    running = System(tmp_path / "home")
    yield running
    running.supervisor.kill()
    running.supervisor.wait()


def test_it_comes_back_after_every_crash_and_leaves_nothing_behind(system: System) -> None:
    until(system.ready)
    assert (system.home / "secret-key").stat().st_mode & 0o777 == 0o600

    second = subprocess.run(
        [sys.executable, "-m", "changtong.cli", "run"],
        env={**os.environ, "CHANGTONG_HOME": str(system.home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert "already runs" in second.stderr

    for program in ("granian", "changtong.cli worker", "postgres -D"):
        system.crash(program)

    system.supervisor.kill()
    system.supervisor.wait()
    until(lambda: system.programs() == [])


def test_sigterm_stops_everything_cleanly(system: System) -> None:
    until(lambda: system.programs("changtong.cli prepare"))
    system.supervisor.terminate()
    assert system.supervisor.wait(timeout=60) == 0
    assert system.programs() == []


def until(true: Callable[[], object], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
