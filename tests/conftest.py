"""
What every test may use: a PostgreSQL of its own, and Django set up on it.

The server starts only when the first test asks for the database, in a directory that is thrown
away. With `pytest -n` one server is shared: each worker has its own databases in it. A
DATABASE_URL in the environment is used instead, so that the same tests judge any PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from changtong.infra import embedded


HOME = "CHANGTONG_TEST_HOME"
# The workers of `pytest -n` inherit our environment, and with it the server and the home.
OURS = HOME not in os.environ
if OURS:
    os.environ[HOME] = tempfile.mkdtemp(prefix="changtong-tests-")
    os.environ["CHANGTONG_HOME"] = f"{os.environ[HOME]}/var"
    os.environ["SECRET_KEY"] = "only-for-tests"
    os.environ["CHANGTONG_DEMO"] = "0"

SERVER: embedded.Server | None = None
if "DATABASE_URL" not in os.environ:
    # Nothing in it needs to survive a power cut; tests/anomalies start durable servers.
    SERVER = embedded.Server(Path(os.environ[HOME]), durable=False)
    os.environ["DATABASE_URL"] = SERVER.url

# Here and not in pyproject.toml: pytest-django would load the settings before this file.
os.environ["DJANGO_SETTINGS_MODULE"] = "changtong.project.settings"

import django  # noqa: E402 - Django reads the environment set above


django.setup()


def pytest_configure(config: pytest.Config) -> None:
    if SERVER is not None and getattr(config.option, "numprocesses", None):
        SERVER.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER is not None and SERVER.running:
        SERVER.stop()
    if OURS:
        shutil.rmtree(os.environ[HOME], ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the database before pytest-django creates the test database in it."""
    if SERVER is not None and not SERVER.running:
        SERVER.start()
