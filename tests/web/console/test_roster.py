"""The roster of a week: planned, moved, given up, and what that does to appointments."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from tests.web.console.conftest import posted

from changtong.dispatch.models import Leave, Shift
from changtong.dispatch.queries import rosters
from changtong.infra.clock import now
from changtong.journal.models import Entry


@pytest.fixture
def monday() -> date:
    """Return a Monday that is still to come."""
    today = rosters.midnight(now().date()).date()
    return today + timedelta(days=14 - today.weekday())


def _duties(person) -> list[tuple[datetime, datetime | None]]:
    Shift.objects.filter(staff=person, period__upper_inf=True).delete()
    found = Shift.objects.filter(staff=person).order_by("period")
    return [(one.period.lower, one.period.upper) for one in found]


def _at(day: date, hour: int) -> datetime:
    return rosters.midnight(day) + timedelta(hours=hour)


def _named(day: date, start: int, end: int) -> str:
    return f"{_at(day, start).isoformat()}/{_at(day, end).isoformat()}"


def test_a_leader_plans_a_week_and_sees_when_nobody_is_there(world, monday):
    person = world.staff["technician"]
    Shift.objects.all().delete()
    leader = world.as_("leader")
    cell = f"/console/roster/{person.pk}/{monday}"

    planned = posted(leader, cell, starts="08:00", ends="17:00")
    again = posted(leader, cell, starts="09:00", ends="12:00")
    night = posted(
        leader,
        f"/console/roster/{person.pk}/{monday + timedelta(1)}",
        starts="20:00",
        ends="06:00",
    )
    page = leader.get("/console/roster", {"day": monday})

    assert (planned.status_code, again.status_code, night.status_code) == (303, 409, 303)
    week = page.context["weeks"][0]
    row = next(one for one in week.rows if one.one.person == person)
    assert [[chip.words for chip in cell.chips] for cell in row.cells][:3] == [
        ["08:00–17:00"],
        ["20:00–次日06:00"],
        [],
    ]
    assert row.hours == 19
    assert [gaps for _day, gaps in week.gaps][:2] == [("17:00–20:00",), ("08:00–20:00",)]
    assert leader.get(cell).context["usual"] == [(time(8), time(17)), (time(20), time(6))]

    following = monday + timedelta(days=7)
    for _ in range(2):
        posted(leader, "/console/roster/repetition", day=following.isoformat(), team_code="field")
    assert _duties(person)[2:] == [
        (_at(following, 8), _at(following, 17)),
        (_at(following + timedelta(1), 20), _at(following + timedelta(2), 6)),
    ]


def test_a_change_leads_back_to_the_one_team_that_was_looked_at(world, monday):
    Shift.objects.all().delete()
    leader = world.as_("leader")
    cell = f"/console/roster/{world.staff['technician'].pk}/{monday}"
    page = f"/console/roster?day={monday}"
    htmx = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}&team_code=field"}
    browser = {"Referer": f"http://testserver{page}&team_code=unheard-of"}

    from_team = leader.post(
        cell,
        {"starts": "08:00", "ends": "10:00", "operation_key": str(uuid.uuid4())},
        headers=htmx,
    )
    from_all = leader.post(
        cell,
        {"starts": "11:00", "ends": "12:00", "operation_key": str(uuid.uuid4())},
        headers=browser,
    )

    assert from_team["HX-Redirect"] == f"{page}&team_code=field"
    assert from_all["Location"] == page


def test_what_a_removal_does_to_appointments_is_shown_before_it_is_done(world, monday):
    person = world.staff["technician"]
    Shift.objects.filter(staff=person).delete()
    leader = world.as_("leader")
    today = rosters.midnight(now().date()).date()
    posted(leader, f"/console/roster/{person.pk}/{monday}", starts="08:00", ends="18:00")
    ticket, order = world.assigned()
    _book(order, person, monday)
    removal = f"/console/roster/{person.pk}/{monday}/removal"
    was = _named(monday, 8, 18)

    asked = leader.get(removal, {"was": was})
    unseen = posted(leader, removal, was=was)
    assert [one.appointment.ticket for one in asked.context["outcomes"]] == [ticket.number]
    assert asked.context["outcomes"][0].words
    assert unseen.status_code == 422
    assert _duties(person) == [(_at(monday, 8), _at(monday, 18))]

    # Hours in which the visit still lies cost no question; others do.
    change = f"/console/roster/{person.pk}/{monday}/change"
    assert posted(leader, change, was=was, starts="08:00", ends="16:00").status_code == 303
    was = _named(monday, 8, 16)
    assert posted(leader, change, was=was, starts="12:00", ends="16:00").status_code == 422

    done = posted(leader, removal, was=was, then="keep")
    assert done.status_code == 303
    assert _duties(person) == []
    order.refresh_from_db()
    assert (order.state, order.technician_id) == ("acknowledged", person.pk)
    entry = Entry.objects.filter(tag="shift.dropped").latest("pk")
    assert (entry.subject, entry.actor) == (person.actor, world.staff["leader"].actor)
    assert leader.get(f"/console/roster/{person.pk}/{today}").status_code == 200


def test_leave_cuts_a_standing_duty_and_nothing_is_planned_in_it(world, monday):
    person = world.staff["technician"]
    leader = world.as_("leader")
    cell = f"/console/roster/{person.pk}/{monday}"
    given = {"first": monday, "last": monday + timedelta(1), "away_for": "annual"}

    assert posted(leader, f"{cell}/leave", **given).status_code == 303
    assert posted(leader, cell, starts="08:00", ends="17:00").status_code == 409
    assert posted(leader, f"{cell}/leave", **given).status_code == 409

    found = Shift.objects.filter(staff=person).order_by("period")
    assert [(one.period.lower, one.period.upper) for one in found][1:] == [
        (_at(monday + timedelta(2), 0), None)
    ]
    assert found[0].period.upper == _at(monday, 0)
    page = leader.get("/console/roster", {"day": monday})
    row = next(one for one in page.context["weeks"][0].rows if one.one.person == person)
    assert [cell.leave for cell in row.cells][:3] == ["年休假", "年休假", ""]

    assert posted(leader, f"{cell}/leave/withdrawal").status_code == 303
    assert not Leave.objects.exists()
    assert posted(leader, cell, starts="08:00", ends="17:00").status_code == 303


def test_only_their_own_people_and_only_what_is_to_come(world, monday):
    stranger, own = world.staff["agent"], world.staff["technician"]
    leader = world.as_("leader")
    yesterday = rosters.midnight(now().date()).date() - timedelta(days=2)

    assert leader.get(f"/console/roster/{stranger.pk}/{monday}").status_code == 404
    assert world.as_("dispatcher").get(f"/console/roster/{own.pk}/{monday}").status_code == 403
    assert world.as_("dispatcher").get("/console/roster").context["plans"] is False
    over = posted(leader, f"/console/roster/{own.pk}/{yesterday}", starts="08:00", ends="17:00")
    assert over.status_code == 409


def _book(order, person, day: date) -> None:
    order.bookings.all().delete()
    order.bookings.create(staff=person, period=DateTimeTZRange(_at(day, 9), _at(day, 10)))
