"""The real system in a home of its own: embedded PostgreSQL, Granian, worker, real settings."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from changtong.infra import binaries
from changtong.infra.cluster import SUPERUSER, Layout


PATIENCE = 180.0


class System:
    """Databases in one embedded server, and the programs that work on one of them at a time."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.layout = Layout(home)
        self.programs = binaries.find()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, database: str = "changtong") -> str:
        return self.layout.url(database=database)

    def environment(self, database: str = "changtong") -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL_FILE"}
        return kept | {
            "CHANGTONG_HOME": str(self.home),
            "CHANGTONG_DEMO": "0",
            "DEBUG": "0",
            "PORT": str(self.port),
            "DATABASE_URL": self.url(database),
            "DJANGO_SETTINGS_MODULE": "changtong.project.settings",
            "LOG_LEVEL": "WARNING",
        }

    def start(self) -> None:
        """Start the database server."""
        self.home.mkdir(parents=True, exist_ok=True)
        environment = self.environment()
        del environment["DATABASE_URL"]
        self._server = self._begin("database", "start", environment=environment, log="database")
        wait(self._answers, "the database")

    def stop(self) -> None:
        """Stop the database server and remove the home."""
        if self._server is not None:
            _end(self._server)
        shutil.rmtree(self.home, ignore_errors=True)

    def command(self, *words: str, database: str = "changtong") -> float:
        """Run one of our commands to its end; return how long it took."""
        began = time.monotonic()
        subprocess.run([*_changtong(), *words], env=self.environment(database), check=True)
        return time.monotonic() - began

    @contextmanager
    def running(self, *programs: str, database: str = "changtong") -> Iterator[None]:
        """Have the web server, and whatever else is named, run while the block runs."""
        environment = self.environment(database)
        started = [
            self._begin(program, environment=environment, log=program) for program in programs
        ]
        try:
            if "web" in programs:
                wait(self._serves, "the web server")
            yield
        finally:
            for process in started:
                _end(process)

    @contextmanager
    def copy_of(self, database: str, *, named: str) -> Iterator[str]:
        """Have a copy of a database while the block runs."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{named}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{named}" TEMPLATE "{database}"')
            try:
                yield named
            finally:
                connection.execute(f'DROP DATABASE "{named}" WITH (FORCE)')

    def settle(self) -> None:
        """Write out what earlier phases left dirty, so that the next does not pay for it."""
        superuser = self.layout.url(role=SUPERUSER, database="postgres")
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def tool(self, program: str, *arguments: str, database: str) -> str:
        """Run one of PostgreSQL's programs; return what it said."""
        url = urlsplit(self.url(database))
        done = subprocess.run(
            [self.programs.path(program), *arguments],
            env={"PATH": "/usr/bin:/bin", "PGPASSWORD": url.password or ""},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def memory(self) -> dict[str, float]:
        """Return resident and proportional memory of all our processes, in MB."""
        resident = proportional = 0
        for entry in self._processes():
            with suppress(OSError):
                lines = (entry / "smaps_rollup").read_text().splitlines()[1:]
                sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
                resident += sizes["Rss"]
                proportional += sizes["Pss"]
        return {"rss_mb": round(resident / 1024, 1), "pss_mb": round(proportional / 1024, 1)}

    def cpu_seconds(self) -> float:
        """
        Return how long all our processes have computed, without whoever makes the load.

        On a machine that others use too this says more than the time that passed.
        """
        ticks = 0
        for entry in self._processes():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> Iterator[Path]:
        home = f"CHANGTONG_HOME={self.home}\0".encode()
        data = os.path.realpath(self.layout.data)
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                own = home in (entry / "environ").read_bytes()
                own = own or os.path.realpath(entry / "cwd") == data
                if own and int(entry.name) != os.getpid():
                    yield entry

    def _begin(
        self, *words: str, environment: dict[str, str], log: str
    ) -> subprocess.Popen[bytes]:
        with (self.home / f"{log}.log").open("ab") as file:
            return subprocess.Popen(
                [*_changtong(), *words], env=environment, stdout=file, stderr=file
            )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _serves(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/health/live", timeout=2).close()  # noqa: S310
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(happened: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come up")
        time.sleep(0.2)


def _changtong() -> list[str]:
    return [sys.executable, "-m", "changtong.cli"]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
