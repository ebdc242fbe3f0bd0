from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from changtong.infra import hot
from changtong.infra.hot import Compiled, Slot
from changtong.kernel.errors import Missing
from changtong.parties.domain import phones
from changtong.parties.domain.qualifications import Held
from changtong.parties.domain.roles import PERMISSIONS, REACH, Reach, Role, Viewer
from changtong.parties.models import Customer, Line, Membership, Qualification, Staff, Team, Token


MATCHES_AT_MOST = 20


def viewer_of(staff: Staff) -> Viewer:
    """Return what a member of staff may do and how far they see."""
    role = Role(staff.role)
    return Viewer(
        actor=staff.actor,
        reach=REACH[role],
        permissions=PERMISSIONS[role],
        staff_id=staff.pk,
        region_path=staff.region.path,
        team_ids=tuple(staff.memberships.order_by("team_id").values_list("team_id", flat=True)),
    )


def viewer_of_staff(pk: int) -> Viewer | None:
    """Return what the member of staff with this key may do; None if there is none at work."""
    person: Any = _at_work.first(pk=pk)
    if person is None:
        return None
    role = Role(person.role)
    return Viewer(
        actor=person.actor,
        reach=REACH[role],
        permissions=PERMISSIONS[role],
        staff_id=person.pk,
        region_path=person.region.path,
        team_ids=tuple(person.team_ids),
    )


def _teams_of(staff: str) -> ArraySubquery:
    teams = Membership.objects.filter(staff=OuterRef(staff)).order_by("team_id")
    return ArraySubquery(teams.values("team_id"))


# Asked with every request of a person.
_at_work = Compiled(
    lambda: (
        Staff.objects.select_related("region")
        .annotate(team_ids=_teams_of("pk"))
        .filter(pk=Slot("pk"), is_active=True)
    )
)


@dataclass(frozen=True, slots=True)
class AtWork:
    """A member of staff with what they may do now, and what their sessions must carry."""

    viewer: Viewer
    name: str
    session_hash: str


def at_work(pks: Iterable[int]) -> dict[int, AtWork]:
    """Return those of the members of staff who are at work, by key, in one question."""
    found: list[Any] = _of_them_at_work(pks=sorted(set(pks)))
    return {
        one.pk: AtWork(
            Viewer(
                actor=one.actor,
                reach=REACH[Role(one.role)],
                permissions=PERMISSIONS[Role(one.role)],
                staff_id=one.pk,
                region_path=one.region.path,
                team_ids=tuple(one.team_ids),
            ),
            one.name,
            one.get_session_auth_hash(),
        )
        for one in found
    }


_of_them_at_work = Compiled(
    lambda: (
        Staff.objects.select_related("region")
        .annotate(team_ids=_teams_of("pk"))
        .filter(hot.among("id", Slot("pks")), is_active=True)
    )
)


def viewer_of_phone(phone: str) -> Viewer:
    """Return a customer who has proved that the number is theirs."""
    return Viewer(actor=f"phone:{phone}", reach=Reach.OWN, permissions=frozenset(), phone=phone)


def viewer_of_token(secret: str, *, at: datetime) -> Viewer | None:
    """Return whom a token acts for, within its scopes; None if it is unknown, old or revoked."""
    found: Any = _valid_token.first(digest=token_digest(secret), at=at)
    if found is None:
        return None
    staff_id, role_, scopes, region_path, team_ids = found
    role = Role(role_)
    return Viewer(
        actor=Staff.actor_of(staff_id),
        reach=REACH[role],
        permissions=PERMISSIONS[role] & frozenset(scopes),
        staff_id=staff_id,
        region_path=region_path,
        team_ids=tuple(team_ids),
    )


# Asked with every request of a program.
_valid_token = Compiled(
    lambda: (
        Token.objects.filter(digest=Slot("digest"), revoked_at=None, expires_at__gt=Slot("at"))
        .filter(staff__is_active=True)
        .values_list(
            "staff_id", "staff__role", "scopes", "staff__region__path", _teams_of("staff")
        )
    )
)


