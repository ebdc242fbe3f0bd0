"""Whether the system is alive, and whether it can do its work."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.models import Max
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateWorker

from changtong.infra import clock
from changtong.infra.models import Heartbeat


# The worker writes its heartbeat every ten seconds; three missed ones mean that it is gone.
HEARTBEAT_AT_MOST = timedelta(seconds=30)


def examine(*, at: datetime) -> dict[str, str]:
    """Return each check by name with what is wrong, or "ok"."""
    checks: dict[str, Callable[[datetime], str]] = {
        "database": _written_and_read,
        "worker": _worker_beats,
        "files": _files_writable,
    }
    return {name: _outcome(check, at) for name, check in checks.items()}


def _outcome(check: Callable[[datetime], str], at: datetime) -> str:
    try:
        return check(at)
    except (Error, OSError) as error:
        return f"{type(error).__name__}: {error}".strip().splitlines()[0]


def _written_and_read(at: datetime) -> str:
    Heartbeat.objects.update_or_create(name="readiness", defaults={"beaten_at": at})
    return "ok" if Heartbeat.objects.filter(name="readiness").exists() else "a write was lost"


def _worker_beats(at: datetime) -> str:
    last = ProcrastinateWorker.objects.aggregate(last=Max("last_heartbeat"))["last"]
    if last is None:
        return "no worker is running"
    silence = at - last
    return "ok" if silence < HEARTBEAT_AT_MOST else f"silent for {silence.total_seconds():.0f} s"


def _files_writable(at: datetime) -> str:
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root) as probe:
        probe.write(b"writable")
        probe.flush()
    return "ok"


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process serves requests at all."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 only when a write, a read, the files and the worker are in order."""
    try:
        checks = examine(at=clock.now())
    finally:
        connection.close_if_unusable_or_obsolete()
    fine = all(outcome == "ok" for outcome in checks.values())
    status = "ok" if fine else "unavailable"
    return JsonResponse({"status": status, "checks": checks}, status=200 if fine else 503)


# What answers a watchdog answers everybody; `web` decorates its own views with the same word.
live.audience = ready.audience = "anyone"  # type: ignore[attr-defined]

urlpatterns = [
    path("live", live, name="health-live"),
    path("ready", ready, name="health-ready"),
]
