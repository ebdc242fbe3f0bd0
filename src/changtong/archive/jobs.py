from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from changtong.archive import operations
from changtong.infra import clock


ACTOR = "system:archive"
SWEPT_BACK = timedelta(days=7)
FILED_AT_ONCE = 500


@app.periodic(cron="*/10 * * * *")
@app.task(name="archive.file_unfiled", queueing_lock="archive.file_unfiled")
def file_unfiled(timestamp: int) -> None:
    at = clock.now()
    operations.file_unfiled(
        finished_since=at - SWEPT_BACK, at_most=FILED_AT_ONCE, actor=ACTOR, at=at
    )


@app.periodic(cron="23 19 * * *")
@app.task(name="archive.verify_journal", queueing_lock="archive.verify_journal")
def verify_journal(timestamp: int) -> None:
    operations.verify_journal(actor=ACTOR, at=clock.now())


@app.periodic(cron="53 19 * * *")
@app.task(name="archive.verify_all", queueing_lock="archive.verify_all")
def verify_all(timestamp: int) -> None:
    operations.verify_all(actor=ACTOR, at=clock.now())
