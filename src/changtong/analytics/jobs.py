from __future__ import annotations

import os

from procrastinate.contrib.django import app

from changtong.analytics.operations import converting, rehearsing
from changtong.infra import clock


# The rest of the machine goes on serving those who work.
PROCESSES_AT_MOST = 4


@app.task(name="analytics.run_rehearsal")
def run_rehearsal(rehearsal_id: int) -> None:
    count = min(len(os.sched_getaffinity(0)), PROCESSES_AT_MOST)
    spread = rehearsing.by_processes(rehearsal_id, count)
    rehearsing.run(rehearsal_id=rehearsal_id, at=clock.now(), ended=clock.now, spread=spread)


@app.task(name="analytics.measure_conversion")
def measure_conversion(conversion_id: int) -> None:
    converting.measure(conversion_id=conversion_id, now=clock.now)


@app.task(name="analytics.move_conversion")
def move_conversion(conversion_id: int) -> None:
    converting.move(conversion_id=conversion_id, now=clock.now)
