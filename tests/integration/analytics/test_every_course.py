"""Whatever course a ticket takes, its own edition replayed over it changes nothing."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.factories.intake import AT

# Every story of a ticket's life is told once more; what is asked at its end is new.
from tests.integration.tickets.test_loop import *  # noqa: F403

from changtong.analytics.queries import replaying
from changtong.clocks.domain.tallying import DIFFERING
from changtong.kernel.time import Period
from changtong.standard import queries as standard


pytestmark = pytest.mark.django_db
# After all that happens in the stories.
SEEN_AT = AT + timedelta(days=100)


@pytest.fixture(autouse=True)
def replayed(db):
    yield
    edition = standard.read(standard.edition_in_force(at=AT).pk)
    period = Period(AT - timedelta(days=1), AT + timedelta(days=1))
    plan = replaying.Plan(edition, period, "", SEEN_AT, ZoneInfo("Asia/Shanghai"))
    ranges, _count = replaying.ranges(plan)
    for first, last in ranges:
        part = replaying.replayed(plan, first, last)
        assert [one.difference for one in part.findings] == []
        assert [cell for cell, counts in part.tally.items() if counts[DIFFERING]] == []
