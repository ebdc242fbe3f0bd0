from __future__ import annotations

from procrastinate.contrib.django import app

from changtong.analytics import operations
from changtong.infra import clock


@app.task(name="analytics.run_rehearsal")
def run_rehearsal(rehearsal_id: int) -> None:
    operations.run(rehearsal_id=rehearsal_id, at=clock.now(), ended=clock.now)
