"""Whatever happened before, during and after: a merger that is undone has never been."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.intake import AT, build_town
from tests.integration.tickets.test_merging import BY, after, due, limits, opened

from changtong.clocks import operations as clockwork
from changtong.kernel.errors import Refused
from changtong.tickets import queries
from changtong.tickets.operations import (
    holding,
    merging,
    opening,
    pausing,
    working,
)


HOURS = st.integers(1, 400).map(lambda tenths: tenths / 10)
DEEDS = st.lists(
    st.tuples(
        HOURS, st.sampled_from(["pause", "resume", "say", "hold", "lift", "grade", "sweep"])
    ),
    max_size=6,
)


class Undone(Exception):  # noqa: N818 - it says what is so
    """Take back what an example has written."""


def do(ticket, deed, hours):
    by = {"number": ticket.number, "actor": BY, "at": after(hours)}
    with suppress(Refused), transaction.atomic():
        match deed:
            case "pause":
                pausing.pause(**by, reason="customer_reschedule", note="")
            case "resume":
                pausing.resume(**by)
            case "say":
                working.log(**by, type_="call", text="已联系")
            case "hold":
                holding.hold(**by, reason="test", source="test")
            case "lift":
                holding.lift(**by, source="test")
            case "grade":
                opening.reclassify(
                    **by,
                    category="fault.broadband.no_link",
                    impact="group",
                    urgency="high",
                    reason="影响扩大",
                )
            case "sweep":
                sweep(hours)


def sweep(hours):
    clockwork.end_pauses(at=after(hours))
    clockwork.declare_breaches(at=after(hours))


def everything(ticket):
    found = queries.locked(ticket.number)
    holds = [
        (hold.reason, hold.source, hold.set_at, hold.lifted_at)
        for hold in queries.contents_of(found).holds
    ]
    return found.state, found.state_before, found.priority, due(ticket), limits(ticket), holds


@pytest.fixture
def town(db):
    return build_town()


@pytest.mark.django_db
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    before=DEEDS,
    between=DEEDS,
    merged=HOURS,
    undone=HOURS,
)
def test_merging_and_undoing_is_nothing(town, before, between, merged, undone):
    before = sorted(one for one in before if one[0] <= merged)
    undone = merged + undone
    between = sorted(one for one in between if merged <= one[0] <= undone)
    with suppress(Undone), transaction.atomic():
        ticket, twin = opened(town), opened(town)
        survivor, other = opened(town), opened(town)
        for hours, deed in before:
            do(ticket, deed, hours)
            do(twin, deed, hours)
        do(survivor, "pause", merged / 2)
        do(other, "pause", merged / 2)

        merging.merge(
            number=ticket.number, into=survivor.number, reason="x", actor=BY, at=after(merged)
        )
        for hours, deed in between:
            do(survivor, deed, hours)
            do(other, deed, hours)
        merging.undo(number=ticket.number, reason="x", actor=BY, at=after(undone))
        sweep(undone)
        for one in (ticket, twin, survivor, other):
            pausing.end_wait(number=one.number, actor=BY, at=after(undone))

        assert everything(ticket) == everything(twin)
        assert everything(survivor) == everything(other)
        raise Undone


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_each_into_the_other_exactly_one_wins():
    town = build_town()
    one, two = opened(town), opened(town, at=AT)

    def attempt(index):
        ticket, into = (one, two) if index % 2 else (two, one)
        try:
            merging.merge(
                number=ticket.number, into=into.number, reason="x", actor=BY, at=after(1)
            )
        except Refused as refused:
            return refused.code
        else:
            return "merged"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = Counter(pool.map(attempt, range(16)))

    assert results["merged"] == 1
    assert set(results) <= {
        "merged",
        "merger.survivor_ended",
        "merger.carries_others",
        "ticket.cannot_move",
    }
