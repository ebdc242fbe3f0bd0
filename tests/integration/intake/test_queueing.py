"""Numbers of a service hall: taken at the door, called and served at a counter."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections
from tests.factories import people
from tests.factories.intake import AT, PHONE, Town, build_town, report

from changtong.intake import operations
from changtong.intake.models import CounterCase, QueueNumber
from changtong.intake.operations import queueing
from changtong.intake.queries import queueing as queries
from changtong.intake.queries import waits
from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused


HALL, AGENT = "HYL", "staff:1"


def after(minutes: int):
    return AT + timedelta(minutes=minutes)


@pytest.fixture
def hall(town: Town):
    return opened(town)


def opened(town: Town, counters: int = 3):
    return queueing.open_hall(
        code=HALL,
        name="花园路营业厅",
        region=town.region,
        counters=counters,
        actor=AGENT,
        at=AT,
    )


def take(class_code="fault", minutes=0, **changes):
    fields = {"hall": HALL, "class_code": class_code, "actor": AGENT, "at": after(minutes)}
    return queueing.take(**fields | changes)


def call(counter=1, minutes=0, **changes):
    fields = {"hall": HALL, "counter": counter, "actor": AGENT, "at": after(minutes)}
    return queueing.call_next(**fields | changes)


def facts(tag):
    return Entry.objects.get(tag=tag).facts


def test_each_class_counts_from_one_and_each_local_day_begins_anew(hall):
    # 23:59 and 00:00 in the hall, whatever the day is in Greenwich.
    late = AT.replace(hour=15, minute=59)

    labels = [take(at=late).label, take(at=late).label, take("enquiry", at=late).label]
    next_day = take(at=late + timedelta(minutes=1))

    assert labels == ["A001", "A002", "D001"]
    assert (next_day.label, str(next_day.day)) == ("A001", "2026-11-25")
    assert facts_of_first() == {
        "number": "A001",
        "class": "fault",
        "called_first": False,
        "clause": "3.15",
        "day": "2026-11-24",
    }


def facts_of_first():
    return Entry.objects.filter(tag="queue_number.taken").earliest("id").facts


def test_whom_the_standard_puts_first_is_called_before_those_who_came_earlier(hall):
    take(), take("service", 1), take("service", 2, priority="elderly")

    called = [call(1, 5).label, call(2, 6, class_code="service").label, call(3, 7).label]

    assert called == ["B002", "B001", "A001"]
    number = QueueNumber.objects.get(counter=1)
    queueing.start(number=number.pk, actor=AGENT, at=after(8))
    queueing.end(number=number.pk, actor=AGENT, at=after(9))
    with pytest.raises(Refused, match=r"queue_number\.nobody_waits"):
        call(1, 9)


def test_a_counter_serves_one_at_a_time_and_its_waits_are_measured(hall):
    take(phone=PHONE), take(minutes=1)
    first = call(2, minutes=10)

    with pytest.raises(Refused, match=r"counter\.busy"):
        call(2, minutes=11)
    queueing.start(number=first.pk, actor=AGENT, at=after(12))
    ticket = operations.receive(
        report=report(channel="counter"), line_number="KD0001", actor=AGENT, at=after(14)
    ).ticket
    for _ in range(2):
        queueing.link(number=first.pk, ticket=ticket, actor=AGENT, at=after(14))
    queueing.end(number=first.pk, actor=AGENT, at=after(20))

    assert call(2, minutes=21).label == "A002"
    assert facts("queue_number.linked") == {
        "queue": first.pk,
        "queue_number": "A001",
        "counter": 2,
        "waited_seconds": 600,
    }
    assert facts("queue_number.served")["served_seconds"] == 480
    assert CounterCase.objects.get().ticket == ticket
    assert PHONE not in str(list(Entry.objects.filter(subject__startswith="queue:").values()))


def test_a_number_is_missed_only_after_it_was_called_as_often_as_the_standard_says(hall):
    take()
    number = call()

    with pytest.raises(Refused, match=r"queue_number\.called_too_little") as refused:
        queueing.miss(number=number.pk, actor=AGENT, at=after(1))
    queueing.recall(number=number.pk, actor=AGENT, at=after(2))
    queueing.miss(number=number.pk, actor=AGENT, at=after(3))

    assert refused.value.clause == "3.15"
    assert facts("queue_number.missed") == {"number": "A001", "counter": 1, "calls": 2}
    with pytest.raises(Refused, match=r"queue_number\.cannot_move"):
        queueing.start(number=number.pk, actor=AGENT, at=after(4))


def test_a_missed_number_comes_back_once_behind_as_many_as_the_standard_says(hall):
    first, *_ = [take(minutes=one) for one in range(6)]
    call()
    queueing.recall(number=first.pk, actor=AGENT, at=after(7))
    queueing.miss(number=first.pk, actor=AGENT, at=after(8))

    with pytest.raises(Refused, match=r"queue_number\.day_over"):
        queueing.put_back(number=first.pk, actor=AGENT, at=AT + timedelta(days=1))
    queueing.put_back(number=first.pk, actor=AGENT, at=after(9))

    waiting = [one.label for one in queries.waiting_in(hall, day=first.day)]
    assert waiting == ["A002", "A003", "A004", "A001", "A005", "A006"]
    assert facts("queue_number.put_back") == {"number": "A001", "clause": "3.15"}
    QueueNumber.objects.exclude(pk=first.pk).delete()
    call(minutes=12)
    assert facts_of_last("queue_number.called")["waited_seconds"] == 180
    queueing.recall(number=first.pk, actor=AGENT, at=after(13))
    queueing.miss(number=first.pk, actor=AGENT, at=after(14))
    with pytest.raises(Refused, match=r"queue_number\.put_back_already"):
        queueing.put_back(number=first.pk, actor=AGENT, at=after(15))
    assert not queries.missed_in(hall, day=first.day).exists()


def test_a_leader_sees_the_waits_of_the_halls_of_their_region(hall):
    leader = people.viewer(people.staff("lead", "leader", region="410105"))
    stranger = people.viewer(people.staff("dispatcher", "dispatcher", region="410105"))
    for minutes in (0, 0, 0, 5):
        take(minutes=minutes)
    first = call(1, minutes=2)
    queueing.recall(number=first.pk, actor=AGENT, at=after(3))
    queueing.miss(number=first.pk, actor=AGENT, at=after(4))
    call(2, minutes=10), call(3, minutes=12)

    waiting = waits.waiting_now(leader, at=after(25))
    halls = [one.hall for one in waiting]
    [found] = waits.waits_of(halls, first=first.day, last=first.day)
    [later] = waits.waits_of(halls, first=first.day + timedelta(days=1), last=date.max)

    assert [(one.count, one.longest) for one in waiting] == [(1, timedelta(minutes=20))]
    assert (found.called, found.missed) == (3, 1)
    assert (found.median, found.longest) == (timedelta(minutes=10), timedelta(minutes=12))
    assert (later.called, later.median, later.longest, later.missed) == (0, None, None, 0)
    assert not waits.waiting_now(stranger, at=after(25))


def facts_of_last(tag):
    return Entry.objects.filter(tag=tag).latest("id").facts


def test_the_day_after_nobody_knows_who_came(hall):
    number = take(phone=PHONE, priority="disabled")

    assert queueing.forget(at=AT) == 0
    assert queueing.forget(at=AT + timedelta(days=1)) == 1

    number.refresh_from_db()
    assert (number.label, number.phone, number.priority) == ("A001", "", "")


def test_a_hall_is_seen_from_its_own_region_only(hall):
    ours = people.viewer(people.staff("ours", "agent", region="410105"))
    people.district("410106", "二七区")
    theirs = people.viewer(people.staff("theirs", "agent", region="410106"))
    visitor = people.viewer(people.staff("visitor", "technician", region="410105"))
    number = take()

    assert queries.hall(ours, HALL) == hall
    assert queries.queue_number(ours, number.pk) == number
    for viewer in (theirs, visitor):
        with pytest.raises(Missing, match=r"hall\.unknown"):
            queries.hall(viewer, HALL)
        with pytest.raises(Missing, match=r"queue_number\.unknown"):
            queries.queue_number(viewer, number.pk)


@pytest.mark.django_db(transaction=True)
def test_counters_that_take_and_call_at_the_same_instant_never_share_a_number():
    opened(build_town(), counters=12)

    def at_once(act):
        def one(counter: int) -> str:
            try:
                return act(counter).label
            finally:
                connections.close_all()

        with ThreadPoolExecutor(6) as pool:
            return set(pool.map(one, range(1, 13)))

    every = {f"A{one:03}" for one in range(1, 13)}
    assert at_once(lambda _: take()) == every
    assert at_once(call) == every
