from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter, sleep

from procrastinate.contrib.django import app

from changtong.clocks import operations


# What is left over is found in the next minute.
BATCHES_AT_MOST = 200
# Of the time that a batch took. A broken limit that is told half a minute later harms less than
# callers who wait; with more rest a hundred thousand would not be told within the minute.
REST = 0.75


@app.periodic(cron="* * * * *")
@app.task(name="clocks.sweep", queueing_lock="clocks.sweep")
def sweep(timestamp: int) -> None:
    at = datetime.fromtimestamp(timestamp, tz=UTC)
    # A pause that reached its cap moves a due time, so it comes before the breaches; and a
    # breach makes a warning pointless, so it comes before the warnings.
    for step in (operations.end_pauses, operations.declare_breaches, operations.warn):
        _in_batches(step, at=at)


def _in_batches(step: Callable[..., int], *, at: datetime) -> None:
    """Take step after step until there is nothing left to do, resting after each."""
    for _ in range(BATCHES_AT_MOST):
        began = perf_counter()
        if step(at=at) == 0:
            break
        sleep(REST * (perf_counter() - began))
