"""Two cases of one matter become one: every promise is kept, and undoing leaves no trace."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.factories import people
from tests.factories.intake import AT, build_town, report

from changtong.clocks import operations as clockwork
from changtong.clocks import queries as clocks
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused
from changtong.tickets import queries
from changtong.tickets.operations import closing, merging, opening, pausing, working
from changtong.tickets.queries import relations


pytestmark = pytest.mark.django_db
BY = "staff:7"


def after(hours: float) -> datetime:
    return AT + timedelta(hours=hours)


@pytest.fixture
def town():
    return build_town()


def opened(town, *, at=AT, **changes):
    return opening.open_ticket(
        report=report(category="fault.broadband.no_link", **changes),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="phone:13800001111",
        at=at,
        by_agent=True,
    )


def merge(ticket, survivor, *, hours=1.0):
    return merging.merge(
        number=ticket.number, into=survivor.number, reason="同一光缆", actor=BY, at=after(hours)
    )


def undo(ticket, *, hours):
    return merging.undo(number=ticket.number, reason="查明不是一事", actor=BY, at=after(hours))


def limits(ticket, *, open_only=False):
    """Say all about a case's own clocks and their pauses but their keys."""
    return sorted(
        (
            clock.metric,
            clock.basis,
            clock.clause,
            clock.state,
            clock.started_at,
            clock.applies_from,
            clock.due_at,
            clock.breached_at,
            clock.stopped_at,
            clock.warn_at,
            tuple(
                (pause.reason, pause.started_at, pause.ends_latest_at, pause.ended_at)
                for pause in clock.pauses.order_by("started_at")
            ),
        )
        for clock in clocks.of(ticket.number)
        if clock.state != "void"
    )


def due(ticket):
    return queries.locked(ticket.number).due_at


def tags(ticket):
    return [entry.tag for entry in journal.timeline(ticket.number).order_by("id")]


def test_the_merged_case_is_timed_no_more_and_the_survivor_keeps_the_earliest_promise(town):
    first = opened(town)
    later = opened(town, at=after(1))
    earliest, own = due(first), due(later)

    merge(first, later, hours=2)

    assert earliest < own
    assert queries.locked(first.number).state == "merged"
    assert queries.locked(first.number).due_at is None
    assert due(later) == earliest
    own_clocks = [one for one in clocks.of(first.number) if one.void_reason == "merged"]
    assert own_clocks
    assert {one.void_evidence for one in own_clocks} == {later.number}
    assert tags(first)[-3:] == ["clock.voided", "clock.carried", "ticket.merged"]
    assert tags(later)[-1] == "ticket.absorbed"


def test_what_the_survivor_promised_is_not_touched(town):
    first, later = opened(town), opened(town, at=after(1))
    before = limits(later)

    merge(first, later, hours=2)

    assert limits(later) == before


def test_merged_and_undone_at_once_is_as_if_nothing_had_been(town):
    first, later = opened(town), opened(town, at=after(1))
    pausing.pause(
        number=first.number, reason="customer_reschedule", note="", actor=BY, at=after(1)
    )
    clockwork.declare_breaches(at=after(2))
    before = [limits(first), limits(later), due(first), due(later)]

    merge(first, later, hours=2)
    undo(first, hours=2)

    assert [limits(first), limits(later), due(first), due(later)] == before
    assert queries.locked(first.number).state == "held"
    assert queries.locked(later.number).carries is False


def test_what_came_true_in_the_meantime_came_true_when_it_did(town):
    """The twin was never merged; a week later nobody can tell them apart."""
    first, later = opened(town), opened(town, at=after(1))
    twin = opened(town)
    for one in (first, twin):
        pausing.pause(
            number=one.number, reason="customer_reschedule", note="", actor=BY, at=after(1)
        )

    merge(first, later, hours=2)
    undo(first, hours=168)
    clockwork.end_pauses(at=after(168))
    clockwork.declare_breaches(at=after(168))

    assert limits(first) == limits(twin)
    assert any(row[7] for row in limits(first))


def test_what_happened_to_the_survivor_did_not_happen_to_what_was_taken_out_again(town):
    first, later, twin = opened(town), opened(town, at=after(1)), opened(town)

    merge(first, later, hours=2)
    pausing.pause(
        number=later.number, reason="customer_reschedule", note="", actor=BY, at=after(2.5)
    )
    pausing.resume(number=later.number, actor=BY, at=after(3))
    undo(first, hours=3.5)
    clockwork.declare_breaches(at=after(3.5))

    assert limits(first) == limits(twin)
    assert due(first) == due(twin)


