"""Everybody and everything that a story needs to happen, as of this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.factories import people, worlds

from changtong.dispatch.operations import rostering
from changtong.infra.clock import now
from changtong.kernel.time import Period
from changtong.parties import operations as parties
from changtong.parties.domain.roles import Role


PHONE = "13800001111"
EMAIL = "wang@example.cn"


@dataclass(frozen=True)
class Cast:
    """One district at work: a technician outside, an agent at the desk, a supervisor."""

    district: worlds.District
    technician: Any
    agent: Any
    supervisor: Any
    compliance: Any
    manager: Any
    customer: Any
    line: Any


def assemble() -> Cast:
    """Publish the standard and put a district to work on it."""
    edition = worlds.publish_standard()
    at = now() - timedelta(hours=2)
    by: dict[str, Any] = {"actor": "system:test", "at": at}
    district = worlds.build_district(
        "花园", "410105", phone=PHONE, customer="王芳", email=EMAIL, roles=()
    )
    skills = sorted({one.code for one in worlds.editions.read(edition.pk).skills})
    made = {}
    names = {
        Role.TECHNICIAN: "李强",
        Role.AGENT: "赵敏",
        Role.SUPERVISOR: "周慧",
        Role.COMPLIANCE: "沈致远",
        Role.MANAGER: "梁启航",
    }
    for role, name in names.items():
        person = parties.employ(
            username=str(role),
            number=f"G-{role}",
            name=name,
            role=role,
            region_code="410105",
            password=people.PASSWORD,
            **by,
        )
        made[role] = person
    on_duty = [
        Period(at, at + timedelta(hours=12)),
        Period(at + timedelta(hours=12), at + timedelta(hours=24)),
    ]
    for role, mode in ((Role.TECHNICIAN, "field"), (Role.AGENT, "desk")):
        fit = skills if mode == "desk" else ["broadband_maintenance"]
        people.qualified(made[role], *fit)
        rostering.plan_shifts(staff_id=made[role].pk, periods=on_duty, **by)
        people.team(
            f"花园{'装维' if mode == 'field' else '客服'}", made[role], mode=mode, region="410105"
        )
    for index, type_ in enumerate(("optical_power_meter", "speed_tester")):
        rostering.register_resource(
            code=f"YQ-{index}",
            kind="instrument",
            type_=type_,
            name="光功率计" if index == 0 else "测速仪",
            region=district.customer.region,
            **by,
        )
    return Cast(
        district,
        made[Role.TECHNICIAN],
        made[Role.AGENT],
        made[Role.SUPERVISOR],
        made[Role.COMPLIANCE],
        made[Role.MANAGER],
        district.customer,
        district.line,
    )