def token_digest(secret: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def customers_visible_to(viewer: Viewer) -> QuerySet[Customer]:
    """Return the customers whose data the viewer may see."""
    if viewer.reach is Reach.ALL:
        return Customer.objects.all()
    if viewer.may("customers.view"):
        return Customer.objects.filter(region__path__startswith=viewer.region_path)
    if viewer.phone:
        return Customer.objects.filter(phone=viewer.phone)
    return Customer.objects.none()


def lines_visible_to(viewer: Viewer) -> QuerySet[Line]:
    """Return the lines whose data the viewer may see."""
    if viewer.reach is Reach.ALL:
        return Line.objects.all()
    if viewer.may("customers.view"):
        return Line.objects.filter(region__path__startswith=viewer.region_path)
    if viewer.phone:
        return Line.objects.filter(Q(customer__phone=viewer.phone) | Q(number=viewer.phone))
    return Line.objects.none()


def lines_matching(viewer: Viewer, text: str) -> list[Line]:
    """Return the first lines that fit a number, a name or part of an address."""
    wanted = text.strip()
    if not wanted:
        return []
    digits = phones.normalized(wanted)
    condition = Q(number=wanted) | Q(customer__number=wanted)
    if digits:
        condition |= Q(number=digits) | Q(customer__phone=digits)
    else:
        condition |= Q(customer__name__contains=wanted) | Q(address__contains=wanted)
    return list(
        lines_visible_to(viewer)
        .filter(condition)
        .select_related("customer", "service", "region")
        .order_by("number")[:MATCHES_AT_MOST]
    )


def elements(resource: str) -> list[tuple[str, str]]:
    """
    Return what a line hangs on, the widest piece first: its name, and the whole resource.

    ``OLT-1/PON3`` is a port, ``PON3``, of a device, ``OLT-1``.
    """
    steps = [one for one in resource.split("/") if one.strip()]
    return [(step, "/".join(steps[: place + 1])) for place, step in enumerate(steps)]


def lines_on(resource: str) -> QuerySet[Line]:
    """Return the lines that hang on a piece of the network, or on a part of it."""
    return Line.objects.filter(
        Q(access_resource=resource) | Q(access_resource__startswith=f"{resource}/")
    )


def customers_matching(viewer: Viewer, text: str) -> list[Customer]:
    """Return the first customers that fit a number, a telephone number or part of a name."""
    wanted = text.strip()
    digits = phones.normalized(wanted)
    condition = Q(number=wanted)
    condition |= Q(phone=digits) if digits else Q(name__contains=wanted)
    found = customers_visible_to(viewer).filter(condition) if wanted else Customer.objects.none()
    return list(found.select_related("region").order_by("number")[:MATCHES_AT_MOST])


def locked_customer(number: str) -> Customer:
    """Return a customer whom nobody else changes until this transaction ends."""
    return Customer.objects.select_for_update().get(number=number)


def locked_line(number: str) -> Line:
    """Return a line that nobody else changes until this transaction ends."""
    return Line.objects.select_for_update().get(number=number)


def line_by_number(number: str) -> Line | None:
    """Return the line with this number or account, if there is one."""
    return (
        Line.objects.select_related("customer", "service", "region").filter(number=number).first()
    )


def customer_by_phone(phone: str) -> Customer | None:
    """Return the customer who can be reached at this number, if there is exactly one."""
    found = list(Customer.objects.filter(phone=phone).select_related("region")[:2])
    return found[0] if len(found) == 1 else None


def staff(pk: int) -> Staff:
    """
    Return one member of staff.

    :raises Staff.DoesNotExist: if there is none
    """
    return Staff.objects.select_related("region").get(pk=pk)


def staff_by_username(username: str) -> Staff:
    """
    Return the member of staff with this account name.

    :raises Missing: ``staff.unknown``
    """
    person = Staff.objects.select_related("region").filter(username__iexact=username).first()
    if person is None:
        raise Missing("staff.unknown", username=username)
    return person


def staff_visible_to(viewer: Viewer) -> QuerySet[Staff]:
    """Return colleagues within the viewer's region, or all for whoever manages staff."""
    rows = Staff.objects.select_related("region").order_by("number")
    if viewer.reach is Reach.ALL or viewer.may("staff.manage"):
        return rows
    return rows.filter(region__path__startswith=viewer.region_path)


def personnel(viewer: Viewer) -> QuerySet[Staff]:
    """Return the people whom the viewer looks after: their teams', their region's, or all."""
    if viewer.reach is Reach.TEAM and not viewer.may("staff.manage"):
        theirs = Membership.objects.filter(team_id__in=viewer.team_ids).values("staff_id")
        return Staff.objects.select_related("region").filter(pk__in=theirs).order_by("number")
    return staff_visible_to(viewer)


def qualifications(staff_id: int) -> list[Qualification]:
    """Return the proofs that somebody holds or held, those that last longest first."""
    return list(Qualification.objects.filter(staff_id=staff_id).order_by("-expires_on", "skill"))


def memberships_of(staff_id: int) -> list[Membership]:
    """Return the teams that somebody is in."""
    found = Membership.objects.filter(staff_id=staff_id).select_related("team__region")
    return list(found.order_by("team__code"))


def teams() -> QuerySet[Team]:
    """Return all teams by code."""
    return Team.objects.select_related("region").order_by("code")


def teams_visible_to(viewer: Viewer) -> QuerySet[Team]:
    """Return the teams of the viewer's region, or all for whoever sees everything."""
    if viewer.reach is Reach.ALL or viewer.may("staff.manage"):
        return teams()
    return teams().filter(region__path__startswith=viewer.region_path)


def require_in_sight(viewer: Viewer, *, staff_id: int | None, team_id: int | None) -> None:
    """
    Check that the person and the team whom a viewer names are theirs to see.

    :raises Missing: ``staff.unknown``, ``team.unknown``, the same whether foreign or not there
    """
    if staff_id is not None and not staff_visible_to(viewer).filter(pk=staff_id).exists():
        raise Missing("staff.unknown", staff=staff_id)
    if team_id is not None and not teams_visible_to(viewer).filter(pk=team_id).exists():
        raise Missing("team.unknown", team=team_id)


def members_of(team: Team) -> QuerySet[Staff]:
    """Return the active members of a team."""
    return Staff.objects.filter(memberships__team=team, is_active=True).order_by("number")


def leaders_of(team_id: int) -> list[Staff]:
    """Return the active leaders of a team."""
    found = Staff.objects.filter(
        memberships__team_id=team_id, memberships__is_leader=True, is_active=True
    )
    return list(found.order_by("number"))


def teams_led_by(staff_id: int | None) -> list[Team]:
    """Return the teams that somebody leads."""
    found = Team.objects.filter(memberships__staff_id=staff_id or 0, memberships__is_leader=True)
    return list(found.order_by("code"))


def in_charge(role: Role, region_path: str) -> list[Staff]:
    """Return the active people of a role whose region lies around a place, the nearest first."""
    codes = [code for code in region_path.split("/") if code]
    around = [f"/{'/'.join(codes[:depth])}/" for depth in range(1, len(codes) + 1)]
    found = Staff.objects.filter(role=role, is_active=True, region__path__in=around)
    return sorted(
        found.select_related("region").order_by("number"),
        key=lambda person: -len(person.region.path),
    )


def memberships_in(team_ids: Iterable[int]) -> QuerySet[Membership]:
    """Return who is in these teams, active or not, with the region of each."""
    return (
        Membership.objects.filter(team_id__in=set(team_ids))
        .select_related("staff__region")
        .order_by("team_id", "staff__number")
    )


def qualifications_of(staff_ids: Iterable[int]) -> dict[int, list[Held]]:
    """Return what each person holds, expired or not."""
    held: dict[int, list[Held]] = {pk: [] for pk in staff_ids}
    for row in Qualification.objects.filter(staff_id__in=held).order_by("staff_id", "valid_from"):
        held[row.staff_id].append(
            Held(skill=row.skill, valid_from=row.valid_from, expires_on=row.expires_on)
        )
    return held


def names_of(staff_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of these members of staff."""
    wanted = sorted(set(staff_ids))
    return dict(_names(staff=wanted)) if wanted else {}


_names = Compiled(
    lambda: Staff.objects.filter(hot.among("id", Slot("staff"))).values_list("pk", "name")
)


def numbers_of(staff_ids: Iterable[int]) -> dict[int, str]:
    """Return the staff numbers of these members of staff."""
    return dict(Staff.objects.filter(pk__in=set(staff_ids)).values_list("pk", "number"))


def team_codes_of(team_ids: Iterable[int]) -> dict[int, str]:
    """Return the codes of these teams."""
    return dict(Team.objects.filter(pk__in=set(team_ids)).values_list("pk", "code"))
