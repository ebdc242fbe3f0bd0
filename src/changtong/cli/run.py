"""``changtong run``: the whole system from one terminal, and each of its programs alone."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer

from changtong.cli import ready
from changtong.infra import cluster, embedded
from changtong.infra.processes import Crew, Program


log = logging.getLogger("changtong.run")

HTTP_OK = 200
LOOK_AGAIN = 0.2
EXPLAIN_AFTER = 30.0
WORKER_CONCURRENCY = 4
_LIVE = [sys.executable, "-m", "changtong.project.live"]
COLORS = {"web": "cyan", "live": "green", "worker": "magenta", "mail": "yellow"}


def register(app: typer.Typer) -> None:
    """Add the commands that start programs."""
    app.command()(run)
    app.command()(web)
    app.command()(live)
    app.command()(worker)
    app.command()(prepare)
    app.command(hidden=True)(mail)


# ---------------------------------------------------------------------------------------
# All together
# ---------------------------------------------------------------------------------------


def run(
    *,
    reload: Annotated[bool, typer.Option(help="Restart when the source changes.")] = False,
) -> None:
    """Run database, web server and worker together until Ctrl-C or SIGTERM."""
    stopping = _stop_on_signals()
    home = ready.home()
    with ExitStack() as resources:
        _be_the_only_one(home, resources)
        _refuse_busy_port()
        ready.prepare_environment()
        database = _database(home, resources)
        typer.echo("Bringing the database up to date …")
        if not Crew([Program("prepare", _ourselves("prepare"))], _say).finish(stopping):
            return
        crew = Crew(_programs(), _say)
        crew.start()
        resources.callback(crew.stop)
        _watch(crew, database, stopping, reload=reload)
        typer.echo("Stopping …")


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _be_the_only_one(home: Path, resources: ExitStack) -> None:
    lock = resources.enter_context(embedded.Lock(home / "run.lock"))
    if not lock.take():
        raise cluster.Unusable(
            f"Changtong already runs in {home} (process {lock.owner()}). "
            "Stop it first, or set CHANGTONG_HOME and PORT for a second one."
        )


def _refuse_busy_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_host(), _port()))
        except OSError as error:
            raise cluster.Unusable(
                f"Port {_port()} cannot be used: {error.strerror}. Set PORT to another."
            ) from error


def _database(home: Path, resources: ExitStack) -> embedded.Server | None:
    """Start the embedded database unless the operator named one; refuse a forgetful one."""
    if "DATABASE_URL" in os.environ:
        cluster.refuse_forgetful(os.environ["DATABASE_URL"])
        return None
    server = embedded.Server(home)
    resources.callback(server.stop)
    server.start()
    os.environ["DATABASE_URL"] = server.url
    return server


def _programs() -> list[Program]:
    # The web program's pages name the port, so it is chosen before they are served.
    os.environ.setdefault("LIVE_PORT", str(_free_port(_port() + 1)))
    programs = [
        Program("web", _web_command()),
        Program("live", _LIVE),
        Program("worker", _ourselves("worker")),
    ]
    if _demonstration() and "EMAIL_URL" not in os.environ:
        port = _free_port(2525)
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        programs.append(Program("mail", _ourselves("mail", f"--port={port}")))
    return programs


def _watch(
    crew: Crew, database: embedded.Server | None, stopping: threading.Event, *, reload: bool
) -> None:
    started, announced, explained = time.monotonic(), False, False
    source = _newest_source() if reload else 0.0
    while not stopping.wait(LOOK_AGAIN):
        crew.tend()
        if database is not None and database.failure is not None:
            raise database.failure
        if not announced:
            answer = _readiness()
            if announced := answer == "":
                _announce()
            elif not explained and time.monotonic() - started > EXPLAIN_AFTER:
                explained = True
                log.warning("Not ready yet: %s", answer)
        if reload and (newest := _newest_source()) > source:
            source = newest
            typer.echo("The source changed; restarting.")
            crew.restart()


def _readiness() -> str:
    """Return what keeps the system from being ready, or nothing."""
    try:
        with urllib.request.urlopen(f"{_address()}/health/ready", timeout=5) as answer:  # noqa: S310
            return "" if answer.status == HTTP_OK else f"status {answer.status}"
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return str(error)


def _announce() -> None:
    home = ready.home()
    lines = [
        "",
        f"畅通 is ready:  {_address()}/  (portal for customers)",
        f"                {_address()}/console/  (console for staff)",
        f"                {_address()}/api/v1/docs  (API)",
        f"Data:           {home}",
    ]
    accounts = home / "demo-accounts.txt"
    if _demonstration() and accounts.is_file():
        lines.append(f"Accounts:       {accounts}")
        lines.append(f"Sent messages:  {home / 'outbox'}")
    lines.append("Stop with Ctrl-C.\n")
    typer.echo("\n".join(lines))


def _newest_source() -> float:
    source = Path(__file__).resolve().parents[1]
    return max(path.stat().st_mtime for path in source.rglob("*.py"))


def _say(name: str, line: str) -> None:
    prefix = typer.style(f"{name:<8}│", fg=COLORS.get(name))
    with suppress(BrokenPipeError):
        typer.echo(f"{prefix} {line}")


# ---------------------------------------------------------------------------------------
# Each alone
# ---------------------------------------------------------------------------------------


def web() -> None:
    """Run the web server alone."""
    with ready.database():
        command = _web_command()
        os.execv(command[0], command)  # noqa: S606 - it becomes the web server


def live() -> None:
    """Run the server of live updates alone."""
    with ready.database():
        os.execv(_LIVE[0], _LIVE)  # noqa: S606 - it becomes the server


def worker() -> None:
    """Run the worker of jobs and reactions alone."""
    with ready.django():
        from procrastinate.contrib.django import app
        from procrastinate.contrib.django.django_connector import DjangoConnector

        from changtong.infra import clock, stalled

        stalled.rescue(at=clock.now())
        connector = app.connector
        assert isinstance(connector, DjangoConnector)  # noqa: S101 - for the type checker
        with app.replace_connector(connector.get_worker_connector()):
            # What succeeded is in the journal; keeping the job as well would only slow the queue.
            app.run_worker(concurrency=WORKER_CONCURRENCY, delete_jobs="successful")


def prepare() -> None:
    """Bring the database up to date and, in demonstration mode, fill it."""
    with ready.django():
        from django.conf import settings
        from django.core.management import call_command

        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        from changtong.cli.standard import publish_shipped

        publish_shipped()
        if _demonstration():
            from changtong.cli import demo

            wrapper = typer.Typer()
            wrapper.add_typer(demo.app, name="demo")
            wrapper(["demo", "seed"], standalone_mode=False)


def mail(port: int = 2525) -> None:
    """Receive what the system sends by e-mail and keep it as files (demonstration only)."""
    from changtong.cli.outbox import keep_mail

    asyncio.run(keep_mail(port=port, directory=ready.home() / "outbox" / "mail"))


def _ourselves(*words: str) -> list[str]:
    return [sys.executable, "-m", "changtong.cli", *words]


def _web_command() -> list[str]:
    cores = len(os.sched_getaffinity(0))
    return [
        str(Path(sys.executable).with_name("granian")),
        "--interface=wsgi",
        f"--host={_host()}",
        f"--port={_port()}",
        f"--workers={os.environ.get('WEB_WORKERS', min(cores, 8))}",
        f"--blocking-threads={os.environ.get('WEB_THREADS', '2')}",
        "--workers-kill-timeout=10",
        "--respawn-failed-workers",
        "--no-ws",
        "changtong.project.wsgi:application",
    ]


def _demonstration() -> bool:
    return os.environ.get("CHANGTONG_DEMO", "0").lower() in {"1", "true", "yes", "on"}


def _host() -> str:
    return os.environ.get("BIND", "127.0.0.1")


def _port() -> int:
    return int(os.environ.get("PORT", "8000"))


def _address() -> str:
    host = "127.0.0.1" if _host() in {"0.0.0.0", "::"} else _host()  # noqa: S104 - compared only
    return f"http://{host}:{_port()}"


def _free_port(preferred: int) -> int:
    with socket.socket() as probe:
        # Connections of our last run may still be fading away.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", preferred))
            return preferred
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
