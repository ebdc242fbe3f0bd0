"""What a command needs before it can work: a home, a secret key, a database, Django."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from changtong.infra import embedded, secret_files


def home() -> Path:
    """Return the directory of all data, the same for us, our children and the settings."""
    path = Path(os.environ.setdefault("CHANGTONG_HOME", "var")).absolute()
    os.environ["CHANGTONG_HOME"] = str(path)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def database() -> Iterator[None]:
    """
    Have DATABASE_URL lead to a running database while the block runs.

    :raises Unusable: if the embedded one cannot be started
    """
    prepare_environment()
    if "DATABASE_URL" in os.environ:
        yield
        return
    with embedded.ensure(home()) as url:
        os.environ["DATABASE_URL"] = url
        yield


@contextmanager
def django() -> Iterator[None]:
    """Have Django set up, on a running database, while the block runs."""
    with database():
        import django

        django.setup()
        yield


def prepare_environment() -> None:
    """Choose what the operator left open: the home, the secret key, the settings module."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "changtong.project.settings")
    for name in ("DATABASE_URL", "EMAIL_URL"):
        # Read here what the settings would read, since we decide by it what to start.
        if name not in os.environ and (file := os.environ.get(f"{name}_FILE")):
            os.environ[name] = Path(file).read_text(encoding="utf-8").strip()
    if "SECRET_KEY" not in os.environ and "SECRET_KEY_FILE" not in os.environ:
        secret_files.chosen_once(home() / "secret-key")
