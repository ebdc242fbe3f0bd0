"""The way between two visits: straight line, detour of roads, speed; whole minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.factories import standard as shipped

from changtong.dispatch.domain import travel
from changtong.kernel.time import Period


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
STAY = Period(AT, AT + timedelta(hours=1))
RULE = shipped.edition().visit(kind="fault")
HERE = (34.75, 113.62)
# Five kilometers to the north; by road seven, at thirty kilometers an hour fourteen minutes.
THERE = (34.75 + 5 / 111.195, 113.62)


def test_the_way_takes_the_straight_line_with_the_detour_at_the_speed_of_the_edition():
    assert (RULE.speed_kmh, RULE.detour_percent) == (30, 140)
    assert travel.takes(HERE, THERE, rule=RULE) == timedelta(minutes=14)


def test_the_person_is_on_the_way_before_and_after():
    way = timedelta(minutes=14)
    assert travel.ways(STAY, there=THERE, here=HERE, rule=RULE) == [
        Period(AT - way, AT),
        Period(STAY.end, STAY.end + way),
    ]


def test_nobody_travels_to_where_they_are_or_to_an_unknown_place():
    assert travel.ways(STAY, there=HERE, here=HERE, rule=RULE) == []
    assert travel.ways(STAY, there=None, here=HERE, rule=RULE) == []
