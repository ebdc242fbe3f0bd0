"""
Who asks, and what each may see: the rule of scope told a second time, without the product's code.

A person sees a ticket because of who they are in relation to it. Written here as plain Python on
loaded rows, it is compared with what the queries of the product answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from tests.factories import people
from tests.factories.worlds import District

from changtong.infra.clock import now
from changtong.parties import operations as parties
from changtong.parties.domain.roles import PERMISSIONS, REACH, Reach, Role
from changtong.web.ui.auth import PORTAL_PHONE


BY: dict[str, Any] = {"actor": "system:test", "at": now() - timedelta(hours=3)}


@dataclass
class Person:
    """Somebody with a way to ask: a session, a token, or nothing."""

    name: str
    client: Client
    headers: dict[str, str] = field(default_factory=dict)
    phone: str = ""
    staff: Any = None
    permissions: frozenset[str] = frozenset()
    team_ids: frozenset[int] = frozenset()
    # Dismissed, or a token that is not valid.
    shut_out: bool = False

    @property
    def is_program(self) -> bool:
        return bool(self.headers)

    @property
    def reach(self) -> Reach:
        return REACH[Role(self.staff.role)]

    @property
    def reach_is_everything(self) -> bool:
        return self.staff is not None and self.reach is Reach.ALL

    def sees(self, ticket: Any) -> bool:
        """Say whether the ticket is this person's to see."""
        if self.staff is None:
            return bool(self.phone) and ticket.contact_phone == self.phone
        entitled = not self.shut_out and "tickets.view" in self.permissions
        if not entitled or ticket.complained_of_id == self.staff.pk:
            return False
        within = ticket.region.path.startswith(self.staff.region.path)
        in_team = ticket.team_id in self.team_ids
        mine = ticket.assignee_id == self.staff.pk
        match self.reach:
            case Reach.ALL:
                found = True
            case Reach.REGION:
                found = within
            case Reach.TEAM:
                found = mine or in_team or (ticket.team_id is None and within)
            case Reach.OWN:
                found = mine or (ticket.assignee_id is None and in_team)
        return found

    def leads_or_oversees(self, district: District) -> bool:
        """Say whether the district's team is this person's to plan."""
        if self.staff is None or self.shut_out:
            return False
        if self.reach is Reach.REGION:
            return district.code.startswith(self.staff.region.path.strip("/").split("/")[-1])
        return self.reach_is_everything or district.team.pk in self.team_ids

    def sees_district(self, district: District) -> bool:
        """Say whether the district's customers are this person's to see."""
        if self.staff is None:
            return self.phone == district.phone
        if self.shut_out:
            return False
        if self.reach is Reach.ALL:
            return True
        within = district.customer.region.path.startswith(self.staff.region.path)
        return "customers.view" in self.permissions and within


def everybody(own: District, other: District) -> list[Person]:
    """Return every principal of the matrix; all stand in the `own` district unless named so."""
    found = [
        Person("anonymous", Client()),
        _customer("customer", own),
        _customer("other customer", other),
    ]
    found += [_session(str(role), own.staff[role]) for role in Role]
    strangers = (Role.AGENT, Role.TECHNICIAN, Role.LEADER, Role.DISPATCHER, Role.SUPERVISOR)
    found += [_session(f"foreign {role}", other.staff[role]) for role in strangers]
    found += [_session(f"{role} of another team", one) for role, one in _another_team(own).items()]
    dismissed = _session("dismissed", _hired("dismissed", Role.AGENT, own))
    parties.dismiss(staff_id=dismissed.staff.pk, **BY)
    dismissed.shut_out = True
    found.append(dismissed)
    found += [_program(f"token of {role}", own.staff[role]) for role in Role]
    found += [_program(f"token of foreign {role}", other.staff[role]) for role in strangers]
    found.append(_program("token without scopes", own.staff[Role.LEADER], scopes=frozenset()))
    fired = _program("token of dismissed", _hired("fired", Role.AGENT, own))
    parties.dismiss(staff_id=fired.staff.pk, **BY)
    fired.shut_out = True
    forged = Person("forged token", Client(), {"authorization": "Bearer ct_forged"}, shut_out=True)
    return [*found, fired, forged]


def accused(own: District) -> list[Person]:
    """Return people of wide reach about whom a customer complains."""
    found = []
    for role in (Role.AGENT, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR):
        person = _hired(f"accused-{role}", role, own)
        found.append(_session(f"accused {role}", person))
        found.append(_program(f"token of accused {role}", person))
    return found


def _hired(username: str, role: Role, district: District) -> Any:
    return people.staff(username, role, region=district.code)


def _another_team(own: District) -> dict[Role, Any]:
    made = {role: _hired(f"second-{role}", role, own) for role in (Role.LEADER, Role.TECHNICIAN)}
    people.team("second", *made.values(), mode="field", region=own.code)
    return made


def _customer(name: str, district: District) -> Person:
    client = Client()
    session = client.session
    session[PORTAL_PHONE] = district.phone
    session.save()
    return Person(name, client, phone=district.phone)


def _session(name: str, staff: Any) -> Person:
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return Person(
        name,
        client,
        staff=staff,
        permissions=PERMISSIONS[Role(staff.role)],
        team_ids=frozenset(one.team_id for one in staff.memberships.all()),
    )


def _program(name: str, staff: Any, *, scopes: frozenset[str] | None = None) -> Person:
    held = PERMISSIONS[Role(staff.role)]
    granted = held if scopes is None else scopes
    _token, secret = parties.issue_token(
        staff=staff, name=name, scopes=sorted(granted), valid_for=timedelta(days=1), **BY
    )
    return Person(
        name,
        Client(),
        {"authorization": f"Bearer {secret}"},
        staff=staff,
        permissions=held & granted,
        team_ids=frozenset(one.team_id for one in staff.memberships.all()),
    )
