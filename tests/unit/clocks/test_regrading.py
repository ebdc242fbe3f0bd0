"""What carries over when new limits take the place of open ones."""

from __future__ import annotations

from dataclasses import replace

from tests.factories.clocks import HOUR, START, target

from changtong.clocks.domain import regrading
from changtong.clocks.domain.lives import Hold
from changtong.clocks.domain.regrading import Begun


def hold(start, cap, end=None, reason="customer_absent"):
    until = None if end is None else START + end * HOUR
    return Hold(reason, START + start * HOUR, START + cap * HOUR, until)


def test_of_several_open_pauses_only_the_longest_stays_open():
    short, long, ended = hold(1, 5), hold(2, 9, reason="x"), hold(0, 3, 2, reason="y")
    regrading.leave_longest_open([short, long, ended], at=START + 4 * HOUR)
    assert (short.ended_at, long.ended_at) == (START + 4 * HOUR, None)
    assert ended.ended_at == START + 2 * HOUR


def test_a_pause_of_several_clocks_is_one_and_the_longest_part_is_the_whole():
    part, whole = hold(1, 9, 3), hold(1, 9)
    assert regrading.each_once([part, whole]) == [whole]
    assert regrading.each_once([whole, part]) == [whole]
    assert regrading.each_once([part, replace(part, reason="x")])[1].reason == "x"


def test_a_limit_that_runs_keeps_its_start_and_one_that_ended_is_in_play_no_more():
    running = Begun("restoration", "promise", "ticket.opened", START, is_open=True)
    ended = Begun("assignment", "promise", "ticket.accepted", START + HOUR, is_open=False)
    wanted = [target("restoration", "4h"), target("assignment", "1h"), target("arrival", "2h")]
    found = regrading.origins([running, ended], wanted)
    assert {one.metric: since for one, since in found.items()} == {
        "restoration": START,
        "arrival": START + HOUR,
    }
