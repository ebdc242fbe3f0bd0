"""The customer chooses another time for the visit, of those on offer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localtime
from tests.factories import people
from tests.factories.dispatch import instruments
from tests.factories.intake import build_town
from tests.web.portal.test_portal import STRANGER, prove, submit, ticket_of

from changtong.dispatch.operations import assigning, rostering, visiting
from changtong.dispatch.queries import appointments
from changtong.infra.clock import now
from changtong.kernel.time import Period


pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    town = build_town()
    person = people.qualified(
        people.staff("li", "technician", region="410105"), "broadband_maintenance"
    )
    people.team("field", person, mode="field", region="410105")
    rostering.plan_shifts(
        staff_id=person.pk,
        periods=[Period(now() - timedelta(days=1))],
        actor="system:test",
        at=now(),
    )
    instruments(town)
    ticket = ticket_of(town)
    return assigning.assign_to(
        number=ticket.number, staff_id=person.pk, reason="x", actor="staff:9", at=now()
    )


def test_the_customer_sees_the_visit_and_moves_it(client, order):
    prove(client, order.ticket.contact_phone)
    path = f"/portal/tickets/{order.ticket_number}"
    assert f"{path}/appointment" in client.get(path).content.decode()
    wanted = appointments.on_offer(order, at=now())[1].period.start

    answer = submit(client, f"{path}/appointment", starts_at=localtime(wanted).isoformat())

    assert answer.url == path
    order.refresh_from_db()
    assert order.planned.lower == wanted


def test_a_time_that_is_not_offered_is_not_taken(client, order):
    prove(client, order.ticket.contact_phone)
    path = f"/portal/tickets/{order.ticket_number}/appointment"
    at_night = localtime(now()).replace(hour=3) + timedelta(days=1)
    assert submit(client, path, starts_at=at_night.isoformat()).status_code == 422


def test_nobody_else_s_visit_and_none_that_has_begun_is_moved(client, order):
    path = f"/portal/tickets/{order.ticket_number}/appointment"
    prove(client, STRANGER)
    assert client.get(path).status_code == 404
    visiting.start(number=order.number, actor="staff:1", at=now())
    prove(client, order.ticket.contact_phone)
    assert client.get(path).status_code == 404
