"""
Jobs whose worker died are done by another.

Procrastinate leaves them in ``doing`` for ever. A job may have had its effect before its worker
died, so every effect has a unique key in the same transaction (the journal's deliveries).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from changtong.infra.db import Lock, exclusive


log = logging.getLogger(__name__)

SILENT_FOR = timedelta(seconds=30)
# A job that outlives this many workers is what kills them.
ATTEMPTS_AT_MOST = 10
WAIT_MS = 1_000

_STALLED = """
SELECT job.id, job.task_name, job.attempts
FROM procrastinate_jobs job
LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < %s)
ORDER BY job.id
"""
_AGAIN = "SELECT procrastinate_retry_job_v2(%s, %s, NULL, NULL, NULL)"
_FINISH = "SELECT procrastinate_finish_job_v1(%s, %s::procrastinate_job_status, false)"


def rescue(*, at: datetime) -> int:
    """Make the jobs of silent workers due again; return how many there were."""
    with exclusive(Lock.RESCUE, wait_ms=WAIT_MS) as alone:
        if not alone:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_STALLED, [at - SILENT_FOR])
            stalled = cursor.fetchall()
            for job, task, attempts in stalled:
                if attempts >= ATTEMPTS_AT_MOST:
                    log.error("Job %s (%s) lost %s workers; giving up", job, task, attempts)
                    cursor.execute(_FINISH, [job, "failed"])
                elif _again(cursor, job, at):
                    log.warning("Job %s (%s) lost its worker and is done again", job, task)
                else:
                    cursor.execute(_FINISH, [job, "aborted"])
    return len(stalled)


def _again(cursor: CursorWrapper, job: int, at: datetime) -> bool:
    """Return False if a younger job of the same queueing lock is already due."""
    try:
        with transaction.atomic():
            cursor.execute(_AGAIN, [job, at])
    except IntegrityError:
        return False
    return True
