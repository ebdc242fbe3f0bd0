from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from changtong.clocks import operations


@app.periodic(cron="* * * * *")
@app.task(name="clocks.sweep", queueing_lock="clocks.sweep")
def sweep(timestamp: int) -> None:
    at = datetime.fromtimestamp(timestamp, tz=UTC)
    # A pause that reached its cap moves a due time, so it comes before the breaches; and a
    # breach makes a warning pointless, so it comes before the warnings.
    operations.end_pauses(at=at)
    operations.declare_breaches(at=at)
    operations.warn(at=at)
