from __future__ import annotations

from procrastinate.contrib.django import app

from changtong.infra import clock
from changtong.search import operations


# So that a system that had cases before it could search them catches up by itself.
@app.periodic(cron="* * * * *")
@app.task(name="search.catch_up", queueing_lock="search.catch_up")
def catch_up(timestamp: int) -> None:
    operations.catch_up(until=lambda: clock.now().timestamp() > timestamp + operations.A_TURN)
