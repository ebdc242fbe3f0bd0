"""Defer a job in the caller's own transaction."""

from __future__ import annotations

import json

from django.db import connection


_DEFER = """
SELECT procrastinate_defer_jobs_v1(ARRAY[
    ROW(%s, %s, 0, NULL, NULL, %s::jsonb, NULL)::procrastinate_job_to_defer_v1
])
"""


def defer(task: str, *, queue: str = "default", **arguments: object) -> None:
    """
    Defer a job that starts when, and only if, the transaction commits.

    Inside a worker the queue's own `defer` uses the worker's connection, so that the job would
    start before what it is about has been committed, find nothing and be gone.

    :raises RuntimeError: outside a transaction
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a job belongs to the transaction of what it is about")
    with connection.cursor() as cursor:
        cursor.execute(_DEFER, [queue, task, json.dumps(arguments)])
