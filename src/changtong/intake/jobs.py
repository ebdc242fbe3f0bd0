from __future__ import annotations

from procrastinate.contrib.django import app

from changtong.infra import clock
from changtong.intake import operations


@app.periodic(cron="17 * * * *")
@app.task(name="intake.forget_codes", queueing_lock="intake.forget_codes")
def forget_codes(timestamp: int) -> None:
    operations.forget_codes(at=clock.now())
