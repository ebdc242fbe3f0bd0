from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from changtong.infra import clock, keys, stalled


# Long after the last client has stopped repeating its request.
KEYS_KEPT_FOR = timedelta(days=7)
KEYS_AT_ONCE = 5_000


@app.periodic(cron="* * * * *")
@app.task(name="infra.rescue_stalled", queueing_lock="infra.rescue_stalled")
def rescue_stalled(timestamp: int) -> None:
    stalled.rescue(at=clock.now())


@app.periodic(cron="17 * * * *")
@app.task(name="infra.forget_keys", queueing_lock="infra.forget_keys")
def forget_keys(timestamp: int) -> None:
    before = clock.now() - KEYS_KEPT_FOR
    while keys.forget(before=before, at_most=KEYS_AT_ONCE) == KEYS_AT_ONCE:
        pass
