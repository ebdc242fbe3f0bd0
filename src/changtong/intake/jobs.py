from __future__ import annotations

from procrastinate.contrib.django import app

from changtong.infra import clock
from changtong.intake import operations
from changtong.intake.operations import calling, queueing


@app.periodic(cron="17 * * * *")
@app.task(name="intake.forget_codes", queueing_lock="intake.forget_codes")
def forget_codes(timestamp: int) -> None:
    operations.forget_codes(at=clock.now())


@app.periodic(cron="27 * * * *")
@app.task(name="intake.forget_calls", queueing_lock="intake.forget_calls")
def forget_calls(timestamp: int) -> None:
    calling.forget(at=clock.now())


@app.periodic(cron="37 * * * *")
@app.task(name="intake.forget_numbers", queueing_lock="intake.forget_numbers")
def forget_numbers(timestamp: int) -> None:
    queueing.forget(at=clock.now())
