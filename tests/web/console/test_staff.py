"""Staff as those see them who look after them."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories import people
from tests.web.console.conftest import posted

from changtong.infra.clock import now
from changtong.journal.models import Entry
from changtong.parties import operations as parties
from changtong.parties import queries


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


def test_those_who_look_after_people_see_theirs(world):
    listed = {}
    for role in ("leader", "manager"):
        page = world.as_(role).get("/console/staff/", {"team_code": "field"})
        listed[role] = {person.username for person, _held in page.context["people"]}

    assert listed == {role: {"technician-1", "leader-1"} for role in listed}
    assert world.as_("technician").get("/console/staff/").status_code == 403
    agent = world.staff["agent"].pk
    assert world.as_("leader").get(f"/console/staff/{agent}").status_code == 404
    assert world.as_("manager").get(f"/console/staff/{agent}").status_code == 200


def test_a_leader_renews_and_withdraws_a_qualification_with_a_reason(world):
    person, leader = world.staff["technician"], world.as_("leader")
    page = f"/console/staff/{person.pk}"
    proof = {"skill": "fiber_splicing", "certificate": "HT-1", "valid_from": "2026-01-01"}

    wrong = posted(leader, f"{page}/qualifications", **proof, expires_on="2025-01-01")
    right = posted(
        leader,
        f"{page}/qualifications",
        **{**proof, "valid_from": "2020-01-01"},
        expires_on="2021-01-01",
    )
    found = {one["held"].skill: one for one in leader.get(page).context["proofs"]}
    assert (wrong.status_code, right.status_code) == (422, 303)
    assert found["fiber_splicing"]["standing"] == "expired"

    pk = found["fiber_splicing"]["held"].pk
    silent = posted(leader, f"{page}/qualifications/{pk}/withdrawal")
    done = posted(leader, f"{page}/qualifications/{pk}/withdrawal", reason="证书作废")
    assert (silent.status_code, done.status_code) == (409, 303)
    assert not person.qualifications.filter(skill="fiber_splicing").exists()
    entry = Entry.objects.get(tag="staff.disqualified")
    assert (entry.subject, entry.facts["reason"]) == (person.actor, "证书作废")


def test_somebody_leaves_only_when_their_work_is_handed_over(world):
    ticket, _order = world.assigned()
    person, admin = world.staff["technician"], world.as_("administrator")
    page = f"/console/staff/{person.pk}"

    assert posted(admin, f"{page}/dismissal").status_code == 409
    assert admin.get(page).context["count"] == 1
    shown = world.as_("leader").get(page)
    assert [row.ticket.number for row in shown.context["rows"]] == [ticket.number]

    assert posted(world.as_("leader"), f"{page}/handover").status_code == 303
    assert posted(admin, f"{page}/dismissal").status_code == 303
    person.refresh_from_db()
    assert not person.is_active


def test_an_administrator_changes_roles_and_teams_but_not_their_own(world):
    admin, person = world.as_("administrator"), world.staff["agent"]
    own = world.staff["administrator"].pk
    given = {"role": "dispatcher", "region": "41"}

    assert posted(admin, f"/console/staff/{own}/transfer", **given).status_code == 422
    assert posted(admin, f"/console/staff/{person.pk}/transfer", **given).status_code == 303
    person.refresh_from_db()
    assert (person.role, person.region.code) == ("dispatcher", "41")
    assert (
        posted(world.as_("leader"), f"/console/staff/{own}/transfer", **given).status_code == 403
    )

    new = {"code": "second", "name": "二班", "mode": "field", "region": "410105"}
    assert posted(admin, "/console/staff/teams/formation", **new).status_code == 303
    assert posted(admin, "/console/staff/teams/formation", **new).status_code == 422
    assert posted(world.as_("leader"), "/console/staff/teams/formation", **new).status_code == 403
    team = queries.teams().get(code="second")
    posted(admin, f"/console/staff/teams/{team.pk}/members", member=person.pk, leads="on")
    posted(admin, f"/console/staff/teams/{team.pk}/name", name="金水二班")
    assert [one.name for one in queries.teams_led_by(person.pk)] == ["desk", "金水二班"]
    assert (
        posted(admin, f"/console/staff/teams/{team.pk}/parting", member=person.pk).status_code
        == 303
    )
    assert [one.code for one in queries.teams_led_by(person.pk)] == ["desk"]


def test_whoever_sees_no_case_does_not_ask_for_news_of_cases(world):
    assert "data-live-at" not in world.as_("administrator").get("/console/staff/").content.decode()
    assert "data-live-at" in world.as_("leader").get("/console/staff/").content.decode()
