from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from changtong.tickets.operations import approving


@app.periodic(cron="* * * * *")
@app.task(name="tickets.lapse_pause_requests", queueing_lock="tickets.lapse_pause_requests")
def lapse_pause_requests(timestamp: int) -> None:
    approving.lapse_requests(at=datetime.fromtimestamp(timestamp, tz=UTC))
