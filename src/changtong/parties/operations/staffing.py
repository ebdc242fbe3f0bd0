"""What changes for people who work here: role and place, proofs, teams."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.catalog import queries as catalog
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.languages import LANGUAGES
from changtong.parties.domain.roles import Role
from changtong.parties.models import Membership, Qualification, Staff, Team


@transaction.atomic
def transfer(*, staff_id: int, role: str, region_code: str, actor: str, at: datetime) -> Staff:
    """
    Give somebody another role or place; what they may do changes with their next request.

    :raises Refused: ``staff.role_unknown``, ``staff.own_role``
    :raises Missing: ``staff.unknown``, ``region.unknown``
    """
    if role not in set(Role):
        raise Refused("staff.role_unknown", role=role)
    person = _locked(staff_id)
    if person.actor == actor:
        raise Refused("staff.own_role")
    region = catalog.region(region_code)
    before = {"role": person.role, "region": person.region.code}
    after = {"role": role, "region": region.code}
    if before == after:
        return person
    person.role, person.region = role, region
    person.save(update_fields=["role", "region"])
    journal.record(
        tag="staff.transferred",
        subject=person.actor,
        actor=actor,
        at=at,
        before=before,
        after=after,
    )
    return person


@transaction.atomic
def speak(*, staff_id: int, language: str) -> None:
    """
    Keep the language somebody has chosen for their screens and for what is sent to them.

    :raises Refused: ``staff.language_unknown``
    :raises Missing: ``staff.unknown``
    """
    if language not in {"", *LANGUAGES}:
        raise Refused("staff.language_unknown", language=language)
    person = _locked(staff_id)
    person.language = language
    person.save(update_fields=["language"])


@transaction.atomic
def disqualify(
    *, staff_id: int, qualification_id: int, reason: str, actor: str, at: datetime
) -> None:
    """
    Withdraw a qualification, from now on; the journal keeps that it was held.

    :raises Refused: ``qualification.unreasoned``
    :raises Missing: ``qualification.unknown``
    """
    if not reason.strip():
        raise Refused("qualification.unreasoned")
    held = (
        Qualification.objects.select_for_update()
        .select_related("staff")
        .filter(pk=qualification_id, staff_id=staff_id)
        .first()
    )
    if held is None:
        raise Missing("qualification.unknown")
    held.delete()
    journal.record(
        tag="staff.disqualified",
        subject=held.staff.actor,
        actor=actor,
        at=at,
        skill=held.skill,
        certificate=held.certificate,
        expires_on=held.expires_on.isoformat(),
        reason=reason,
    )


@transaction.atomic
def join(*, team_id: int, staff_id: int, is_leader: bool, actor: str, at: datetime) -> None:
    """
    Put somebody into a team, or let a member lead it or no longer lead it.

    :raises Refused: ``staff.inactive``
    :raises Missing: ``team.unknown``, ``staff.unknown``
    """
    team, person = _team(team_id), _locked(staff_id)
    if not person.is_active:
        raise Refused("staff.inactive", name=person.name)
    Membership.objects.update_or_create(team=team, staff=person, defaults={"is_leader": is_leader})
    journal.record(
        tag="team.joined",
        subject=f"team:{team.pk}",
        actor=actor,
        at=at,
        staff=person.pk,
        is_leader=is_leader,
    )


@transaction.atomic
def part(*, team_id: int, staff_id: int, actor: str, at: datetime) -> None:
    """
    Take somebody out of a team; what they hold stays theirs.

    :raises Missing: ``team.unknown``, ``staff.unknown`` if they are not in it
    """
    team = _team(team_id)
    found, _by_model = Membership.objects.filter(team=team, staff_id=staff_id).delete()
    if not found:
        raise Missing("staff.unknown", staff=staff_id)
    journal.record(
        tag="team.parted", subject=f"team:{team.pk}", actor=actor, at=at, staff=staff_id
    )


@transaction.atomic
def rename(*, team_id: int, name: str, actor: str, at: datetime) -> Team:
    """
    Give a team another name; its code stays.

    :raises Missing: ``team.unknown``
    """
    team = _team(team_id)
    before, team.name = team.name, name
    team.save(update_fields=["name"])
    journal.record(
        tag="team.renamed",
        subject=f"team:{team.pk}",
        actor=actor,
        at=at,
        before=before,
        after=name,
    )
    return team


def _locked(staff_id: int) -> Staff:
    found = Staff.objects.select_for_update(of=("self",)).select_related("region")
    person = found.filter(pk=staff_id).first()
    if person is None:
        raise Missing("staff.unknown", staff=staff_id)
    return person


def _team(team_id: int) -> Team:
    team = Team.objects.select_for_update().filter(pk=team_id).first()
    if team is None:
        raise Missing("team.unknown", team=team_id)
    return team
