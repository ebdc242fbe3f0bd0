"""What one has oneself is handed over with a note; nobody is made to take what they cannot."""

from __future__ import annotations

import pytest
from tests.factories import people
from tests.factories.dispatch import accepted, after, technician

from changtong.dispatch.models import Alarm
from changtong.dispatch.operations import assigning
from changtong.feedback.operations import noticing
from changtong.journal.models import Entry
from changtong.kernel.errors import Refused
from changtong.tickets.models import LogEntry, Ticket


NOTE = "已换尾纤，光功率仍 -29；答应客户今晚回电。"


@pytest.fixture
def held(district):
    """Return a ticket that li has."""
    ticket = accepted(district.town)
    assigning.assign_to(
        number=ticket.number,
        reason="离得近",
        staff_id=district.li.pk,
        actor="staff:900",
        at=after(1),
    )
    return ticket


def hand_over(ticket, by, **to):
    return assigning.hand_over(
        number=ticket.number, note=NOTE, staff_id=by.pk, actor=by.actor, at=after(9), **to
    )


def test_a_colleague_gets_it_with_the_note(district, held):
    order = hand_over(held, district.li, to_staff_id=district.zhao.pk)

    assert (order.technician_id, order.reason["by"]) == (district.zhao.pk, "handover")
    assert Ticket.objects.get(pk=held.pk).assignee_id == district.zhao.pk
    assert LogEntry.objects.get(ticket=held).text == NOTE
    told = noticing.tell_given(entry=Entry.objects.filter(tag="ticket.assigned").latest("id"))
    assert [(one.staff_id, one.facts["by"]) for one in told] == [
        (district.zhao.pk, district.li.actor)
    ]


def test_without_a_name_the_rules_choose_and_never_the_same(district, held):
    order = hand_over(held, district.li)
    assert (order.technician_id, order.reason["by"]) == (district.zhao.pk, "handover")


def test_only_whoever_has_it_hands_it_over(district, held):
    with pytest.raises(Refused, match=r"assignment\.not_yours"):
        hand_over(held, district.zhao, to_staff_id=district.zhao.pk)


def test_nobody_off_duty_elsewhere_is_made_to_take_it(district, held):
    people.district("410122", "中牟县")
    wang = technician("wang", "broadband_maintenance", region="410122", shift=None)

    with pytest.raises(Refused, match=r"assignment\.unfitting"):
        hand_over(held, district.li, to_staff_id=wang.pk)

    assert Ticket.objects.get(pk=held.pk).assignee_id == district.li.pk
    assert not LogEntry.objects.filter(ticket=held).exists()


def test_if_nobody_can_the_dispatchers_are_alarmed(district, held):
    district.zhao.is_active = False
    district.zhao.save()

    assert hand_over(held, district.li) is None
    assert Alarm.objects.filter(ticket=held).exists()
