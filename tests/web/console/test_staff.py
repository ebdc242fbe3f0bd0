"""Staff as an administrator sees them."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories import people

from changtong.infra.clock import now
from changtong.parties import operations as parties


def test_everybody_is_listed_with_how_their_qualifications_stand(world):
    people.qualified(world.staff["technician"], "fiber_splicing", until=date(2021, 1, 1))

    page = world.as_("administrator").get("/console/staff/")

    held = {person.username: found for person, found in page.context["people"]}
    standings = {one.standing for one in held["technician-1"]}
    assert standings == {"valid", "expired"}


def test_teams_show_their_members(world):
    page = world.as_("administrator").get("/console/staff/teams").content.decode()

    assert "technician-1" in page


def test_a_token_shows_its_use_but_not_its_secret(world):
    _token, secret = parties.issue_token(
        staff=world.staff["agent"],
        name="crm",
        scopes=["tickets.view"],
        valid_for=timedelta(days=1),
        actor="system:test",
        at=now(),
    )

    page = world.as_("administrator").get("/console/staff/tokens").content.decode()

    assert "crm" in page
    assert secret not in page


def test_a_manager_does_not_see_accounts(world):
    assert world.as_("manager").get("/console/staff/").status_code == 403
