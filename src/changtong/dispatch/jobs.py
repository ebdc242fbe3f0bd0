from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from changtong.dispatch.operations import retrying


@app.periodic(cron="* * * * *")
@app.task(name="dispatch.retry_alarms", queueing_lock="dispatch.retry_alarms")
def retry_alarms(timestamp: int) -> None:
    retrying.retry_alarms(at=datetime.fromtimestamp(timestamp, tz=UTC))
