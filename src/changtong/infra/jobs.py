from __future__ import annotations

from procrastinate.contrib.django import app

from changtong.infra import clock, stalled


@app.periodic(cron="* * * * *")
@app.task(name="infra.rescue_stalled", queueing_lock="infra.rescue_stalled")
def rescue_stalled(timestamp: int) -> None:
    stalled.rescue(at=clock.now())
