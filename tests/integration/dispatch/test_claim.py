"""Of many who reach for a ticket, exactly one gets it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from tests.factories import people
from tests.factories.dispatch import (
    DESK,
    accepted,
    after,
    build_district,
    technician,
)

from changtong.dispatch.models import Booking, WorkOrder
from changtong.dispatch.operations import assigning
from changtong.kernel.errors import Refused
from changtong.tickets.models import Hold, Ticket


CLAIMS = 64


def claim(ticket, person, minutes=1):
    return assigning.claim(
        number=ticket.number, staff_id=person.pk, actor=person.actor, at=after(minutes)
    )


def test_what_a_team_was_given_is_claimed_with_time_and_instruments(district):
    ticket = accepted(district.town)
    queued = assigning.assign_to(
        number=ticket.number,
        team_id=district.team.pk,
        reason="片区",
        actor="staff:9",
        at=after(1),
    )
    work_order = claim(ticket, district.zhao, 2)
    queued.refresh_from_db()
    assert (queued.state, queued.ended_because) == ("cancelled", "claimed")
    assert (work_order.technician_id, work_order.team_id) == (district.zhao.pk, district.team.pk)
    assert work_order.reason["by"] == "claim"
    assert Booking.objects.filter(work_order=work_order, active=True).count() == 3
    assert [one.source for one in Hold.objects.filter(lifted_at=None)] == [
        f"work_order:{work_order.number}"
    ]


def test_what_somebody_has_cannot_be_claimed(district):
    ticket = accepted(district.town)
    claim(ticket, district.li)
    with pytest.raises(Refused, match=r"ticket\.claimed_already") as refused:
        claim(ticket, district.zhao, 2)
    assert refused.value.facts == {"name": "li"}
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == district.li.pk
    assert WorkOrder.objects.count() == 1


def test_the_unqualified_cannot_claim(district):
    stranger = technician("qian", region="410105")
    ticket = accepted(district.town)
    with pytest.raises(Refused, match=r"assignment\.unqualified"):
        claim(ticket, stranger)
    assert not WorkOrder.objects.exists()


def test_nobody_claims_more_than_the_standard_allows(district):
    agent = people.qualified(people.staff("agent", "agent", region="410105"), "customer_care")
    people.team("desk", agent, region="410105")
    for _ in range(20):
        claim(accepted(district.town, DESK), agent)
    one_more = accepted(district.town, DESK)
    with pytest.raises(Refused, match=r"assignment\.at_capacity") as refused:
        claim(one_more, agent)
    assert refused.value.clause == "6.5"
    assert refused.value.facts == {"name": "agent", "open": 20, "at_most": 20}
    assert Ticket.objects.get(pk=one_more.pk).assignee_id is None


@pytest.mark.django_db(transaction=True)
def test_of_64_claims_at_once_exactly_one_wins():
    district = build_district()
    ticket = accepted(district.town)
    people_ = [district.li, district.zhao]

    def attempt(index):
        try:
            return claim(ticket, people_[index % 2]).technician_id
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        results = Counter(pool.map(attempt, range(CLAIMS)))

    assert results["ticket.claimed_already"] == CLAIMS - 1
    (work_order,) = WorkOrder.objects.all()
    assert results[work_order.technician_id] == 1
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == work_order.technician_id
    assert Booking.objects.count() == 3
    assert Hold.objects.filter(lifted_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_visits_assigned_at_once_never_overlap():
    district = build_district()
    tickets = [accepted(district.town) for _ in range(3)]

    def attempt(ticket):
        try:
            return assigning.assign_automatically(
                number=ticket.number, actor="system:dispatch", at=after(1)
            ).planned.lower
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        starts = sorted(pool.map(attempt, tickets))

    # One set of instruments: one visit after the other, each within the limit of arriving.
    assert starts == [after(1), after(61), after(121)]


@pytest.mark.django_db(transaction=True)
def test_reassigning_back_and_forth_at_once_neither_overlaps_nor_deadlocks():
    district = build_district()
    tickets = [accepted(district.town) for _ in range(3)]
    for ticket in tickets:
        assigning.assign_automatically(number=ticket.number, actor="system:x", at=after(1))

    def attempt(index):
        try:
            assigning.reassign(
                number=tickets[index % 3].number, reason="x", actor="staff:1", at=after(2)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(attempt, range(12)))

    assert WorkOrder.objects.count() == 3 + 12
    assert WorkOrder.objects.filter(ended_at=None).count() == 3
    assert Booking.objects.filter(active=True).count() == 9
