"""How clauses were kept is counted everywhere, in one place, and place by place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.intake import build_town
from tests.integration.cli.test_fill import UNTIL, filled

from changtong.analytics.queries import keeping
from changtong.clocks.models import Clock
from changtong.clocks.queries import Conformity
from changtong.journal import operations as journal
from changtong.standard import queries as standard
from changtong.tickets.models import Ticket


@pytest.fixture
def asked(db):
    build_town()
    journal.seal_pending(at=UNTIL)
    filled()
    return {
        "edition_id": standard.edition_in_force(at=UNTIL).pk,
        "since": UNTIL - timedelta(days=3_650),
        "until": UNTIL,
    }


def counted(clause, **where):
    clocks = Clock.objects.filter(clause=clause, **where).exclude(state="void")
    return Conformity(
        clocks.filter(state="stopped", breached_at__isnull=True).count(),
        clocks.filter(breached_at__isnull=False).count(),
    )


def test_the_places_of_a_clause_sum_to_the_whole(asked):
    found = keeping.by_region(clause="13.4", **asked)

    assert len(found) > 1
    for path, one in found.items():
        inside = Ticket.objects.filter(region_path=path).values("number")
        assert one == counted("13.4", subject__in=inside)
    whole = keeping.by_clause(**asked)["13.4"]
    assert whole == counted("13.4")
    assert whole.met == sum(one.met for one in found.values())
    assert whole.late == sum(one.late for one in found.values())


def test_a_place_counts_what_lies_below_it_only(asked):
    path = next(iter(keeping.by_region(clause="13.4", **asked)))

    found = keeping.by_clause(**asked, region=path)["13.4"]

    assert found == keeping.by_region(clause="13.4", **asked)[path]
    assert keeping.by_clause(**asked, region="/99/") == {}
