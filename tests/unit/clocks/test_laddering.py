"""Steps come in order, once each, none is lost, and nobody is woken without a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.factories import standard

from changtong.clocks.domain import laddering
from changtong.clocks.domain.laddering import Climb, Taken
from changtong.clocks.domain.planning import Limit
from changtong.kernel.time import Period
from changtong.standard.domain.calendars import Calendar, Within, parse_hours, round_the_clock
from changtong.standard.domain.ladders import Ladder, Rung


HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
# Monday 10:00 in Shanghai.
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
DAYTIME = Calendar(
    code="notices",
    timezone="Asia/Shanghai",
    weekly=tuple(parse_hours(["07:00-22:00"]) for _ in range(7)),
)


def rung(number, level, **when):
    return Rung(number, level, (), "2.7", **when)


LADDER = Ladder(
    (
        rung(1, "holder", share=0.5),
        rung(2, "leader", share=0.75),
        rung(3, "duty", share=1),
        rung(4, "province", after=HOUR, repeat_every=30 * MINUTE, repeat_at_most=2),
    ),
    answer_within=90 * MINUTE,
    clause="2.7",
)


def climbing(ladder=LADDER, *, within="8h", start=START, pauses=(), told_in=None, applies=None):
    limit = Limit(start, Within.parse(within), round_the_clock(), pauses=pauses)
    return laddering.climb(
        ladder,
        limit,
        due_at=limit.plan().due_at,
        applies_from=applies or start,
        told_in=told_in,
    )


def swept(climb: Climb, sweeps, answered=()):
    """Return what is told when somebody looks at these instants only."""
    taken = []
    for at in sweeps:
        known = [one for one in answered if one <= at]
        while (due := climb.next(taken, known)) is not None and due.at <= at:
            taken.append(Taken(due.rung.number, due.round, at))
    return taken


def every(minutes, hours, start=START):
    return [start + minutes * MINUTE * count for count in range(hours * 60 // minutes + 1)]


def test_each_level_is_told_at_its_share_and_the_last_is_told_again():
    told = swept(climbing(), every(1, 24))

    assert [(one.rung, one.round, one.told_at - START) for one in told] == [
        (1, 0, 4 * HOUR),
        # Nobody answered for ninety minutes: half an hour before three quarters have passed.
        (2, 0, 5.5 * HOUR),
        (3, 0, 8 * HOUR),
        (4, 0, 9 * HOUR),
        (4, 1, 9.5 * HOUR),
        (4, 2, 10 * HOUR),
    ]


def test_an_answer_leaves_people_in_peace_until_the_limit_ends():
    told = swept(climbing(), every(1, 24), answered=[START + 4.2 * HOUR])

    assert [one.rung for one in told] == [1, 3, 4, 4, 4]


def test_an_answer_after_the_end_ends_the_ladder():
    told = swept(climbing(), every(1, 24), answered=[START + 8.5 * HOUR])

    assert [one.rung for one in told] == [1, 2, 3]


def test_what_falls_into_quiet_hours_is_told_when_they_end():
    night = datetime(2026, 3, 2, 13, tzinfo=UTC)  # 21:00; half of eight hours is over at 01:00
    told = swept(climbing(start=night, told_in=DAYTIME), every(1, 24, start=night))

    opening = datetime(2026, 3, 2, 23, tzinfo=UTC)  # 07:00
    assert [(one.rung, one.told_at) for one in told[:3]] == [
        (1, opening),
        (2, opening),
        (3, opening),
    ]


def test_a_row_without_quiet_hours_wakes_people_at_night():
    night = datetime(2026, 3, 2, 15, tzinfo=UTC)
    (first, *_) = swept(climbing(start=night), every(1, 24, start=night))

    assert first.told_at == night + 4 * HOUR


def test_a_pause_moves_every_step():
    pause = Period(START + HOUR, START + 3 * HOUR)

    (first, *_) = swept(climbing(pauses=(pause,)), every(1, 24))

    assert first.told_at == START + 6 * HOUR


def test_a_limit_set_back_in_time_tells_only_the_last_step_that_has_passed():
    told = swept(climbing(applies=START + 7 * HOUR), every(1, 24))

    assert [(one.rung, one.told_at - START) for one in told[:2]] == [(2, 7 * HOUR), (3, 8 * HOUR)]


def test_a_lead_time_longer_than_the_limit_counts_from_the_start():
    ladder = Ladder((rung(1, "holder", before=10 * HOUR),), HOUR, "2.7")

    assert climbing(ladder).next([], []).at == START


def test_a_first_class_fault_at_night_is_told_at_once_by_the_shipped_edition():
    edition = standard.edition()
    case = {"metric": "restoration", "kind": "fault", "basis": "promise"}

    assert edition.ladder({**case, "priority": "P1"}).told_in is None
    assert edition.ladder({**case, "priority": "P3"}).told_in == "notices"
    assert edition.ladder({**case, "metric": "evaluation", "priority": "P3"}) is None


instants = st.lists(st.integers(0, 60 * 48), max_size=60).map(
    lambda minutes: [START + MINUTE * one for one in sorted(minutes)]
)


@given(sweeps=instants, answered=instants.map(lambda found: found[:2]), quiet=st.booleans())
def test_whenever_somebody_looks_steps_come_in_order_and_once(sweeps, answered, quiet):
    climb = climbing(told_in=DAYTIME if quiet else None)

    told = swept(climb, sweeps, answered)

    order = [(one.rung, one.round) for one in told]
    assert order == sorted(set(order))


@given(sweeps=instants, quiet=st.booleans())
def test_none_is_lost_however_late_somebody_looks(sweeps, quiet):
    climb = climbing(told_in=DAYTIME if quiet else None)

    told = swept(climb, [*sweeps, *every(15, 24 * 4, start=START + 48 * HOUR)])

    assert {one.rung for one in told} == {1, 2, 3, 4}
    assert all(one.told_at >= climb.moments[0] for one in told)


@given(sweeps=instants)
def test_nobody_is_told_in_quiet_hours(sweeps):
    climb = climbing(told_in=DAYTIME)

    due = climb.next([], [])
    while due is not None and due.round == 0:
        assert climb.opening(due.at) == due.at
        due = climb.next([Taken(due.rung.number, due.round, due.at)], [])
        if due is not None and due.rung.number == 4:
            break
