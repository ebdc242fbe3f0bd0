"""
Take each guard away, one at a time, and see that a test notices.

    python tools/mutate_access.py [--line N] [--only REGEX] [--sample N] [--sure]

The guards stand in tools/guards.toml, by the lines of docs/operate/security.md; to them come all
places where a face looks a ticket up. Works on a copy, in which the front end must be built.
Prints which mutants survive; exits with 1 if one does. A mutant takes from ten seconds to a few
minutes.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("src/changtong")
GUARDS = Path(__file__).with_name("guards.toml")
MATRIX = "tests/architecture/test_authorization.py"
# A few routes tell whether the matrix runs in the copy at all.
FEW_ROUTES = "/console/phrases or /portal/mine"
COPIED = ("src", "tests", "standards", "pyproject.toml", "tools", "docs")

# Everything that looks a ticket up for somebody, in the faces.
LOOKED_UP = re.compile(r"\b(queries|tickets)\.by_number\((?:[^()]|\([^()]*\))*?, number\)")


@dataclass(frozen=True)
class Mutant:
    line: int
    path: Path
    text: str
    name: str
    test: str = MATRIX
    only: str = ""


def main() -> int:
    """Run its test against each mutant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--line", type=int, help="only guards of this line of the list")
    parser.add_argument("--only", default="", help="only mutants whose name this fits")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--sure", action="store_true", help="the tests pass while all stand")
    wanted = parser.parse_args()
    mutants = [
        one
        for one in every_mutant()
        if re.search(wanted.only, one.name) and wanted.line in {None, one.line}
    ]
    if wanted.sample:
        mutants = random.Random(0).sample(mutants, min(wanted.sample, len(mutants)))
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, copy / name)
        if not wanted.sure:
            require_passing(copy, mutants)
        for count, mutant in enumerate(mutants, 1):
            begun = time.monotonic()
            killer = killed_by(copy, mutant)
            survivors += not killer
            seconds = time.monotonic() - begun
            print(
                f"{count}/{len(mutants)} {seconds:3.0f} s  {mutant.name}\n"
                f"    {killer or 'SURVIVED'}",
                flush=True,
            )
    print(f"{len(mutants) - survivors} of {len(mutants)} killed")
    return 1 if survivors else 0


def every_mutant() -> Iterator[Mutant]:
    """
    Yield the source with one guard less, again and again.

    :raises LookupError: if a guard is no longer where the list has it
    """
    for given in tomllib.loads(GUARDS.read_text("utf-8"))["guard"]:
        path = ROOT / SOURCE / given["file"]
        text, check = path.read_text("utf-8"), given["check"]
        if check not in text:
            raise LookupError(f"{given['file']} has no {check!r}")
        yield Mutant(
            given["line"],
            path,
            text.replace(check, given["left"]),
            f"{given['line']} {given['file']}: {' '.join(check.split())}",
            given.get("test", MATRIX),
            given.get("only", ""),
        )
    for path in sorted((ROOT / SOURCE / "web").rglob("*.py")):
        text = path.read_text("utf-8")
        for number, found in enumerate(LOOKED_UP.finditer(text), 1):
            unguarded = f"{found[1]}.locked(number)"
            if path.match("*/archive.py") and found[1] == "queries":
                unguarded = "queries.record_of(number)"
            changed = text[: found.start()] + unguarded + text[found.end() :]
            line = text[: found.start()].count("\n") + 1
            short = path.relative_to(ROOT / SOURCE)
            yield Mutant(1, path, changed, f"1 {short}:{line} look-up {number}")


def require_passing(copy: Path, mutants: list[Mutant]) -> None:
    """
    Check that the tests pass while all guards stand: in a broken copy everything is killed.

    :raises RuntimeError: if one fails
    """
    wanted = {(one.test, one.only if one.test != MATRIX else FEW_ROUTES) for one in mutants}
    for test, only in sorted(wanted):
        if failed := _failing(copy, test, only):
            raise RuntimeError(f"fails with every guard in its place: {failed}")


def killed_by(copy: Path, mutant: Mutant) -> str:
    """Return the test that fails without the guard; nothing if none does."""
    target = copy / mutant.path.relative_to(ROOT)
    original = target.read_text("utf-8")
    target.write_text(mutant.text, "utf-8")
    try:
        return _failing(copy, mutant.test, mutant.only)
    finally:
        target.write_text(original, "utf-8")


def _failing(copy: Path, test: str, only: str) -> str:
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            *test.split(),
            *("-k", only),
        ],
        cwd=copy,
        env={**keep, "PYTHONPATH": f"{copy}/src:{copy}", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = re.search(r"^FAILED (.*)$", done.stdout, re.MULTILINE)
    if done.returncode not in {0, 1} or (done.returncode == 1 and failed is None):
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return failed[1] if failed else ""


if __name__ == "__main__":
    sys.exit(main())
