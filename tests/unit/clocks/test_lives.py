"""Whole lives of clocks: the engine and a count of every minute agree, and properties hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import random_lives
from tests.factories.clocks import ABSENT, HOUR, target
from tests.factories.random_lives import by_engine, by_oracle

from changtong.clocks.domain.lives import Life, Terms
from changtong.standard.domain.calendars import round_the_clock


LIVES = 150
OFTEN = settings(max_examples=60, deadline=None, derandomize=True)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("batch", [0, 1])
def test_the_engine_agrees_with_a_count_of_every_minute(batch):
    timelines = {}
    for number, case in enumerate(random_lives.cases(20261122, batch, LIVES)):
        assert by_engine(case) == by_oracle(case, timelines), (batch, number)


@pytest.mark.parametrize(
    ("seed", "batch", "life"),
    [
        (7, 119, 104),
        (8, 64, 28),
        (1, 1, 54),
        (1, 5, 48),
        (1, 14, 83),
        # Used up to the instant when a pause began, ended in that pause, then opened again.
        (20261122, 1505, 499),
    ],
)
def test_histories_in_which_they_once_differed(seed, batch, life):
    *_, case = random_lives.cases(seed, batch, life + 1, plain=True)
    assert by_engine(case) == by_oracle(case, {})


@pytest.mark.parametrize(
    ("seed", "batch", "life"),
    [
        # The count of minutes once told one at the approval of a pause that hid it.
        (5, 1, 289),
        # The engine once told one at the approval of a pause, for a time that was over by then.
        (20261125, 95, 247),
        # It told the last one only, of a limit that had been over before it applied.
        (20261125, 323, 0),
    ],
)
def test_a_warning_is_told_by_what_was_known_when_it_was_due(seed, batch, life):
    *_, case = random_lives.cases(seed, batch, life + 1)
    assert by_engine(case) == by_oracle(case, {})


class TestApprovedLate:
    """A pause that was asked for earlier than it is approved counts from then."""

    START = datetime(2026, 3, 2, 2, tzinfo=UTC)
    TERMS = Terms(1, (target("resolution", "4h"),), {"24x7": round_the_clock()})

    def approved(self, at, since, **changes):
        life = Life()
        life.start(self.TERMS, at=self.START)
        reason = replace(ABSENT, **changes)
        life.pause(reason, at=self.START + at, since=self.START + since)
        return life, life.runs[0]

    @pytest.mark.parametrize("since", [HOUR, 4 * HOUR])
    def test_what_broke_after_it_was_asked_for_was_not_broken(self, since):
        life, run = self.approved(6 * HOUR, since)
        assert (run.state, run.breached_at) == ("paused", None)
        life.resume(at=self.START + 9 * HOUR)
        life.settle(self.START + 99 * HOUR)
        assert run.due_at - self.START == (12 * HOUR if since < 4 * HOUR else 4 * HOUR)
        assert run.breached_at == run.due_at

    def test_what_broke_before_it_was_asked_for_stays_broken(self):
        _life, run = self.approved(6 * HOUR, 5 * HOUR)
        assert run.breached_at == self.START + 4 * HOUR

    def test_its_cap_may_have_come_by_then(self):
        _life, run = self.approved(6 * HOUR, HOUR, at_most=2 * HOUR)
        assert (run.state, run.due_at) == ("running", self.START + 6 * HOUR)
        assert run.breached_at is None


class TestOwedAgain:
    START = datetime(2026, 3, 2, 2, tzinfo=UTC)
    TERMS = Terms(1, (target("progress", "4h"),), {"24x7": round_the_clock()})

    def test_it_starts_again_where_it_was_stopped(self):
        life = Life()
        life.start(self.TERMS, at=self.START)
        life.renew(["progress"], at=self.START + HOUR)
        assert [(run.state, run.due_at - self.START) for run in life.runs] == [
            ("stopped", 4 * HOUR),
            ("running", 5 * HOUR),
        ]

    def test_what_is_on_hold_starts_again_on_hold(self):
        life = Life()
        life.start(self.TERMS, at=self.START)
        life.pause(ABSENT, at=self.START + HOUR)
        life.renew(["progress"], at=self.START + 2 * HOUR)
        assert [run.state for run in life.runs] == ["stopped", "paused"]
        life.resume(at=self.START + 5 * HOUR)
        assert life.runs[1].due_at == self.START + 9 * HOUR

    def test_what_has_ended_does_not_start_again(self):
        life = Life()
        life.start(self.TERMS, at=self.START)
        life.stop(at=self.START + HOUR)
        life.renew(["progress"], at=self.START + 2 * HOUR)
        assert len(life.runs) == 1


class TestTheDueInstant:
    """民法典 §1259: 以内 includes the number itself."""

    START = datetime(2026, 3, 2, 2, tzinfo=UTC)
    TERMS = Terms(1, (target("resolution", "4h"),), {"24x7": round_the_clock()})

    @pytest.mark.parametrize(
        ("late", "breached"), [(timedelta(), None), (timedelta(microseconds=1), 4 * HOUR)]
    )
    def test_what_is_done_at_it_is_in_time_and_an_instant_later_is_not(self, late, breached):
        life = Life()
        life.start(self.TERMS, at=self.START)
        life.stop(at=self.START + 4 * HOUR + late)
        [run] = life.runs
        assert run.breached_at == (None if breached is None else self.START + breached)


@given(seed=seeds, shares=st.lists(st.floats(0, 1), max_size=4))
@OFTEN
def test_looking_in_between_changes_nothing(seed, shares):
    [case] = random_lives.cases(seed, 0, 1)
    watched, alone = Life(), Life()
    ends = [*(event.at for event in case.events[1:]), case.now]
    for event, end in zip(case.events, ends, strict=True):
        random_lives.step(watched, event)
        random_lives.step(alone, event)
        for share in sorted(shares):
            watched.settle(event.at + (end - event.at) * share)
    watched.settle(case.now)
    alone.settle(case.now)
    assert [vars_of(run) for run in watched.runs] == [vars_of(run) for run in alone.runs]


@given(seed=seeds)
@OFTEN
def test_what_is_true_stays_true_whatever_happens_later(seed):
    [case] = random_lives.cases(seed, 0, 1)
    for known, more in pairwise(range(1, len(case.events) + 1)):
        before, after = Life(), Life()
        for event in case.events[:known]:
            random_lives.step(before, event)
        for event in case.events[:more]:
            random_lives.step(after, event)
        for was, now in zip(before.runs, after.runs, strict=False):
            assert now.breached_at == was.breached_at or was.breached_at is None
            assert now.warnings[: len(was.warnings)] == was.warnings


@given(seed=seeds)
@OFTEN
def test_a_life_without_its_pauses_is_never_due_later(seed):
    [case] = random_lives.cases(seed, 0, 1)
    hasty = replace(
        case,
        events=tuple(event for event in case.events if event.what not in ("pause", "reopen")),
    )
    slow = replace(case, events=tuple(event for event in case.events if event.what != "reopen"))
    lives = []
    for one in (hasty, slow):
        life = Life()
        for event in one.events:
            random_lives.step(life, event)
        lives.append(life)
    for without, paused in zip(lives[0].runs, lives[1].runs, strict=True):
        assert without.due_at <= paused.due_at


@given(seed=seeds)
@OFTEN
def test_the_law_s_limits_do_not_know_of_pauses(seed):
    [case] = random_lives.cases(seed, 0, 1)
    life = Life()
    for event in case.events:
        random_lives.step(life, event)
    for run in life.runs:
        if run.target.basis == "legal":
            assert run.holds == []
            assert run.state != "paused"


@given(seed=seeds)
@OFTEN
def test_a_breach_is_never_dated_before_its_limit_ended_or_applied(seed):
    [case] = random_lives.cases(seed, 0, 1)
    life = Life()
    for event in case.events:
        random_lives.step(life, event)
    life.settle(case.now + timedelta(days=1))
    for run in life.runs:
        assert run.breached_at is None or run.breached_at == max(run.due_at, run.applies_from)


def vars_of(run):
    return (run.state, run.due_at, run.warn_at, run.warned, run.warnings, run.breached_at)
