"""A subject, its start and the limits that tests put on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from changtong.standard.domain.calendars import Within
from changtong.standard.domain.rules import PauseReason, Target


SUBJECT = "GD20260302-000001"
AGENT = "staff:7"
# Monday 10:00 in Shanghai.
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
ABSENT = PauseReason("customer_absent", "客户不在", "customer absent", 72 * HOUR, "6.3.2")


def target(metric: str, within: str, **changes: Any) -> Target:
    return Target(
        **{
            "limit": metric,
            "metric": metric,
            "within": Within.parse(within),
            "calendar": "24x7",
            "basis": "promise",
            "pausable": True,
            "warn_at": (0.5, 0.9),
            "starts_on": "ticket.accepted",
            "stops_on": "ticket.resolved",
            "clause": "5.3.1",
            **changes,
        }
    )


LEGAL = target("restoration", "48h", basis="legal", pausable=False, warn_at=(), clause="5.3.2")
