"""The database is the last guard: each constraint refuses by its name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from tests.factories.dispatch import accepted, after

from changtong.dispatch.models import Alarm, Booking, Resource, Shift, WorkOrder


def order(ticket, **changes):
    fields = {
        "number": f"PD-{WorkOrder.objects.count()}",
        "ticket": ticket,
        "ticket_number": ticket.number,
        "mode": "field",
        "work_for": timedelta(hours=1),
        "issued_at": after(0),
        "clause": "6.3",
        "team": None,
    }
    return WorkOrder.objects.create(**fields | changes)


def span(start, end):
    return DateTimeTZRange(after(start), after(end))


def refused(constraint, act):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act()
    assert error.value.__cause__.diag.constraint_name == constraint


@pytest.fixture
def orders(district):
    return [order(accepted(district.town), technician=district.li) for _ in range(2)]


def test_a_person_is_booked_once_while_active(district, orders):
    first, second = orders
    Booking.objects.create(work_order=first, staff=district.li, period=span(0, 60))

    def again(start, end, **changes):
        return Booking.objects.create(
            work_order=second, staff=district.li, period=span(start, end), **changes
        )

    refused("booking_person_once", lambda: again(59, 90))
    assert again(60, 90).active
    assert not again(0, 60, active=False).active


def test_a_resource_is_booked_once_while_active(district, orders):
    first, second = orders
    meter = Resource.objects.get(code="speed_tester-0")
    Booking.objects.create(work_order=first, resource=meter, period=span(0, 60))
    refused(
        "booking_resource_once",
        lambda: Booking.objects.create(work_order=second, resource=meter, period=span(30, 90)),
    )


def test_a_booking_is_of_one_thing_and_lasts(district, orders):
    meter = Resource.objects.get(code="speed_tester-0")

    def booked(**fields):
        return lambda: Booking.objects.create(work_order=orders[0], **fields)

    refused("booking_of_one_thing", booked(period=span(0, 1)))
    refused("booking_of_one_thing", booked(period=span(0, 1), staff=district.li, resource=meter))
    refused("booking_not_empty", booked(period=span(1, 1), staff=district.li))
    refused("booking_not_empty", booked(period=DateTimeTZRange(after(0), None), staff=district.li))


def test_shifts_of_one_person_do_not_overlap_and_have_a_beginning(district):
    refused(
        "shift_no_overlap",
        lambda: Shift.objects.create(staff=district.li, period=span(0, 60)),
    )
    refused(
        "shift_not_empty",
        lambda: Shift.objects.create(staff=district.li, period=span(9999, 9999)),
    )


def test_a_ticket_has_one_open_work_order_and_one_open_alarm(district, orders):
    ticket = orders[0].ticket
    refused("work_order_open_once", lambda: order(ticket, technician=district.zhao))

    def alarm():
        return Alarm.objects.create(
            ticket=ticket,
            ticket_number=ticket.number,
            raised_at=after(0),
            tried_at=after(0),
            clause="6.5",
        )

    alarm()
    refused("alarm_open_once", alarm)


def test_a_work_order_is_somebodys_in_a_known_state_and_ends_at_a_time(district, orders):
    ticket = accepted(district.town)
    refused("work_order_given_to_somebody", lambda: order(ticket))
    refused(
        "work_order_state_known",
        lambda: order(ticket, technician=district.li, state="lost", ended_at=None),
    )
    refused(
        "work_order_ended_has_time",
        lambda: order(ticket, technician=district.li, state="completed"),
    )


def test_a_resource_is_of_a_known_kind(district):
    refused(
        "resource_kind_known",
        lambda: Resource.objects.create(
            code="X", kind="ship", type="x", name="x", region=district.town.region
        ),
    )
