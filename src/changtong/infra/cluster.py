"""A PostgreSQL data directory: where it is, how it is made, whether it may be used."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from changtong.infra import secret_files
from changtong.infra.binaries import FIRST_WITH_BUILTIN_LOCALE, Binaries
from changtong.infra.lifeline import tied_to_parent
from changtong.infra.unprivileged import Account


DATABASE = ROLE = "changtong"
SUPERUSER = "postgres"
SOCKET = ".s.PGSQL.5432"
# sun_path has 108 bytes, the last of them NUL; the socket's lock file has the longest name.
LONGEST_SOCKET_DIRECTORY = 107 - len(f"/{SOCKET}.lock")
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "afs", "ceph"}

# For one small machine that also runs the application. They are written once, into
# postgresql.conf, and are the operator's to change.
INITIAL_SETTINGS = """
# Changtong's choices for a small machine; change them freely.
shared_buffers = 256MB
effective_cache_size = 1GB
maintenance_work_mem = 128MB
work_mem = 16MB
max_connections = 100
max_wal_size = 2GB
wal_compression = on
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
password_encryption = 'scram-sha-256'
"""


class Unusable(RuntimeError):  # noqa: N818 - it says what is so
    """Tell the operator why the database cannot be used, and what to do."""


@dataclass(frozen=True)
class Layout:
    """Where everything of one embedded server is kept."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home.absolute() / "postgres"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def socket(self) -> Path:
        """The private directory of the socket, short enough for the kernel."""
        usual = self.root / "socket"
        if len(os.fsencode(usual)) <= LONGEST_SOCKET_DIRECTORY:
            return usual
        short = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        parent = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"  # noqa: S108 - ownership is checked
        return Path(parent) / f"changtong-{short}"

    def url(self, *, role: str = ROLE, database: str = DATABASE) -> str:
        """Return the URL, which is known even before the server runs."""
        host = quote(str(self.socket), safe="")
        return f"postgresql://{role}:{self.password(role)}@/{database}?host={host}"

    def password(self, role: str) -> str:
        """Return the role's password, choosing one the first time."""
        return secret_files.chosen_once(self.root / f"{role}.password")

    def last_words(self, lines: int = 5) -> str:
        """Return the end of the server's log."""
        if not self.log.is_file():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def prepare(layout: Layout, account: Account, programs: Binaries) -> None:
    """
    Make the directories and, the first time, the cluster.

    :raises Unusable: if what is there cannot be used by this PostgreSQL
    """
    layout.root.mkdir(parents=True, exist_ok=True)
    layout.root.chmod(0o711 if account.switch else 0o700)
    _refuse_network_file_system(layout.root)
    account.let_enter([layout.root, programs.directory])
    _make_private(layout.socket, account)
    if layout.data.exists():
        _refuse_foreign(layout, account, programs)
    else:
        _create(layout, account, programs)


def forget_the_dead(layout: Layout) -> None:
    """Remove what a dead server left; call it only while no process of it can be alive."""
    for left in (layout.data / "postmaster.pid", layout.socket / f"{SOCKET}.lock"):
        left.unlink(missing_ok=True)


def processes(layout: Layout) -> Iterator[int]:
    """Yield the processes that work in the data directory, as every server process does."""
    data = os.path.realpath(layout.data)
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.path.realpath(entry / "cwd", strict=True) == data:
                yield int(entry.name)


def has_postmaster(layout: Layout, alive: Iterable[int]) -> bool:
    """Return whether the server's first process is among those alive."""
    try:
        written = (layout.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0]
    except FileNotFoundError:
        return False
    return written.isdigit() and int(written) in set(alive)


def introduce(layout: Layout) -> None:
    """Create the application's role and database where they are missing."""
    with psycopg.connect(
        layout.url(role=SUPERUSER, database="postgres"), autocommit=True
    ) as connection:
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if not _exists(connection, "pg_roles", "rolname", ROLE):
            # It may create databases, because the tests do; it is no superuser.
            statement = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
            connection.execute(statement.format(role, sql.Literal(layout.password(ROLE))))
        if not _exists(connection, "pg_database", "datname", DATABASE):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


def refuse_forgetful(url: str) -> None:
    """
    Make sure that the server keeps what it acknowledges.

    :raises Unusable: if a setting lets it forget
    """
    with psycopg.connect(url) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
            value = row[0] if row else "unknown"
            if value in {"off", "unknown"} or (setting == "fsync" and value != "on"):
                raise Unusable(
                    f"PostgreSQL runs with {setting} = {value} and would forget acknowledged "
                    f"work in a power cut. Set {setting} = on and start again."
                )


def _exists(connection: psycopg.Connection, catalog: str, column: str, name: str) -> bool:
    question = sql.SQL("SELECT 1 FROM {} WHERE {} = %s")
    parts = sql.Identifier(catalog), sql.Identifier(column)
    return connection.execute(question.format(*parts), [name]).fetchone() is not None


def _make_private(directory: Path, account: Account) -> None:
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
        account.give(directory)
    status = directory.lstat()
    # The directory may lie in /tmp, where somebody else may have made it before us.
    if directory.is_symlink() or status.st_uid != account.uid or status.st_mode & 0o077:
        raise Unusable(
            f"{directory} must be a private directory of ours. Remove it and try again."
        )


def _refuse_foreign(layout: Layout, account: Account, programs: Binaries) -> None:
    if layout.data.stat().st_uid != account.uid:
        raise Unusable(
            f"{layout.data} belongs to another user. Run as that user, or choose another "
            "CHANGTONG_HOME."
        )
    found = (layout.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(programs.major):
        raise Unusable(
            f"{layout.data} was written by PostgreSQL {found}, but this is {programs.major}. "
            f"With the programs of version {found} (CHANGTONG_POSTGRES_BIN names their "
            "directory) run `changtong database dump FILE`; then move the data directory away "
            "and run `changtong database restore FILE` with this version."
        )


def _refuse_network_file_system(path: Path) -> None:
    mounts = Path("/proc/self/mounts")
    if not mounts.is_file():
        return
    real = Path(os.path.realpath(path))
    best, kind = "", ""
    for line in mounts.read_text(errors="replace").splitlines():
        _, point, system, *_ = line.split()
        if len(point) >= len(best) and real.is_relative_to(point):
            best, kind = point, system
    if kind in NETWORK_FILE_SYSTEMS:
        raise Unusable(
            f"{path} is on a network file system ({kind}), where a database is not safe. "
            "Choose a CHANGTONG_HOME on a local disk."
        )


def _create(layout: Layout, account: Account, programs: Binaries) -> None:
    # The cluster is made aside and renamed, so an interrupted start leaves no half of one.
    draft = layout.root / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.give(draft)
    password = layout.root / ".initial-password"
    secret_files.write(password, layout.password(SUPERUSER))
    account.give(password)
    try:
        _initdb(draft, password, account, programs)
    finally:
        password.unlink()
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(INITIAL_SETTINGS)
    draft.rename(layout.data)


def _initdb(draft: Path, password: Path, account: Account, programs: Binaries) -> None:
    command = [
        programs.path("initdb"),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        f"--pwfile={password}",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]
    if programs.major >= FIRST_WITH_BUILTIN_LOCALE:
        # The built-in provider sorts alike on every machine and in every version.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        command,
        cwd=draft.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=tied_to_parent(signal.SIGTERM),
        **account.credentials(),
    )
    if done.returncode != 0:
        raise Unusable(f"initdb failed: {done.stderr.strip()}")


def environment() -> dict[str, str]:
    """Return the environment of the server's programs: nothing of ours, nothing secret."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
