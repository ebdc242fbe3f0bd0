"""Whom the rules choose, and the reason for each of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.dispatch.domain.choosing import Candidate, Needs, Why, choose, overruled
from changtong.dispatch.domain.explaining import OTHERS_AT_MOST, reason
from changtong.dispatch.domain.slots import Frame, Option, Pool
from changtong.kernel.time import Period
from changtong.parties.domain.qualifications import Held, standing


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def h(hours: float) -> datetime:
    return AT + timedelta(hours=hours)


def span(start: float, end: float) -> Period:
    return Period(h(start), h(end))


FRAME = Frame(length=timedelta(hours=1), after=AT, end_by=h(24), timezone=UTC)
FIELD = Needs(
    skill="splice",
    mode="field",
    region_path="/41/4101/",
    priority="P3",
    tier="standard",
    open_at_most=4,
    frame=FRAME,
    clause="6.3",
    load_clause="6.5",
    booking_clause="6.4",
    qualification_clause="17.1",
    place=(34.75, 113.62),
)
DESK = replace(FIELD, mode="desk", place=None)


def held(until: date = date(2030, 1, 1)) -> tuple[Held, ...]:
    return (Held("splice", date(2020, 1, 1), until),)


def somebody(pk: int = 1, **facts) -> Candidate:
    usual = {
        "staff_id": pk,
        "name": f"N{pk}",
        "team_id": 1,
        "areas": ("/41/",),
        "held": held(),
        "shifts": (span(-1, 20),),
    }
    return Candidate(**usual | facts)


def why(candidate: Candidate, needs: Needs = FIELD) -> Why | None:
    choice = choose([candidate], needs, AT)
    return None if choice.chosen else choice.others[0].why


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"active": False}, "inactive"),
        ({"held": ()}, "qualification_missing"),
        ({"held": held(date(2026, 11, 23))}, "qualification_expired"),
        ({"held": held(TODAY)}, None),
        ({"areas": ("/42/", "/41/4102/")}, "out_of_region"),
        ({"open_count": 3}, None),
        ({"open_count": 4}, "at_capacity"),
        ({"shifts": ()}, "off_shift"),
        ({"shifts": (span(30, 40),)}, "off_shift"),
        ({"busy": (span(-1, 24),)}, "already_booked"),
        ({"busy": (span(0, 1),), "ways": (span(1, 24),)}, "on_the_way"),
    ],
)
def test_each_obstacle_has_its_reason(facts, expected):
    assert why(somebody(**facts)) == expected


def test_outside_the_hours_of_visits_nobody_is_sent_and_nobody_may_overrule_it():
    at_night = replace(FIELD, frame=replace(FRAME, end_by=h(1), hours=(span(10, 20),)))
    assert why(somebody(), at_night) == "out_of_hours"
    one, despite = overruled(somebody(), at_night, AT)
    assert (one.why, despite) == ("out_of_hours", ())


def test_a_dispatcher_may_overrule_the_time_for_the_way():
    hurried = somebody(ways=(span(0, 24),))
    one, despite = overruled(hurried, FIELD, AT)
    assert (one.possible, despite) == (True, ("on_the_way",))


def test_who_is_complained_of_never_gets_the_complaint():
    assert why(somebody(7), replace(DESK, complained_of_id=7)) == "complained_of"


def test_a_qualification_must_still_stand_on_the_day_of_the_visit():
    candidate = somebody(held=held(TODAY), shifts=(span(23, 30),))
    needs = replace(FIELD, frame=replace(FRAME, end_by=h(40)))
    assert why(candidate, needs) == "qualification_expired"


def test_desk_work_does_not_wait_for_visits():
    assert why(somebody(busy=(span(-1, 24),)), DESK) is None


def test_a_missing_instrument_is_named():
    needs = replace(FIELD, pools=(Pool("otdr", "instrument", ()),))
    choice = choose([somebody()], needs, AT)
    assert choice.chosen is None
    assert (choice.others[0].why, choice.others[0].lacking) == ("resource_unavailable", ("otdr",))


def test_a_room_for_desk_work_is_booked_if_there_is_one_and_missed_if_not():
    room = Pool("room", "venue", (Option(9, "R1", busy=(span(0, 2),)),), required=False)
    with_room = choose([somebody()], replace(DESK, pools=(room,)), AT).chosen
    assert with_room is not None
    assert with_room.slot is not None
    assert (with_room.slot.period, with_room.slot.options[0].code) == (span(2, 3), "R1")

    none = Pool("room", "venue", (), required=False)
    without = choose([somebody()], replace(DESK, pools=(none,)), AT).chosen
    assert without is not None
    assert without.slot is not None
    assert (without.slot.period, without.slot.options, without.lacking) == (
        span(0, 1),
        (),
        ("room",),
    )


def test_the_nearer_of_two_goes_when_neither_must_wait():
    near = somebody(2, place=(34.76, 113.63))
    far = somebody(1, place=(34.95, 113.62))
    choice = choose([far, near], FIELD, AT)
    assert choice.chosen is not None
    assert choice.chosen.candidate == near
    assert [(one.candidate.staff_id, one.why) for one in choice.others] == [(1, "less_suited")]


def test_urgency_prefers_the_sooner_and_calm_the_nearer():
    sooner = somebody(1, place=(34.95, 113.62))
    nearer = somebody(2, place=(34.75, 113.62), shifts=(span(1, 20),))

    def chosen(**changes) -> int:
        choice = choose([sooner, nearer], replace(FIELD, **changes), AT)
        assert choice.chosen is not None
        return choice.chosen.candidate.staff_id

    assert chosen(priority="P1") == 1
    assert chosen(priority="P4") == 2


def test_a_customer_of_a_high_tier_is_treated_one_step_more_urgently():
    gold = choose([somebody(shifts=(span(1, 9),))], replace(DESK, tier="gold"), AT)
    standard = choose([somebody(shifts=(span(1, 9),))], replace(DESK, priority="P2"), AT)
    assert gold.chosen is not None
    assert standard.chosen is not None
    assert gold.chosen.score == standard.chosen.score


def test_equals_are_told_apart_by_load_and_then_by_number():
    choice = choose([somebody(3), somebody(2), somebody(1, open_count=1)], DESK, AT)
    assert choice.chosen is not None
    assert choice.chosen.candidate.staff_id == 2
    assert [one.candidate.staff_id for one in choice.others] == [3, 1]


def test_a_dispatcher_may_overrule_load_region_and_roster_but_not_qualification():
    stretched = somebody(areas=(), open_count=9, shifts=())
    one, despite = overruled(stretched, FIELD, AT)
    assert one.possible
    assert one.slot is not None
    assert one.slot.period == span(0, 1)
    assert despite == ("out_of_region", "at_capacity", "off_shift")

    one, despite = overruled(somebody(held=()), FIELD, AT)
    assert (one.possible, one.why, despite) == (False, "qualification_missing", ())


def test_what_is_kept_names_the_nearest_misses_and_counts_the_rest():
    crowd = [somebody(pk, open_count=9) for pk in range(2, 40)]
    choice = choose([somebody(1, place=(34.75, 113.62)), *crowd], FIELD, AT)
    kept = reason(choice, FIELD, by="automatic")
    assert kept["chosen"] == {
        "staff": 1,
        "name": "N1",
        "team": 1,
        "open": 0,
        "cost": 0.0,
        "wait_minutes": 0,
        "distance_km": 0.0,
        "starts_at": "2026-11-24T02:00:00+00:00",
    }
    assert len(kept["others"]) == OTHERS_AT_MOST
    assert kept["counts"] == {"at_capacity": 38}
    assert (kept["clause"], kept["load_clause"], kept["qualification_clause"]) == (
        "6.3",
        "6.5",
        "17.1",
    )


# ---------------------------------------------------------------------------------------
# Properties
# ---------------------------------------------------------------------------------------

spans = st.lists(
    st.tuples(st.integers(-5, 40), st.integers(1, 12)).map(lambda p: span(p[0], p[0] + p[1])),
    max_size=3,
).map(tuple)


@st.composite
def crowds(draw: st.DrawFn) -> list[Candidate]:
    return [
        Candidate(
            staff_id=pk,
            name=str(pk),
            team_id=draw(st.sampled_from([1, 2])),
            active=draw(st.booleans()),
            areas=draw(st.sampled_from([("/41/",), ("/41/4101/",), ("/42/",), ()])),
            held=draw(st.sampled_from([held(), held(TODAY), held(date(2026, 11, 23)), ()])),
            shifts=draw(spans),
            busy=draw(spans),
            open_count=draw(st.integers(0, 5)),
            place=draw(st.sampled_from([None, (34.75, 113.62), (34.95, 113.9)])),
        )
        for pk in range(1, draw(st.integers(0, 6)) + 1)
    ]


meters = spans.map(lambda busy: (Pool("otdr", "instrument", (Option(1, "A", busy=busy),)),))
work = st.builds(
    lambda mode, priority, tier, pools: replace(
        FIELD, mode=mode, priority=priority, tier=tier, pools=pools if mode == "field" else ()
    ),
    st.sampled_from(["field", "desk"]),
    st.sampled_from(["P1", "P2", "P3", "P4"]),
    st.sampled_from(["standard", "gold"]),
    st.one_of(st.just(()), meters),
)


@given(crowd=crowds(), needs=work)
def test_nobody_unqualified_absent_full_or_booked_is_ever_chosen(crowd, needs):
    chosen = choose(crowd, needs, AT).chosen
    if chosen is None:
        return
    one, slot = chosen.candidate, chosen.slot
    assert slot is not None
    assert one.active
    assert standing(skill="splice", held=one.held, on=slot.period.start.date()) == "valid"
    assert any(needs.region_path.startswith(area) for area in one.areas)
    assert one.open_count < needs.open_at_most
    assert any(s.start <= slot.period.start and slot.period.end <= s.end for s in one.shifts)
    if needs.mode == "field":
        assert not any(booked.overlaps(slot.period) for booked in one.busy)
    assert len(slot.options) == len(needs.pools)
    for option in slot.options:
        assert not any(booked.overlaps(slot.period) for booked in option.busy)


@given(crowd=crowds(), needs=work)
def test_everybody_is_accounted_for_exactly_once_and_with_a_reason(crowd, needs):
    choice = choose(crowd, needs, AT)
    named = [one.candidate.staff_id for one in choice.others]
    named += [choice.chosen.candidate.staff_id] if choice.chosen else []
    assert sorted(named) == [one.staff_id for one in crowd]
    assert all(one.why is not None for one in choice.others)
    assert sum(choice.counts().values()) == len(choice.others)
    if choice.chosen is None:
        assert all(one.why is not Why.LESS_SUITED for one in choice.others)


@given(crowd=crowds(), needs=work)
def test_one_more_candidate_never_makes_the_result_worse(crowd, needs):
    if not crowd:
        return
    fewer, more = choose(crowd[:-1], needs, AT).chosen, choose(crowd, needs, AT).chosen
    if fewer is not None:
        assert more is not None
        assert more.order <= fewer.order


@given(crowd=crowds(), needs=work, order=st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_listed_does_not_matter(crowd, needs, order):
    shuffled = list(crowd)
    order.shuffle(shuffled)
    assert choose(shuffled, needs, AT) == choose(crowd, needs, AT)