def test_a_carried_promise_waits_and_ends_with_the_survivor(town):
    first, later = opened(town), opened(town, at=after(1))
    merge(first, later, hours=1.5)
    promised = due(later)

    pausing.pause(
        number=later.number, reason="customer_reschedule", note="", actor=BY, at=after(2)
    )
    pausing.resume(number=later.number, actor=BY, at=after(3))

    waited = timedelta(hours=1)
    assert due(later) in {promised, promised + waited}
    resolve(later, hours=3.5)
    carried = [one for one in clocks.of(first.number) if one.state != "void"]
    ended = {one.metric for one in carried if one.stops_on == "ticket.resolved"}
    assert ended
    assert {one.state for one in carried if one.metric in ended} == {"stopped"}


def resolve(ticket, *, hours):
    agent = people.staff("agent", "agent")
    team = people.team("desk", agent)
    working.assign(
        number=ticket.number,
        team_id=team.pk,
        assignee_id=agent.pk,
        clause="6.1",
        actor=BY,
        at=after(hours),
    )
    working.start(number=ticket.number, actor=BY, at=after(hours))
    return closing.resolve(
        number=ticket.number,
        cause="optical_cable",
        fix="spliced",
        result="已恢复",
        advice="",
        actor=BY,
        at=after(hours),
        retest_passed=True,
    )


def settle(ticket, *, hours):
    at = after(hours)
    closing.tell(number=ticket.number, actor=BY, at=at)
    closing.confirm(number=ticket.number, actor=BY, at=at)
    closing.request_evaluation(number=ticket.number, actor=BY, at=at)
    return closing.close(number=ticket.number, actor=BY, at=at)


def test_with_the_survivor_closed_nothing_can_be_undone(town):
    first, later = opened(town), opened(town, at=after(1))
    merge(first, later)
    resolve(later, hours=2)
    settle(later, hours=3)

    found = queries.locked(first.number)
    assert (found.state, found.closed_at) == ("merged", after(3))
    assert tags(first)[-1] == "merger.settled"
    with pytest.raises(Refused) as refused:
        undo(first, hours=4)
    assert (refused.value.code, refused.value.clause) == ("merger.settled", "3.10")


def test_a_survivor_that_is_withdrawn_sets_the_others_free(town):
    first, later, twin = opened(town), opened(town, at=after(1)), opened(town)
    merge(first, later, hours=1.5)
    opening.cancel(number=later.number, reason="已自行解决", actor=BY, at=after(2))

    assert queries.locked(first.number).state == "accepted"
    clockwork.declare_breaches(at=after(2))
    assert limits(first) == limits(twin)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda one, _two: {"into": one.number}, "merger.of_itself"),
        (lambda _one, _two: {"reason": " "}, "merger.unreasoned"),
        (lambda _one, two: cancel(two), "merger.survivor_ended"),
        (lambda one, _two: cancel(one), "ticket.cannot_move"),
    ],
)
def test_it_refuses_and_changes_nothing(town, spoil, code):
    first, later = opened(town), opened(town, at=after(1))
    changes = spoil(first, later) or {}
    before = [limits(first), limits(later), tags(first), tags(later)]

    with pytest.raises(Refused) as refused:
        merging.merge(
            **{
                "number": first.number,
                "into": later.number,
                "reason": "同一事项",
                "actor": BY,
                "at": after(2),
                **changes,
            }
        )

    assert refused.value.code == code
    assert [limits(first), limits(later), tags(first), tags(later)] == before


def cancel(ticket):
    opening.cancel(number=ticket.number, reason="撤", actor=BY, at=after(1))


def test_a_case_that_carries_another_is_not_merged_itself(town):
    first, later, third = (opened(town, at=after(hours)) for hours in (0, 0.5, 1))
    merge(first, later)

    with pytest.raises(Refused) as refused:
        merge(later, third)

    assert refused.value.code == "merger.carries_others"
    assert relations.carried_by(queries.locked(later.number)) == [first.number]


def test_what_was_never_merged_cannot_be_undone(town):
    with pytest.raises(Refused) as refused:
        undo(opened(town), hours=1)

    assert refused.value.code == "merger.none"
