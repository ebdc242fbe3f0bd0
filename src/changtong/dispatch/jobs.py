from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from changtong.dispatch.operations import retrying, watching


@app.periodic(cron="* * * * *")
@app.task(name="dispatch.retry_alarms", queueing_lock="dispatch.retry_alarms")
def retry_alarms(timestamp: int) -> None:
    retrying.retry_alarms(at=datetime.fromtimestamp(timestamp, tz=UTC))


@app.periodic(cron="* * * * *")
@app.task(name="dispatch.watch_visits", queueing_lock="dispatch.watch_visits")
def watch_visits(timestamp: int) -> None:
    at = datetime.fromtimestamp(timestamp, tz=UTC)
    watching.let_go(at=at)
    watching.sound_missed(at=at)
