"""
Prove that a backup can be restored: fill a home, dump it, lose it, restore it elsewhere, check.

    python tools/drill.py [--tickets N]

Works in a directory of its own with the embedded database, in a minute or two; exits with 1 as
soon as anything differs. What is compared: every table's rows, the journal against its published
seals, every case file with its attachments; and somebody logs in.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


FILL = """
from changtong.archive import operations as archive
from changtong.infra.clock import now
from changtong.journal import operations as journal
while journal.seal_pending(at=now()):
    pass
filed = archive.file_unfiled(finished_since=now().replace(year=1990), at_most=500,
                             actor="system:drill", at=now())
while journal.seal_pending(at=now()):
    pass
print(filed)
"""
COUNT = """
from django.db import connection
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names(cursor)):
        cursor.execute(
            f'SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM "{table}" t')
        print(table, *cursor.fetchone())
"""
WITH_DJANGO = """
import os
from changtong.cli import ready
with ready.django():
    exec(compile(os.environ["SCRIPT"], "drill", "exec"))
"""
LOG_IN = """
import sys
from django.test import Client
answer = Client(SERVER_NAME="localhost").post(
    "/accounts/login/", {"login": sys.argv[1], "password": sys.argv[2]})
print(answer.status_code, "sessionid" in answer.cookies)
"""
KEPT = ("files", "archive", "seals.log")
ACCOUNT = re.compile(r"^\s*(agent\d*)\s+(\S+)", re.MULTILINE)


def main() -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=500, help="load data besides the seed")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="changtong-drill-") as folder:
        lost, safe, restored = (Path(folder) / name for name in ("lost", "safe", "restored"))
        before = _filled(lost, tickets=wanted.tickets)
        login = ACCOUNT.search((lost / "demo-accounts.txt").read_text("utf-8"))
        _back_up(lost, safe)
        shutil.rmtree(lost)
        _restore(safe, restored)
        after = _asked(restored, COUNT)
        differing = set(before.splitlines()) ^ set(after.splitlines())
        if differing:
            raise SystemExit("rows differ:\n" + "\n".join(sorted(differing)))
        print(f"{len(after.splitlines())} tables are the same, row by row")
        for words in (("journal", "verify"), ("archive", "verify", "--all")):
            print(_command(restored, *words).strip())
        if login is None or _asked(restored, LOG_IN, *login.groups()) != "302 True":
            raise SystemExit("nobody can log in")
        print(f"{login[1]} logs in")
    return 0


def _filled(home: Path, *, tickets: int) -> str:
    _command(home, "prepare")
    _command(home, "demo", "fill", f"--tickets={tickets}")
    filed = _asked(home, FILL)
    print(f"filled, with {filed} case files")
    return _asked(home, COUNT)


def _back_up(home: Path, safe: Path) -> None:
    """Follow docs/operate/back-up.md."""
    safe.mkdir(mode=0o700)
    _command(home, "database", "dump", str(safe / "database.dump"))
    for name in (*KEPT, "secret-key"):
        source = home / name
        if source.is_dir():
            shutil.copytree(source, safe / name)
        elif source.exists():
            shutil.copy2(source, safe / name)


def _restore(safe: Path, home: Path) -> None:
    home.mkdir(mode=0o700)
    for source in safe.iterdir():
        if source.is_dir():
            shutil.copytree(source, home / source.name)
        elif source.name != "database.dump":
            shutil.copy2(source, home / source.name)
    _command(home, "database", "restore", str(safe / "database.dump"))


def _command(home: Path, *words: str) -> str:
    return _run(home, ["-m", "changtong.cli", *words])


def _asked(home: Path, script: str, *arguments: str) -> str:
    """Run a script with Django set up on the home's database."""
    return _run(home, ["-c", WITH_DJANGO, *arguments], SCRIPT=script).strip()


def _run(home: Path, arguments: list[str], **variables: str) -> str:
    left_out = {"DATABASE_URL", "DATABASE_URL_FILE", "SECRET_KEY", "SECRET_KEY_FILE"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    ours = {"CHANGTONG_HOME": str(home), "CHANGTONG_DEMO": "1", "LOG_LEVEL": "WARNING"}
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**kept, **ours, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{arguments[:4]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
