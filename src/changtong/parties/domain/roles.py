"""What each role may do, and how far it sees."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The roles of staff; a person has exactly one."""

    AGENT = "agent"
    DISPATCHER = "dispatcher"
    TECHNICIAN = "technician"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    ARCHIVIST = "archivist"
    AUDITOR = "auditor"
    MANAGER = "manager"
    COMPLIANCE = "compliance"
    ADMINISTRATOR = "administrator"


class Reach(StrEnum):
    """How far a role sees: what is its own, its team's, its region's, or everything."""

    OWN = "own"
    TEAM = "team"
    REGION = "region"
    ALL = "all"


_DESK = frozenset(
    {
        "tickets.view",
        "tickets.open",
        "tickets.accept",
        "tickets.work",
        "tickets.resolve",
        "tickets.close",
        "customers.view",
        "customers.correct",
        "dispatch.claim",
        "standard.view",
        "feedback.record",
        "knowledge.view",
        "knowledge.write",
    }
)

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.AGENT: _DESK,
    Role.DISPATCHER: frozenset(
        {
            "tickets.view",
            "tickets.accept",
            "customers.view",
            "dispatch.view",
            "dispatch.assign",
            "knowledge.view",
            "standard.view",
        }
    ),
    Role.TECHNICIAN: frozenset(
        {
            "tickets.view",
            "tickets.work",
            "tickets.resolve",
            "dispatch.claim",
            "dispatch.own",
            "knowledge.view",
            "knowledge.write",
            "standard.view",
        }
    ),
    Role.LEADER: _DESK
    | {
        "dispatch.view",
        "dispatch.assign",
        "dispatch.own",
        "roster.plan",
        "staff.view",
        "staff.qualify",
        "customers.grade",
        "dashboard.view",
        "knowledge.publish",
        "feedback.follow_up",
        "tickets.approve_pause",
        "tickets.compensate",
    },
    Role.SUPERVISOR: frozenset(
        {
            "tickets.view",
            "tickets.approve_pause",
            "tickets.close",
            "tickets.compensate",
            "customers.view",
            "dispatch.view",
            "dashboard.view",
            "knowledge.view",
            "knowledge.write",
            "knowledge.publish",
            "standard.view",
            "standard.review",
            "feedback.follow_up",
            "feedback.view",
            "announcements.publish",
            "archive.view",
        }
    ),
    Role.ARCHIVIST: frozenset(
        {
            "tickets.view",
            "archive.view",
            "archive.verify",
            "knowledge.view",
            "standard.view",
            "journal.view",
        }
    ),
    Role.AUDITOR: frozenset(
        {
            "tickets.view",
            "archive.view",
            "archive.verify",
            "journal.view",
            "journal.verify",
            "knowledge.view",
            "standard.view",
            "dashboard.view",
            "feedback.view",
        }
    ),
    Role.MANAGER: frozenset(
        {
            "tickets.view",
            "customers.view",
            "customers.correct",
            "customers.grade",
            "dispatch.view",
            "roster.plan",
            "staff.view",
            "staff.qualify",
            "dashboard.view",
            "knowledge.view",
            "knowledge.publish",
            "standard.view",
            "standard.review",
            "standard.approve",
            "standard.publish",
            "feedback.view",
            "archive.view",
        }
    ),
    # Nobody approves what they wrote themselves; the operation and the database see to that.
    Role.COMPLIANCE: frozenset(
        {
            "tickets.view",
            "dashboard.view",
            "knowledge.view",
            "knowledge.write",
            "standard.view",
            "standard.draft",
            "standard.review",
            "standard.approve",
            "standard.publish",
            "archive.view",
            "journal.view",
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            "staff.view",
            "staff.manage",
            "staff.qualify",
            "knowledge.view",
            "standard.view",
            "tokens.manage",
            # For the token of the telephone system; no screen asks for it.
            "calls.announce",
        }
    ),
}

REACH: dict[Role, Reach] = {
    Role.AGENT: Reach.REGION,
    Role.DISPATCHER: Reach.REGION,
    Role.TECHNICIAN: Reach.OWN,
    Role.LEADER: Reach.TEAM,
    Role.SUPERVISOR: Reach.REGION,
    Role.ARCHIVIST: Reach.REGION,
    Role.AUDITOR: Reach.ALL,
    Role.MANAGER: Reach.REGION,
    Role.COMPLIANCE: Reach.REGION,
    Role.ADMINISTRATOR: Reach.OWN,
}

ALL_PERMISSIONS = frozenset().union(*PERMISSIONS.values())


@dataclass(frozen=True, slots=True)
class Viewer:
    """
    Somebody who looks at or changes something, with the scope that every query applies.

    A customer is a viewer without role or permissions who reaches only their own.
    """

    actor: str
    reach: Reach
    permissions: frozenset[str]
    staff_id: int | None = None
    region_path: str = ""
    team_ids: tuple[int, ...] = ()
    phone: str = ""

    def may(self, permission: str) -> bool:
        """Say whether the permission is held."""
        return permission in self.permissions
