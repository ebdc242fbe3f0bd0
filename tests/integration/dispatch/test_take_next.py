"""The next ticket is the one due first, and nobody else gets it too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from tests.factories.dispatch import accepted, after, build_district

from changtong.dispatch.operations import assigning, taking
from changtong.kernel.errors import Refused
from changtong.parties.queries import viewer_of_staff
from changtong.tickets.models import Ticket


def take(person, minutes=1):
    viewer = viewer_of_staff(person.pk)
    assert viewer is not None
    return taking.take_next(viewer=viewer, at=after(minutes))


def queued(district, count):
    """Return tickets that the team was given, in the order in which they were opened."""
    made = [accepted(district.town) for _ in range(count)]
    for one in made:
        assigning.assign_to(
            number=one.number,
            team_id=district.team.pk,
            reason="片区",
            actor="staff:9",
            at=after(1),
        )
    return made


def test_what_is_due_first_is_taken_and_then_the_grade_decides(district):
    late, early, graver = queued(district, 3)
    due = Ticket.objects.get(pk=late.pk).due_at
    Ticket.objects.filter(pk=late.pk).update(due_at=due + timedelta(hours=5))
    Ticket.objects.filter(pk__in=[early.pk, graver.pk]).update(due_at=due, priority="P3")
    Ticket.objects.filter(pk=graver.pk).update(priority="P2")

    assert take(district.zhao, 2) == graver.number
    assert Ticket.objects.get(pk=graver.pk).assignee_id == district.zhao.pk


def test_what_was_given_and_not_begun_comes_back_without_a_second_claim(district):
    (only,) = queued(district, 1)
    first = take(district.zhao, 2)

    assert (first, take(district.zhao, 3)) == (only.number, only.number)


def test_who_has_nothing_to_take_is_told_so(district):
    with pytest.raises(Refused, match=r"assignment\.nothing_next"):
        take(district.zhao)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_gets_another():
    district = build_district()
    queued(district, 2)

    def run(person):
        try:
            return take(person, 3)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(run, [district.li, district.zhao]))

    assert len(set(got)) == 2
