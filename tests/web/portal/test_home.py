"""The first page: how my lines are, and what everybody here is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import people
from tests.factories.intake import PHONE, build_town
from tests.web.portal.test_portal import STRANGER, prove, submit, ticket_of

from changtong.feedback import queries
from changtong.feedback.models import Notification
from changtong.feedback.operations import announcing, spreading
from changtong.infra.clock import now
from changtong.journal import queries as journal
from changtong.kernel.errors import Refused
from changtong.parties import operations as parties_changing
from changtong.parties import queries as parties


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


@pytest.fixture
def supervisor(town):
    person = people.staff("boss", "supervisor", region="410105")
    return parties.viewer_of_staff(person.pk)


def announced(supervisor, **given):
    at = now()
    values = {
        "kind": "outage",
        "text": "光缆被挖断，正在抢修",
        "region_codes": ["410105"],
        "families": ["broadband"],
        "starts_at": at - timedelta(hours=1),
        "ends_at": at + timedelta(hours=3),
        "clause": "16.2",
        "viewer": supervisor,
        "at": at,
    }
    return announcing.announce(**values | given)


def states(client):
    return [one.state for one in client.get("/").context["health"]]


def test_a_line_is_well_until_a_fault_of_it_is_open(client, town):
    prove(client, PHONE)
    assert states(client) == ["well"]

    ticket = ticket_of(town)

    page = client.get("/")
    assert states(client) == ["fault"]
    assert ticket.number in page.content.decode()
    assert "承诺" in page.content.decode()


def test_an_outage_is_told_instead_of_the_form_until_it_is_over(client, town, supervisor):
    made = announced(supervisor)
    prove(client, PHONE)

    assert states(client) == ["outage"]
    known = client.get("/portal/report/fault?line=KD0001").content.decode()
    other = client.get("/portal/report/fault?line=KD0001&other=1").content.decode()
    announcing.end(announcement_id=made.pk, viewer=supervisor, at=now())

    assert "光缆被挖断" in known
    assert 'name="title"' not in known
    assert 'name="title"' in other
    assert states(client) == ["well"]


def test_works_that_are_planned_are_told_and_disturb_nothing(client, town, supervisor):
    at = now()
    announced(
        supervisor,
        kind="works",
        starts_at=at + timedelta(days=1),
        ends_at=at + timedelta(days=1, hours=2),
    )
    prove(client, PHONE)

    assert states(client) == ["well"]
    assert "将要施工" in client.get("/").content.decode()
    assert 'name="title"' in client.get("/portal/report/fault?line=KD0001").content.decode()


def test_other_services_and_strangers_are_not_told(client, town, supervisor):
    announced(supervisor, families=["mobile"])
    prove(client, PHONE)
    assert states(client) == ["well"]

    prove(client, STRANGER)
    assert "光缆" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": " "}, "announcement.empty"),
        ({"text": "长" * 501}, "announcement.too_long"),
        ({"region_codes": []}, "announcement.nowhere"),
        ({"region_codes": ["41"]}, "announcement.elsewhere"),
        ({"ends_at": now() - timedelta(hours=2)}, "announcement.ends_early"),
        ({"clause": "99.9"}, "clause.unknown"),
    ],
)
def test_what_would_tell_nobody_anything_is_refused(town, supervisor, given, code):
    with pytest.raises(Refused) as refused:
        announced(supervisor, **given)

    assert refused.value.code == code


def test_an_announcement_that_is_over_stays_so(town, supervisor):
    made = announced(supervisor)
    later = made.ends_at + timedelta(hours=2)
    moved = announcing.postpone(
        announcement_id=made.pk, ends_at=later, viewer=supervisor, at=now()
    )
    announcing.end(announcement_id=made.pk, viewer=supervisor, at=now())

    with pytest.raises(Refused, match=r"announcement\.over"):
        announcing.end(announcement_id=made.pk, viewer=supervisor, at=now())
    assert moved.ends_at == later


def test_a_complaint_names_the_matter_it_is_about(client, town):
    ticket = ticket_of(town)
    prove(client, PHONE)

    form = client.get(f"/portal/report/complaint?about={ticket.number}").content.decode()
    answer = submit(
        client,
        "/portal/report/complaint",
        about=ticket.number,
        line="KD0001",
        title="两天没人来",
        contact_name="王芳",
    )

    complaint = answer.url.split("/")[-1].split("?")[0]
    assert ticket.number in form
    assert ticket.log.get().details == {"complaint": complaint, "about": ticket.number}


def test_a_complaint_about_a_foreign_matter_learns_nothing_of_it(client, town):
    ticket = ticket_of(town)
    prove(client, STRANGER)

    assert client.get(f"/portal/report/complaint?about={ticket.number}").status_code == 404


def outage_messages():
    told = Notification.objects.filter(tag__startswith="announcement.")
    return [(one.tag, one.channel) for one in told.order_by("id")]


def entry_of(tag):
    return journal.latest().filter(tag=tag).first()


def test_whoever_has_a_line_there_is_told_once_how_an_outage_goes_on(client, town, supervisor):
    parties_changing.connect_line(
        number="KD0002",
        customer=town.customer,
        service_code="bb500",
        address="花园路 9 号",
        region_code="410105",
        actor="system:test",
        at=now(),
    )
    made = announced(supervisor)
    later = {"announcement_id": made.pk, "viewer": supervisor, "at": now()}
    announcing.postpone(ends_at=made.ends_at + timedelta(hours=2), **later)
    for _ in range(2):
        spreading.spread(entry=entry_of("announcement.postponed"))
    # A mail is enough for what can wait; and once for a person, however many lines they have.
    assert outage_messages() == [("announcement.postponed", "email")]
    waiting = Notification.objects.get(tag="announcement.postponed")
    assert queries.is_current(waiting)

    announcing.end(**later)
    spreading.spread(entry=entry_of("announcement.ended"))
    assert outage_messages()[1:] == [
        ("announcement.ended", "email"),
        ("announcement.ended", "sms"),
    ]
    assert not queries.is_current(waiting)

    prove(client, PHONE)
    submit(client, "/portal/mine/contact", email="wang@example.cn", language="zh-hans")
    announcing.end(**(later | {"announcement_id": announced(supervisor).pk}))
    spreading.spread(entry=entry_of("announcement.ended"))
    assert len(outage_messages()) == 3
