"""The customer chooses another time for the visit, of those on offer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localtime
from tests.factories import people
from tests.factories.dispatch import instruments
from tests.factories.intake import PHONE, build_town
from tests.web.portal.test_portal import STRANGER, prove, submit, ticket_of

from changtong.dispatch.operations import assigning, rostering, visiting
from changtong.dispatch.queries import appointments, orders
from changtong.infra.clock import now
from changtong.kernel.time import Period
from changtong.parties.models import Staff
from changtong.tickets import queries as tickets


pytestmark = pytest.mark.django_db

NO_LINK = "fault.broadband.no_link"


@pytest.fixture
def town():
    """Return a town in which one technician serves."""
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
    return town


@pytest.fixture
def order(town):
    person = Staff.objects.get(role="technician")
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


def reported(client, wanted, **more):
    fields = {"line": "KD0001", "category": NO_LINK, "contact_name": "王芳", "anyway": "1"}
    return submit(client, "/portal/report/fault", **fields, wanted_at=wanted, **more)


def test_a_free_time_is_chosen_while_reporting_and_only_one_gets_it(client, town):
    prove(client, PHONE)
    shown = client.get("/portal/report/fault/times", {"line": "KD0001", "category": NO_LINK})
    # Far beyond the limits: a wish that cannot be kept within them would raise an alarm.
    chosen = shown.context["visits"][-2].period.start
    wanted = localtime(chosen).isoformat()
    assert f'value="{wanted}"' in shown.content.decode()

    first = reported(client, wanted).url.removeprefix("/portal/tickets/").removesuffix("?new=1")
    also = reported(client, wanted).url.removeprefix("/portal/tickets/").removesuffix("?new=1")
    for number in (first, also):
        assigning.assign_automatically(number=number, actor="system:test", at=now())

    # Both asked before either was booked: the second is told, and offered another time.
    kept, moved = (orders.open_of(tickets.locked(number).pk) for number in (first, also))
    assert kept.planned.lower == chosen < moved.planned.lower
    assert "没能排上" not in client.get(f"/portal/tickets/{first}").content.decode()
    assert "没能排上" in client.get(f"/portal/tickets/{also}").content.decode()
    # Whoever asks now is not offered it, and does not get it by asking all the same.
    late = reported(client, wanted)
    assert late.status_code == 422
    assert "被别人约走" in late.content.decode()
    assert chosen not in [one.period.start for one in late.context["visits"]]
