from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import people
from tests.factories.intake import build_town, report

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.kernel.errors import Missing, Refused
from changtong.parties import queries as staff
from changtong.parties.domain.roles import Role
from changtong.workspace.domain import views
from changtong.workspace.operations import views as operations
from changtong.workspace.queries import views as queries


pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return build_town()


def viewer(role=Role.AGENT, username="a1"):
    return staff.viewer_of(people.staff(username, role, region="410105"))


def opened(town, **changes):
    changes.setdefault("category", "fault.broadband.no_link")
    return intake.receive(
        report=report(**changes),
        line_number=town.line.number,
        actor="staff:1",
        at=now(),
        anyway=True,
        by_agent=True,
    ).ticket


def shown(viewer, **conditions):
    view = views.read({"conditions": conditions})
    return {one.number for one in queries.seen_through(view, viewer, at=now())}


def test_a_view_holds_what_meets_every_condition(town):
    ticket = opened(town)
    agent = viewer()

    assert ticket.number in shown(agent, kind=["fault"], category=["fault.broadband"])
    assert ticket.number in shown(agent, due_at=["some"], opened_at=["-1h", "-24h"])
    assert ticket.number in shown(agent, assignee_id=["nobody"])
    assert ticket.number not in shown(agent, kind=["fault"], state=["held"])
    assert ticket.number not in shown(agent, category=["fault.broad"])
    assert ticket.number not in shown(agent, assignee_id=["me"])
    assert ticket.number not in shown(agent, due_at=["past"])


@pytest.mark.parametrize("field", sorted(views.FIELDS))
def test_every_field_can_be_asked_for(town, field):
    agent = viewer()
    samples = {"moment": views.MOMENTS, "who": (*views.WHO, "1"), "count": ("1",)}

    for value in samples.get(views.FIELDS[field], ("x",)):
        assert isinstance(shown(agent, **{field: [value]}), set)


def test_a_view_shows_nobody_more_than_they_may_see(town):
    ticket = opened(town)
    administrator = viewer(Role.ADMINISTRATOR, "adm")

    assert ticket.number not in shown(administrator, kind=["fault"])


def test_a_view_is_its_owners_own(town):
    mine, yours = viewer(), viewer(username="a2")
    view = operations.keep(viewer=mine, name="今天", shows={}, at=now())

    assert [one.pk for one in queries.of(mine)] == [view.pk]
    assert queries.of(yours) == []
    with pytest.raises(Missing) as missing:
        operations.drop(viewer=yours, view_id=view.pk)
    assert missing.value.code == "view.unknown"


def test_only_a_leader_shares_with_the_team(town):
    leader, member = people.staff("l1", Role.LEADER), people.staff("m1", Role.AGENT)
    team = people.team("T-VIEW", leader, member)
    at = now()

    with pytest.raises(Refused) as refused:
        operations.keep(
            viewer=staff.viewer_of(member), name="班组", shows={}, team_id=team.pk, at=at
        )
    view = operations.keep(
        viewer=staff.viewer_of(leader), name="班组", shows={}, team_id=team.pk, at=at
    )

    assert refused.value.code == "view.team_not_led"
    assert [one.pk for one in queries.of(staff.viewer_of(member))] == [view.pk]
    with pytest.raises(Refused) as refused:
        operations.drop(viewer=staff.viewer_of(member), view_id=view.pk)
    assert refused.value.code == "view.team_not_led"


def test_a_name_is_given_once_and_views_are_limited(town):
    mine = viewer()
    operations.keep(viewer=mine, name="今天", shows={}, at=now())
    with pytest.raises(Refused) as refused:
        operations.keep(viewer=mine, name="今天", shows={}, at=now() + timedelta(minutes=1))
    assert refused.value.code == "view.name_taken"
    for place in range(queries.VIEWS_AT_MOST - 1):
        operations.keep(viewer=mine, name=f"第{place}个", shows={}, at=now())
    with pytest.raises(Refused) as refused:
        operations.keep(viewer=mine, name="多一个", shows={}, at=now())
    assert refused.value.code == "view.too_many"
