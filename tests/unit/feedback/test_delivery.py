from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from changtong.feedback.adapters.memory import Memory
from changtong.feedback.domain import delivery, wording
from changtong.feedback.domain.delivery import Message


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_attempts_are_bounded_and_further_and_further_apart():
    waits = []
    for attempts in range(1, delivery.ATTEMPTS_AT_MOST):
        again_at = delivery.try_again_at(attempts=attempts, at=AT)
        assert again_at is not None
        waits.append(again_at - AT)
    assert waits[0] == delivery.WAIT_FIRST
    assert all(earlier <= later for earlier, later in pairwise(waits))
    assert max(waits) == delivery.WAIT_AT_MOST
    assert timedelta(hours=12) < sum(waits, timedelta()) < timedelta(days=2)
    assert delivery.try_again_at(attempts=delivery.ATTEMPTS_AT_MOST, at=AT) is None


def test_the_fake_keeps_one_message_for_a_key():
    carrier = Memory()
    message = Message("1:ticket.opened:sms", "13800001111", "", "hello", "en")
    carrier.deliver(message)
    carrier.deliver(message)
    assert list(carrier.delivered) == ["1:ticket.opened:sms"]
    assert len(carrier.attempts) == 2


@given(st.text())
def test_one_line_is_one_line(text):
    line = wording.one_line(text)
    assert len(line.splitlines()) <= 1
    assert line.isprintable()
    assert wording.one_line(line) == line


@given(st.text(), st.integers(1, 80))
def test_shortened_is_short(text, at_most):
    assert len(wording.shortened(text, at_most=at_most)) <= at_most


@given(st.text())
def test_plain_keeps_lines_and_nothing_invisible(text):
    assert all(letter == "\n" or letter.isprintable() for letter in wording.plain(text))


def test_moments_are_told_in_local_words():
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Asia/Shanghai")
    assert wording.moment(AT, language="zh-hans", zone=zone) == "11月24日10:00"
    assert wording.moment(AT, language="en", zone=zone) == "24 Nov 10:00"
    assert wording.moment(None, language="en", zone=zone) == ""
