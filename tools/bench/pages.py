"""(c) How long the agent's queue of 50 and the case page take, over HTTP, on the server."""

from __future__ import annotations

import random
from typing import Any

import psycopg

from bench.clients import Outcome, closed_loop, request
from bench.system import System


OK = 200
QUEUE = "/console/tickets/?tab=open"
# The region's share of the small database; with fewer, a page would have little to show.
QUEUE_AT_LEAST = 40
SAMPLE = 400


def measure(
    system: System, *, cookie: str, token: str, label: str, requests: int, seed: int
) -> dict[str, Any]:
    """Return p50 and p95 of both pages, and of the same questions to the API."""
    open_, closed = _numbers(system, seed)
    numbers = random.Random(seed).choices(open_ + closed, k=requests)
    by_cookie = {"Cookie": f"sessionid={cookie}", "Accept": "text/html"}
    by_token = {"Authorization": f"Bearer {token}"}
    paths = {
        "queue": ([QUEUE] * requests, by_cookie),
        "ticket": ([f"/console/tickets/{number}" for number in numbers], by_cookie),
        "api_queue": (["/api/v1/tickets?limit=50"] * requests, by_token),
        "api_ticket": ([f"/api/v1/tickets/{number}" for number in numbers], by_token),
    }
    found: dict[str, Any] = {}
    with system.running("web"):
        for name, (addresses, headers) in paths.items():
            _run(system, addresses[: max(20, requests // 5)], headers)
            outcome = _run(system, addresses, headers)
            found[f"{name}_p50_ms_{label}"] = outcome.percentile(0.5)
            found[f"{name}_p95_ms_{label}"] = outcome.percentile(0.95)
    found[f"queue_open_{label}"] = len(open_)
    return found


def _numbers(system: System, seed: int) -> tuple[list[str], list[str]]:
    with psycopg.connect(system.url()) as connection:
        wanted = (
            "SELECT number FROM tickets_ticket WHERE region_path LIKE '/41/%%'"
            " AND state {} IN ('closed', 'rejected', 'cancelled') AND id %% %s = 0 LIMIT %s"
        )
        step = 1
        open_ = connection.execute(wanted.format("NOT"), [step, SAMPLE]).fetchall()
        closed = connection.execute(wanted.format(""), [3, SAMPLE]).fetchall()
    if len(open_) < QUEUE_AT_LEAST:
        raise RuntimeError(f"only {len(open_)} open tickets to list")
    return [number for (number,) in open_], [number for (number,) in closed]


def _run(system: System, paths: list[str], headers: dict[str, str]) -> Outcome:
    messages = iter([request("GET", path, headers=headers) for path in paths])
    outcome = closed_loop(
        lambda: next(messages), port=system.port, clients=1, seconds=600, at_most=len(paths)
    )
    if set(outcome.statuses) != {OK}:
        raise RuntimeError(f"{outcome.statuses} {outcome.last_failure.decode()[:2000]}")
    return outcome
