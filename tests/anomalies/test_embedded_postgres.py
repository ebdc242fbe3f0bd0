"""The embedded database under kill -9, stale pid files, wrong passwords and second processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from changtong.infra import cluster, embedded
from changtong.infra.unprivileged import account


WRITERS = 4
KILLS = 20


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def server(home: Path) -> Iterator[embedded.Server]:
    running = embedded.Server(home)
    running.start()
    yield running
    running.stop()


def _tree(server: embedded.Server) -> list[int]:
    return list(cluster.processes(server.layout))


def _answer(url: str) -> int:
    """Wait until the database answers again."""
    for _ in range(200):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
            return connection.execute("SELECT 42").fetchone()[0]
        time.sleep(0.05)
    raise AssertionError("the database did not come back within 10 s")


class Writer(threading.Thread):
    """Insert numbers, one transaction each, and remember which were acknowledged."""

    def __init__(self, url: str, number: int, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.url, self.number, self.stopping = url, number, stopping
        self.acknowledged: list[int] = []

    def run(self) -> None:
        value = self.number
        while not self.stopping.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True) as connection:
                    while not self.stopping.is_set():
                        # The number is used up even if its fate is unknown.
                        value += WRITERS
                        connection.execute("INSERT INTO ledger VALUES (%s)", [value])
                        self.acknowledged.append(value)
            except psycopg.OperationalError:
                time.sleep(0.02)


def test_twenty_kills_lose_no_acknowledged_row(server: embedded.Server) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE ledger (value bigint PRIMARY KEY)")
    stopping = threading.Event()
    writers = [Writer(server.url, number, stopping) for number in range(WRITERS)]
    for writer in writers:
        writer.start()

    for kill in range(KILLS):
        before = sum(len(writer.acknowledged) for writer in writers)
        time.sleep(0.4)
        only_postmaster = kill % 2 == 0
        for process in [server.postmaster.pid] if only_postmaster else _tree(server):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        assert _answer(server.url) == 42
        assert sum(len(writer.acknowledged) for writer in writers) > before
    stopping.set()
    for writer in writers:
        writer.join()

    with psycopg.connect(server.url) as connection:
        kept = {row[0] for row in connection.execute("SELECT value FROM ledger")}
    acknowledged = {value for writer in writers for value in writer.acknowledged}
    assert len(acknowledged) > 1_000
    assert acknowledged - kept == set()


def test_a_stale_pid_file_of_a_foreign_process_is_no_obstacle(home: Path) -> None:
    with embedded.ensure(home) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    layout = cluster.Layout(home)
    # PostgreSQL itself sees through the numbers of other users' processes, not of its own user's.
    with subprocess.Popen(["sleep", "60"], **account().credentials()) as stranger:
        left = layout.data / "postmaster.pid"
        left.write_text(f"{stranger.pid}\n{layout.data}\n1\n5432\n{layout.socket}\n\n\nready\n")
        (layout.socket / f"{cluster.SOCKET}.lock").write_text(left.read_text())

        with embedded.ensure(home) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
        assert stranger.poll() is None
        stranger.kill()


def test_a_zombie_does_not_count_as_a_running_server(home: Path) -> None:
    # A keeper that never reaps its dead server, as a lazy first process of a container would be.
    keeper = subprocess.Popen(
        [sys.executable, "-c", _KEEPER_THAT_NEVER_REAPS, str(home)], stdout=subprocess.PIPE
    )
    postmaster = int(keeper.stdout.readline())
    os.kill(postmaster, signal.SIGKILL)
    _until(lambda: "Z" in Path(f"/proc/{postmaster}/stat").read_text().rsplit(")", 1)[1])

    with embedded.ensure(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert Path(f"/proc/{postmaster}").exists()
    keeper.kill()
    keeper.wait()


_KEEPER_THAT_NEVER_REAPS = """
import sys, threading, time
from pathlib import Path
from changtong.infra import embedded
class Lazy(embedded.Server):
    def _spawn(self, lock):
        postmaster = super()._spawn(lock)
        postmaster.poll = lambda: None
        return postmaster
server = Lazy(Path(sys.argv[1]))
server.start()
server._keeper.release()
print(server.postmaster.pid, flush=True)
time.sleep(600)
"""


def test_the_server_does_not_outlive_a_killed_keeper(home: Path) -> None:
    keeper = subprocess.Popen(
        [sys.executable, "-m", "changtong.cli", "database", "start"],
        env={**os.environ, "CHANGTONG_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    url = keeper.stdout.readline().strip()
    assert _answer(url) == 42
    keeper.kill()
    keeper.wait()

    _until(lambda: not list(cluster.processes(cluster.Layout(home))))
    with embedded.ensure(home) as again:
        assert again == url
        assert _answer(again) == 42


def test_a_wrong_password_is_refused(server: embedded.Server) -> None:
    right = server.layout.password(cluster.ROLE)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace(right, "wrong"))


def test_the_application_is_no_superuser(server: embedded.Server) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == (False,)


def test_secrets_and_sockets_are_private(server: embedded.Server) -> None:
    assert server.layout.socket.stat().st_mode & 0o777 == 0o700
    assert server.layout.data.stat().st_mode & 0o777 == 0o700
    for secret in server.layout.root.glob("*.password"):
        assert secret.stat().st_mode & 0o777 == 0o600


def test_a_second_process_uses_the_running_server_and_takes_over(server: embedded.Server) -> None:
    second = embedded.Server(server.layout.home)
    second.start()
    assert second.url == server.url
    assert (server.keeps, second.keeps) == (True, False)

    server.stop()
    _until(lambda: second.keeps)
    assert _answer(second.url) == 42
    second.stop()
    assert _tree(second) == []


def test_data_of_another_major_version_is_refused(home: Path) -> None:
    with embedded.ensure(home):
        pass
    (cluster.Layout(home).data / "PG_VERSION").write_text("14\n")
    with (
        pytest.raises(cluster.Unusable, match="written by PostgreSQL 14") as refusal,
        embedded.ensure(home),
    ):
        pass
    assert "changtong database restore" in str(refusal.value)


def test_lost_passwords_are_explained(home: Path) -> None:
    with embedded.ensure(home):
        pass
    (cluster.Layout(home).root / f"{cluster.SUPERUSER}.password").write_text("something-else")
    with (
        pytest.raises(cluster.Unusable, match="Put the original files back"),
        embedded.ensure(home),
    ):
        pass


def test_a_forgetful_server_is_refused(home: Path) -> None:
    with (
        embedded.ensure(home, durable=False) as url,
        pytest.raises(cluster.Unusable, match="fsync = off"),
    ):
        cluster.refuse_forgetful(url)


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with embedded.ensure(home):
        pass
    with (cluster.Layout(home).data / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = much\n")
    with pytest.raises(cluster.Unusable, match="shared_buffers"), embedded.ensure(home):
        pass


def test_a_long_home_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    with embedded.ensure(home) as url:
        assert _answer(url) == 42
        assert len(str(cluster.Layout(home).socket)) <= cluster.LONGEST_SOCKET_DIRECTORY
    cluster.Layout(home).socket.rmdir()


def _until(true, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
