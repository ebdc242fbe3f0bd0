from __future__ import annotations

from procrastinate.contrib.django import app

from changtong.infra import clock
from changtong.journal import operations


@app.periodic(cron="* * * * *")
@app.task(name="journal.seal_pending", queueing_lock="journal.seal_pending")
def seal_pending(timestamp: int) -> None:
    operations.seal_pending(at=clock.now())
