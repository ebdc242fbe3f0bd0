from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema
from pydantic import AwareDatetime

from changtong.web.api.v1.schemas.shared import TICKET, Strict, example


ORDER = {
    "number": "PD20261122-000031",
    "ticket": TICKET,
    "state": "acknowledged",
    "mode": "field",
    "team": "T-4101-F",
    "technician": "410021",
    "starts_at": "2026-11-22T14:30:00Z",
    "ends_at": "2026-11-22T16:00:00Z",
    "clause": "5.2",
    "reason": {
        "by": "automatic",
        "skill": "broadband_maintenance",
        "chosen": {"staff": "410021", "name": "赵强", "team": "T-4101-F", "open": 1},
        "others": [
            {
                "staff": "410022",
                "name": "钱伟",
                "team": "T-4101-F",
                "open": 6,
                "reason": "at_capacity",
            }
        ],
    },
}
QUALIFICATION = {"skill": "broadband_maintenance", "expires_on": "2027-06-30"}
PERSON = {
    "number": "410021",
    "name": "赵强",
    "role": "technician",
    "region": "4101",
    "is_active": True,
    "teams": ["T-4101-F"],
    "qualifications": [QUALIFICATION],
    "actor": "staff:7",
}
TEAM = {"code": "T-4101-F", "name": "郑州装维一班", "region": "4101", "mode": "field"}


class Assignment(Strict):
    """
    To whom: a person, a team whose members may claim it, or, with neither, whoever the standard
    finds. A reason is needed unless the choice is left to the standard.
    """

    model_config = example({"staff_number": "410021", "reason": "熟悉这个小区"}, {})

    staff_number: str = Field(default="", max_length=24, description="See /staff.")
    team_code: str = Field(default="", max_length=24, description="See /teams.")
    reason: str = Field(default="", max_length=500)


class Appointment(Strict):
    """
    Another time for a visit. Asked for by the customer, it is one of the slots on offer, and
    promises wait for it; otherwise a reason is needed.
    """

    model_config = example(
        {"starts_at": "2026-11-23T02:00:00Z", "for_customer": True},
        {"starts_at": "2026-11-23T02:30:00Z", "reason": "备件未到"},
    )

    starts_at: AwareDatetime
    for_customer: bool = False
    reason: str = Field(default="", max_length=200)


class SlotBody(Schema):
    """A time at which the visit could take place instead."""

    model_config = example(
        {"starts_at": "2026-11-23T01:00:00Z", "ends_at": "2026-11-23T02:30:00Z"}
    )

    starts_at: datetime
    ends_at: datetime


class WorkOrderBody(Schema):
    """
    One piece of work. `reason` says who was chosen and why, and why not the `others`: people by
    staff number, teams by code.
    """

    model_config = example(ORDER)

    number: str
    ticket: str
    state: str
    mode: str
    team: str | None
    technician: str | None = Field(description="Staff number.")
    starts_at: datetime | None
    ends_at: datetime | None
    clause: str
    reason: dict[str, Any]


class AlarmBody(Schema):
    """Nobody was available: for whom, and why not each of those considered."""

    model_config = example(
        {
            "ticket": TICKET,
            "raised_at": "2026-11-22T13:19:00Z",
            "tried_at": "2026-11-22T13:24:00Z",
            "acknowledged_at": None,
            "clause": "5.4",
            "reasons": {"by": "automatic", "chosen": None, "counts": {"off_shift": 3}},
        }
    )

    ticket: str
    raised_at: datetime
    tried_at: datetime
    acknowledged_at: datetime | None
    clause: str
    reasons: dict[str, Any]


class QualificationBody(Schema):
    model_config = example(QUALIFICATION)

    skill: str
    expires_on: date


class StaffBody(Schema):
    """A member of staff; `actor` is how log and journal name them."""

    model_config = example(PERSON)

    number: str
    name: str
    role: str
    region: str
    is_active: bool
    teams: list[str]
    qualifications: list[QualificationBody]
    actor: str


class StaffPage(Schema):
    model_config = example({"items": [PERSON], "next": None})

    items: list[StaffBody]
    next: str | None


class TeamBody(Schema):
    model_config = example(TEAM)

    code: str
    name: str
    region: str
    mode: str


class TeamPage(Schema):
    model_config = example({"items": [TEAM], "next": None})

    items: list[TeamBody]
    next: str | None


class Me(Schema):
    """For whom the token acts, what it may do and how far it sees."""

    model_config = example(
        {
            "number": "410011",
            "name": "李晓雯",
            "role": "agent",
            "region": "4101",
            "reach": "region",
            "permissions": ["tickets.open", "tickets.view"],
            "actor": "staff:3",
        }
    )

    number: str
    name: str
    role: str
    region: str
    reach: str
    permissions: list[str]
    actor: str
