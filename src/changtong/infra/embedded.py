"""
PostgreSQL as a child process: one directory, no installation, no administrator.

Two locks carry the design. The *keeper's* lock says who keeps the server running; a second
Changtong process in the same home finds it taken, uses the running server, and takes over when
the keeper leaves. The *server's* lock is inherited by PostgreSQL and all its children, so the
kernel releases it when, and only when, the last of them is gone. Whether a server still runs is
therefore never guessed from the number in ``postmaster.pid``, which after a crash may belong to
anybody.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psycopg

from changtong.infra import binaries, cluster
from changtong.infra.cluster import Layout, Unusable
from changtong.infra.lifeline import tied_to_parent
from changtong.infra.unprivileged import account


log = logging.getLogger("changtong.postgres")

LOOK_AGAIN = 0.1
LONGEST_PAUSE = 5.0
REPORT_EVERY = 5.0
PATIENCE_WITH_ORPHANS = 5.0
WORTH_TELLING = 2.0
LARGEST_LOG = 10 * 1024 * 1024


@contextmanager
def ensure(home: Path, *, durable: bool = True) -> Iterator[str]:
    """
    Yield the URL of the home's database, which runs at least as long as the block.

    :raises Unusable: if it cannot be started
    """
    server = Server(home, durable=durable)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


class Server:
    """
    Keep the PostgreSQL of one home running, or use the one that another process keeps.

    :param durable: False lets it forget what it acknowledged; only for throw-away tests
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.layout = Layout(home)
        self.durable = durable
        self.postmaster: subprocess.Popen[bytes] | None = None
        self.failure: Exception | None = None
        self._programs = binaries.find()
        self._account = account()
        self._keeper = Lock(self.layout.root / "keeper.lock")
        self._answered = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postgres", daemon=True)

    @property
    def url(self) -> str:
        """The URL for the application; it is known even before the server runs."""
        return self.layout.url()

    @property
    def running(self) -> bool:
        """Whether it was started and not yet stopped."""
        return self._thread.is_alive()

    @property
    def keeps(self) -> bool:
        """Whether this process keeps the server, rather than using another's."""
        return self._keeper.held

    def start(self) -> None:
        """
        Return when the database answers, however long its recovery takes.

        :raises Unusable: if it never will
        """
        self._thread.start()
        self._answered.wait()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """Shut the server down, unless another process keeps it."""
        self._stopping.set()
        self._thread.join()

    # What follows runs in the one thread that is the server's parent: the kernel ends a child
    # with the *thread* that started it.

    def _run(self) -> None:
        try:
            self._attend()
        except Exception as error:  # noqa: BLE001 - start() raises it, or its owner looks
            self.failure = error
        finally:
            self._keeper.release()
            self._answered.set()

    def _attend(self) -> None:
        """Keep the server, or wait for the chance to."""
        reported = time.monotonic()
        while not self._stopping.is_set():
            if self._keeper.take():
                self._keep()
                return
            if not self._answered.is_set():
                if self._answers(self.url):
                    self._answered.set()
                elif time.monotonic() - reported > REPORT_EVERY:
                    reported = time.monotonic()
                    log.info(
                        "Waiting for the database that process %s keeps", self._keeper.owner()
                    )
            self._stopping.wait(LOOK_AGAIN)

    def _keep(self) -> None:
        cluster.prepare(self.layout, self._account, self._programs)
        pause = 0.0
        while not self._stopping.is_set():
            answered = self._serve()
            if self._stopping.is_set():
                return
            if not self._answered.is_set():
                raise Unusable(f"PostgreSQL does not start:\n{self.layout.last_words()}")
            log.error("PostgreSQL ended unexpectedly; starting it again")
            pause = 0.0 if answered else min(max(LOOK_AGAIN, pause * 2), LONGEST_PAUSE)
            self._stopping.wait(pause)

    def _serve(self) -> bool:
        """Start the server and return when it has ended; say whether it ever answered."""
        with Lock(self.layout.root / "server.lock") as lock:
            if not self._outlast_the_last(lock):
                return False
            cluster.forget_the_dead(self.layout)
            self.postmaster = self._spawn(lock)
        # Our own hold on the server's lock ends here; only the server has it now.
        answered = self._await_answer(self.postmaster)
        if answered:
            self._answered.set()
        while self.postmaster.poll() is None:
            if self._stopping.wait(LOOK_AGAIN):
                self._end(self.postmaster)
        return answered

    def _outlast_the_last(self, lock: Lock) -> bool:
        """Return True when no process of an earlier server is left, False if we are stopping."""
        began = time.monotonic()
        while not lock.take():
            waited = time.monotonic() - began
            alive = list(cluster.processes(self.layout))
            if waited > PATIENCE_WITH_ORPHANS and not cluster.has_postmaster(self.layout, alive):
                # The postmaster was killed and its children are busy: they cannot commit any
                # more, and nobody waits for their answers.
                for process in alive:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
            if self._stopping.wait(LOOK_AGAIN):
                return False
        if foreign := list(cluster.processes(self.layout)):
            raise Unusable(
                f"Process {foreign[0]} already serves {self.layout.data} and was not started by "
                "Changtong. Stop it, or set DATABASE_URL to use it."
            )
        return True

    def _spawn(self, lock: Lock) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.layout.socket),
            "unix_socket_permissions": "0700",
        }
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "off")
        options = [word for item in settings.items() for word in ("-c", "=".join(item))]
        if self.layout.log.is_file() and self.layout.log.stat().st_size > LARGEST_LOG:
            self.layout.log.replace(self.layout.log.with_suffix(".log.1"))
        with self.layout.log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own program, no shell
                [self._programs.path("postgres"), "-D", str(self.layout.data), *options],
                cwd=self.layout.data,
                env=cluster.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock.fileno()],
                # Ctrl-C is for us: we end the server last, after those who use it.
                process_group=0,
                # SIGINT is PostgreSQL's fast shutdown.
                preexec_fn=tied_to_parent(signal.SIGINT),  # noqa: PLW1509 - it takes no lock
                **self._account.credentials(),
            )

    def _await_answer(self, postmaster: subprocess.Popen[bytes]) -> bool:
        """Return True when the server answers, False if it ended or we are stopping."""
        began = reported = time.monotonic()
        superuser = self.layout.url(role=cluster.SUPERUSER, database="postgres")
        while not self._answers(superuser):
            if postmaster.poll() is not None or self._stopping.wait(LOOK_AGAIN / 2):
                return False
            if time.monotonic() - reported > REPORT_EVERY:
                reported = time.monotonic()
                words = self.layout.last_words(1)
                log.info("PostgreSQL is starting for %.0f s: %s", reported - began, words)
        if not self._answered.is_set():
            cluster.introduce(self.layout)
            if self.durable:
                cluster.refuse_forgetful(self.url)
        took = time.monotonic() - began
        log.log(
            logging.INFO if took > WORTH_TELLING else logging.DEBUG,
            "PostgreSQL answers after %.2f s",
            took,
        )
        return True

    def _answers(self, url: str) -> bool:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Unusable(
                    f"The passwords in {self.layout.root} are not those of the database beside "
                    "them. Put the original files back."
                ) from error
            return False
        return True

    def _end(self, postmaster: subprocess.Popen[bytes]) -> None:
        postmaster.send_signal(signal.SIGINT)
        while True:
            try:
                postmaster.wait(timeout=REPORT_EVERY)
            except subprocess.TimeoutExpired:
                log.info("PostgreSQL is writing everything to disk before it ends")
            else:
                return


class Lock:
    """An exclusive lock on a file, which the kernel releases when its last holder is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = False
        self._handle: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def take(self) -> bool:
        """Take the lock if it is free; say whether we hold it."""
        if not self.held:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(BlockingIOError):
                fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.held = True
                os.ftruncate(self.fileno(), 0)
                os.pwrite(self.fileno(), str(os.getpid()).encode(), 0)
        return self.held

    def fileno(self) -> int:
        """Return the handle, so that a child can inherit the lock."""
        if self._handle is None:
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        return self._handle

    def owner(self) -> str:
        """Return the number of the process that took it last."""
        return self.path.read_text(encoding="ascii").strip() or "?"

    def release(self) -> None:
        """Let go; a child that inherited the lock still holds it."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self.held = None, False
