"""
The operating-system account that runs PostgreSQL.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves; root hands it to an
account that owns nothing else.
"""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


ACCOUNT = "changtong"


class Credentials(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that make a child run as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server; ``switch`` says whether that is somebody else than we are."""

    uid: int
    gid: int
    switch: bool

    def credentials(self) -> Credentials:
        """Return what a child process needs to run under this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make the account the owner of the path."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def let_enter(self, paths: Iterable[Path]) -> None:
        """
        Allow the account to pass through the directories and those above them.

        A checkout under /root is closed to everybody else. One access-control entry for this
        one account is narrower than opening the directory to all.

        :raises PermissionError: if the file system knows no access-control lists
        """
        if not self.switch:
            return
        for path in paths:
            if not self._enters(path):
                for directory in (*reversed(path.parents), path):
                    if not self._enters(directory):
                        _grant_search(directory, self.uid)

    def _enters(self, directory: Path) -> bool:
        # Only a directory that may be searched has a "." for this account.
        test = ["/usr/bin/test", "-e", f"{directory}/."]
        return subprocess.run(test, check=False, **self.credentials()).returncode == 0  # noqa: S603


def account() -> Account:
    """Return the account to run the server under, creating it if we are root and it is missing."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    entry = _entry(ACCOUNT) or _created() or pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _created() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    # A read-only /etc is no reason to give up: `nobody` remains.
    subprocess.run([useradd, *options, ACCOUNT], check=False, capture_output=True)  # noqa: S603
    return _entry(ACCOUNT)


# ---------------------------------------------------------------------------------------
# POSIX access-control lists, as the kernel stores them (acl(5)); the tool setfacl is not
# part of a minimal Debian.
# ---------------------------------------------------------------------------------------

_ATTRIBUTE = "system.posix_acl_access"
_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY_IN_PARTICULAR = 0xFFFFFFFF
_SEARCH = 1


def _grant_search(directory: Path, uid: int) -> None:
    entries = _entries(directory)
    entries[_USER, uid] = entries.get((_USER, uid), 0) | _SEARCH
    mask = (_MASK, _NOBODY_IN_PARTICULAR)
    entries[mask] = entries.get(mask, entries[_GROUP_OBJ, _NOBODY_IN_PARTICULAR]) | _SEARCH
    packed = struct.pack("<I", _VERSION) + b"".join(
        struct.pack("<HHI", tag, permissions, who)
        for (tag, who), permissions in sorted(entries.items())
    )
    try:
        os.setxattr(directory, _ATTRIBUTE, packed)
    except OSError as error:
        raise PermissionError(
            f"PostgreSQL does not run as root, and its account cannot enter {directory}. "
            "Move the project, or CHANGTONG_HOME, to where other users may pass, "
            "or run as an ordinary user."
        ) from error


def _entries(directory: Path) -> dict[tuple[int, int], int]:
    try:
        packed = os.getxattr(directory, _ATTRIBUTE)
    except OSError as error:
        if error.errno not in {errno.ENODATA, errno.ENOTSUP}:
            raise
        mode = directory.stat().st_mode
        tags = ((_USER_OBJ, 6), (_GROUP_OBJ, 3), (_OTHER, 0))
        return {(tag, _NOBODY_IN_PARTICULAR): mode >> shift & 7 for tag, shift in tags}
    return {
        (tag, who): permissions for tag, permissions, who in struct.iter_unpack("<HHI", packed[4:])
    }
