from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.feedback.domain import survey
from changtong.kernel.errors import Refused
from changtong.standard.domain.rules import Choice, EvaluationRule


ASKED = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
minutes = st.integers(1, 60 * 24 * 30).map(lambda value: timedelta(minutes=value))


def rule(remind=12 * 60, within=24 * 60, silent=72 * 60, low=2) -> EvaluationRule:
    return EvaluationRule(
        within=timedelta(minutes=within),
        remind_after=timedelta(minutes=remind),
        silent_consent_after=timedelta(minutes=silent),
        low_score_at_most=low,
        follow_up_within=timedelta(hours=24),
        tags=(Choice("fast", "处理及时", "Fast", "11.1"),),
        clause="11.1",
    )


@st.composite
def rules(draw):
    remind, within, silent = sorted(
        draw(st.lists(st.integers(1, 50_000), min_size=3, max_size=3, unique=True))
    )
    return rule(remind, within, silent)


asked = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(asked, rules())
def test_times_follow_each_other_after_the_question(asked_at, rule):
    times = survey.times(asked_at=asked_at, rule=rule)
    assert asked_at < times.remind_at < times.over_at < times.silent_consent_at


@given(asked, rules(), minutes, st.booleans())
def test_nobody_is_waited_for_twice(asked_at, rule, passed, confirmed):
    """Once over, always over; and whoever confirmed is never waited for longer than the silent."""
    times = survey.times(asked_at=asked_at, rule=rule)
    at = asked_at + passed
    if survey.is_over(times=times, confirmed=confirmed, at=at):
        assert survey.is_over(times=times, confirmed=confirmed, at=at + timedelta(minutes=1))
        assert survey.is_over(times=times, confirmed=True, at=at)


@given(asked, rules(), st.none() | minutes)
def test_the_instant_of_silence_is_the_first_that_is_over(asked_at, rule, confirmed_after):
    times = survey.times(asked_at=asked_at, rule=rule)
    confirmed_at = None if confirmed_after is None else asked_at + confirmed_after
    if confirmed_at is not None and confirmed_at > times.silent_consent_at:
        return
    since = survey.over_since(times=times, confirmed_at=confirmed_at)
    confirmed = confirmed_at is not None
    assert survey.is_over(times=times, confirmed=confirmed, at=since)
    before = since - timedelta(microseconds=1)
    waited = confirmed and confirmed_at > before
    assert waited or not survey.is_over(times=times, confirmed=confirmed, at=before)


def test_silence_is_consent_at_the_limit_and_not_before():
    times = survey.times(asked_at=ASKED, rule=rule())
    limit = ASKED + timedelta(hours=72)
    assert survey.is_over(times=times, confirmed=False, at=limit)
    assert not survey.is_over(times=times, confirmed=False, at=limit - timedelta(microseconds=1))


@pytest.mark.parametrize(("score", "low"), [(1, True), (2, True), (3, False), (5, False)])
def test_low_is_what_the_standard_says(score, low):
    assert survey.is_low(score=score, rule=rule()) is low


@given(st.integers())
def test_scores_outside_the_scale_are_refused(score):
    if 1 <= score <= 5:
        survey.check(score=score, tags=["fast"], rule=rule())
        return
    with pytest.raises(Refused, match=r"evaluation\.score_invalid") as refused:
        survey.check(score=score, tags=[], rule=rule())
    assert refused.value.clause == "11.1"


def test_tags_outside_the_list_are_refused():
    with pytest.raises(Refused, match=r"evaluation\.tag_unknown"):
        survey.check(score=3, tags=["fast", "cheap"], rule=rule())
