"""One district with everybody who works in it, and tickets brought to where a test needs them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.factories import people
from tests.factories.intake import PHONE, Town, build_town, report

from changtong.dispatch.operations import assigning, rostering, visiting
from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.kernel.time import Period
from changtong.parties.domain.roles import Role
from changtong.standard import queries as standard
from changtong.tickets.operations import closing


BUDGETS = json.loads(
    (Path(__file__).parents[2] / "architecture" / "query_budgets.json").read_text("utf-8")
)
SKILLS = ("customer_care", "complaint_handling", "broadband_maintenance", "counter_service")


@dataclass
class World:
    """The town, its staff by role, and what tests do all the time."""

    town: Town
    staff: dict[str, Any] = field(default_factory=dict)

    def as_(self, role: str) -> Client:
        client = Client()
        client.force_login(self.staff[role])
        return client

    def ticket(self, **changes: Any) -> Any:
        changes.setdefault("category", "fault.broadband.no_link")
        return intake.receive(
            report=report(**changes),
            line_number=self.town.line.number,
            actor=self.staff["agent"].actor,
            at=now(),
            anyway=True,
            by_agent=bool(changes["category"]),
        ).ticket

    def assigned(self, role: str = "technician", **changes: Any) -> Any:
        ticket = self.ticket(**changes)
        order = assigning.assign_to(
            number=ticket.number,
            staff_id=self.staff[role].pk,
            reason="test",
            actor="system:test",
            at=now(),
        )
        return ticket, order

    def in_progress(self, role: str = "technician", **changes: Any) -> Any:
        ticket, order = self.assigned(role, **changes)
        visiting.start(number=order.number, actor=self.staff[role].actor, at=now())
        return ticket, order

    def resolved(self, **changes: Any) -> Any:
        ticket, _order = self.in_progress(**changes)
        edition = standard.read(ticket.edition_id)
        closing.resolve(
            number=ticket.number,
            cause=edition.causes(kind=ticket.kind)[0].code,
            fix=edition.fixes(kind=ticket.kind)[0].code,
            result="已更换尾纤",
            advice="请勿弯折光纤",
            retest_passed=True,
            actor=self.staff["technician"].actor,
            at=now(),
        )
        return ticket


def posted(client: Client, path: str, **fields: Any) -> Any:
    """Submit a form as a browser does, with a fresh operation key."""
    return client.post(path, {"operation_key": str(uuid.uuid4()), **fields})


@pytest.fixture
def world(db: None) -> World:
    made = World(build_town())
    for role in Role:
        person = people.staff(f"{role}-1", role, region="410105")
        made.staff[role.value] = people.qualified(person, *SKILLS)
        rostering.plan_shifts(
            staff_id=person.pk,
            periods=[Period(now() - timedelta(days=2), None)],
            actor="system:test",
            at=now(),
        )
    people.team(
        "field", made.staff["technician"], made.staff["leader"], mode="field", region="410105"
    )
    people.team("desk", made.staff["agent"], region="410105")
    for type_ in ("optical_power_meter", "speed_tester"):
        rostering.register_resource(
            code=type_,
            kind="instrument",
            type_=type_,
            name=type_,
            region=made.town.region,
            actor="system:test",
            at=now(),
        )
    return made


__all__ = ["PHONE", "World", "posted"]
