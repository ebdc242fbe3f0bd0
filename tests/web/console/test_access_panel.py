"""What a line hangs on, what else fails there, and finding out step by step what it is."""

from __future__ import annotations

from uuid import uuid4

from tests.factories import people
from tests.factories.intake import report

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.parties import operations as parties
from changtong.parties.models import Line
from changtong.tickets.models import LogEntry


def _case_on(world, number, resource, *, region="410105"):
    """Return an unfinished case of somebody else's, whose line hangs on a resource."""
    by = {"actor": "system:test", "at": now()}
    customer = parties.register_customer(
        number=f"C{number}", name="赵敏", phone=f"1370000{number}", region_code=region, **by
    )
    line = parties.connect_line(
        number=f"KD{number}",
        customer=customer,
        service_code="bb500",
        address="花园路 9 号",
        region_code=region,
        access_resource=resource,
        **by,
    )
    return intake.receive(
        report=report(contact_phone=customer.phone),
        line_number=line.number,
        anyway=True,
        by_agent=True,
        **by,
    ).ticket


def test_the_path_shows_what_else_is_unfinished_on_each_piece(world):
    people.district("410106", "上街区")
    Line.objects.filter(pk=world.town.line.pk).update(access_resource="OLT-1/PON3")
    ticket = world.ticket()
    port = _case_on(world, "0011", "OLT-1/PON3")
    device = _case_on(world, "0012", "OLT-1/PON30")
    _case_on(world, "0013", "OLT-10/PON3")
    elsewhere = _case_on(world, "0014", "OLT-1/PON3", region="410106")

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/access")

    found = {one.name: {case.number for case in one.cases} for one in page.context["elements"]}
    assert found == {"OLT-1": {port.number, device.number}, "PON3": {port.number}}
    assert elsewhere.number not in page.content.decode()


def test_a_diagnosis_is_walked_step_by_step_and_written_down(world):
    ticket = world.ticket()
    agent = world.as_("agent")
    here = f"/console/tickets/{ticket.number}/diagnosis"

    assert "broadband" in {
        one.code for one in agent.get(f"/console/tickets/{ticket.number}/access").context["checks"]
    }
    first = agent.get(here, {"check": "broadband"}).context["walk"]
    taken, option = first.options[0]
    after = agent.get(here, {"check": "broadband", "path": taken}).context
    assert after["walk"].walked == ((first.step, option),)
    assert after["points_to"] == option.category

    agent.post(here, {"operation_key": str(uuid4()), "check": "broadband", "path": taken})

    entry = LogEntry.objects.get(ticket__number=ticket.number, type="remote_action")
    assert option.name in entry.text
    assert not entry.public


def test_a_path_that_does_not_exist_is_refused(world):
    ticket = world.ticket()
    here = f"/console/tickets/{ticket.number}/diagnosis"

    assert world.as_("agent").get(here, {"check": "broadband", "path": "9"}).status_code == 409
    assert world.as_("agent").get(here, {"check": "no"}).status_code == 404
