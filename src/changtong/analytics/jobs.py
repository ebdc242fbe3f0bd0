from __future__ import annotations

import os

from procrastinate.contrib.django import app

from changtong.analytics import operations
from changtong.infra import clock


# The rest of the machine goes on serving those who work.
PROCESSES_AT_MOST = 4


@app.task(name="analytics.run_rehearsal")
def run_rehearsal(rehearsal_id: int) -> None:
    count = min(len(os.sched_getaffinity(0)), PROCESSES_AT_MOST)
    spread = operations.by_processes(rehearsal_id, count)
    operations.run(rehearsal_id=rehearsal_id, at=clock.now(), ended=clock.now, spread=spread)
